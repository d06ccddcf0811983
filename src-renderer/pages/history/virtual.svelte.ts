import { createVirtualizer, type SvelteVirtualizer, type VirtualItem } from '@tanstack/svelte-virtual'
import type { Attachment } from 'svelte/attachments'

/** Which rows of a long list are on the screen: `{@attach rows.scroller}` on the element that scrolls. */
export class VirtualRows {
  items = $state.raw<readonly VirtualItem[]>([])
  height = $state(0)
  /** How far it is scrolled, in px. */
  offset = $state(0)
  readonly #options: Parameters<typeof createVirtualizer<HTMLElement, HTMLElement>>[0]
  #element: HTMLElement | null = null
  #virtualizer: SvelteVirtualizer<HTMLElement, HTMLElement> | undefined

  /** @param offset where the list was left */
  constructor(rowHeight: number, paddingStart: number, offset = 0) {
    this.#options = {
      count: 0,
      getScrollElement: () => this.#element,
      estimateSize: () => rowHeight,
      overscan: 5,
      paddingStart,
      initialOffset: offset,
      // The header sticks: a row that is scrolled to must not lie under it.
      scrollPaddingStart: paddingStart
    }
  }

  scroller: Attachment<HTMLElement> = (element) => {
    this.#element = element
    const stop = createVirtualizer(this.#options).subscribe((virtualizer) => {
      this.#virtualizer = virtualizer
      this.items = virtualizer.getVirtualItems()
      this.height = virtualizer.getTotalSize()
      this.offset = virtualizer.scrollOffset ?? 0
    })
    return () => {
      stop()
      this.#virtualizer = undefined
      this.#element = null
    }
  }

  set count(count: number) {
    this.#options.count = count
    this.#virtualizer?.setOptions({ count })
  }

  show(index: number): void {
    this.#virtualizer?.scrollToIndex(index, { align: 'auto' })
  }
  top(): void {
    this.#virtualizer?.scrollToOffset(0)
  }
}

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem
} from '@tanstack/virtual-core'
import type { Attachment } from 'svelte/attachments'

/** Which rows of a long list are on the screen: `{@attach rows.scroller}` on the element that scrolls. */
export class VirtualRows {
  items = $state.raw<readonly VirtualItem[]>([])
  height = $state(0)
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>
  #element: HTMLElement | null = null

  constructor(rowHeight: number, paddingStart: number) {
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>({
      count: 0,
      getScrollElement: () => this.#element,
      estimateSize: () => rowHeight,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      overscan: 5,
      paddingStart,
      // The header sticks: a row that is scrolled to must not lie under it.
      scrollPaddingStart: paddingStart,
      onChange: () => this.#read()
    })
  }

  scroller: Attachment<HTMLElement> = (element) => {
    this.#element = element
    const stop = this.#virtualizer._didMount()
    this.#virtualizer._willUpdate()
    this.#read()
    return () => {
      stop()
      this.#element = null
    }
  }

  set count(count: number) {
    this.#virtualizer.setOptions({ ...this.#virtualizer.options, count })
    this.#virtualizer._willUpdate()
    this.#read()
  }

  show(index: number): void {
    this.#virtualizer.scrollToIndex(index, { align: 'auto' })
  }
  top(): void {
    this.#virtualizer.scrollToOffset(0)
  }

  #read(): void {
    this.items = this.#virtualizer.getVirtualItems()
    this.height = this.#virtualizer.getTotalSize()
  }
}

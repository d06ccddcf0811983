import { settings } from '../../state/settings.svelte.ts'
import { columnOf } from './columns.ts'
import { moved, readLayout, type Layout } from './layout.ts'

/** Order, widths and choice of the columns, remembered in the settings. */
export class TableLayout {
  #layout = $state.raw<Layout>(readLayout(settings.layout('history')))

  get order(): string[] {
    return this.#layout.order
  }
  get sizes(): Record<string, number> {
    return this.#layout.sizes
  }
  /** Hide columns in which all rows say the same. */
  #onlyDiffering = $state(settings.layout('history-differing') === true)
  get onlyDiffering(): boolean {
    return this.#onlyDiffering
  }
  set onlyDiffering(on: boolean) {
    this.#onlyDiffering = on
    settings.remember('history-differing', on)
  }
  /** All that there are now, in their order. */
  columns = $derived(this.#layout.order.map(columnOf))
  visibility = $derived(Object.fromEntries(this.#layout.order.map((id) => [id, !this.#layout.hidden.includes(id)])))

  set order(order: string[]) {
    this.#keep({ ...this.#layout, order })
  }
  set sizes(sizes: Record<string, number>) {
    this.#keep({ ...this.#layout, sizes })
  }
  show(id: string, on: boolean): void {
    const rest = this.#layout.hidden.filter((other) => other !== id)
    this.#keep({ ...this.#layout, hidden: on ? rest : [...rest, id] })
  }
  /** A metric or a parameter as a column, behind the name; shown already, it comes there. */
  add(id: string): void {
    this.#keep({
      ...this.#layout,
      order: moved(this.#layout.order.includes(id) ? this.#layout.order : [...this.#layout.order, id], id, 1),
      hidden: this.#layout.hidden.filter((other) => other !== id)
    })
  }
  remove(id: string): void {
    this.#keep({ ...this.#layout, order: this.#layout.order.filter((other) => other !== id) })
  }
  move(id: string, to: number): void {
    this.order = moved(this.order, id, to)
  }
  reset(): void {
    this.#keep(readLayout(undefined))
  }

  #keep(layout: Layout): void {
    this.#layout = layout
    settings.remember('history', layout)
  }
}

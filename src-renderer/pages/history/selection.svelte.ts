/** Which runs are selected, and the line that the keyboard is on. */
import { notify } from '../../state/notify.svelte.ts'
import { setOf, toggled } from '../../state/sets.ts'
import type { RunList } from './run-list.svelte.ts'

export class Selection {
  readonly #list: RunList
  ids = $state.raw<ReadonlySet<string>>(setOf())
  active = $state(0)
  #anchor = 0

  constructor(list: RunList) {
    this.#list = list
  }

  /** Select a line: alone, in addition, or all from the last one to it. */
  async select(index: number, how: 'only' | 'toggle' | 'range'): Promise<void> {
    if (!this.#list.row(index)) return
    this.active = index
    await notify.attempt(async () => {
      if (how === 'range') {
        const [first, last] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)]
        this.ids = setOf(await this.#list.idsBetween(first, last))
        return
      }
      this.#anchor = index
      const ids = await this.#list.idsOf(index)
      if (how === 'only') this.ids = setOf(ids)
      else {
        const on = !ids.every((id) => this.ids.has(id))
        this.ids = ids.reduce((set, id) => toggled(set, id, on), this.ids)
      }
    })
  }
  async selectAll(): Promise<void> {
    await notify.attempt(async () => (this.ids = setOf(await this.#list.allIds())))
  }
  clear(): void {
    this.ids = setOf()
  }
  /** Another list: nothing of it is selected, and the keyboard is at its top. */
  begin(): void {
    this.clear()
    this.active = 0
    this.#anchor = 0
  }

  /** Open or close the group of a line; closed from one of its members, the keyboard goes to the group. */
  async toggleGroup(index: number): Promise<void> {
    const line = await this.#list.toggleGroup(index)
    if (line !== undefined) this.active = line
  }
}

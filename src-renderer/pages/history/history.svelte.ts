/** The history: the rows that are looked at, what is selected, and what is done with them. */
import type { CallInput, CallOutput, RunRow } from '../../../src-shared/contract.ts'
import { bridge } from '../../bridge.ts'
import { plural } from '../../format.ts'
import { setOf, toggled } from '../../sets.ts'
import { ask } from '../../state/ask.ts'
import { connection } from '../../state/connection.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { Paging } from './paging.ts'
import { anything, queryOf, tagChanges, type Filter, type Sort, type SortKey } from './query.ts'

/** A call lists at most this many rows. */
const longestPage = 1000

export class HistoryState {
  filter = $state<Filter>({ ...anything })
  sort = $state<Sort>({ key: 'created', descending: true })
  facets = $state.raw<CallOutput<'runs.facets'>>({
    tasks: [],
    models: [],
    tags: [],
    params: [],
    metrics: [],
    trashed: 0
  })
  error = $state.raw<unknown>()
  loaded = $state(false)
  selected = $state.raw<ReadonlySet<string>>(setOf())
  /** The row the keyboard is on. */
  active = $state(0)
  #anchor = 0
  #paging = new Paging<RunRow>()
  /** Counts up when rows have come or changed. */
  #version = $state(0)
  #total = $state(0)
  #window: [number, number] = [0, 60]
  /** The list that is being read; an answer for another comes too late. */
  #next = this.#paging
  #query: ReturnType<typeof queryOf> = queryOf(anything, { key: 'created', descending: true })
  #timer: ReturnType<typeof setTimeout> | undefined

  get total(): number {
    return this.#total
  }
  row(index: number): RunRow | undefined {
    void this.#version
    return this.#paging.row(index)
  }
  find(id: string): RunRow | undefined {
    void this.#version
    return this.#paging.find(id)
  }

  /** Start the list anew: another filter or order. */
  async search(): Promise<void> {
    this.#query = queryOf(this.filter, this.sort)
    this.selected = setOf()
    this.active = 0
    this.#anchor = 0
    this.#window = [0, 60]
    await this.reload()
  }

  /** Read again what is on the screen; the old rows stay until the new ones are here. */
  async reload(): Promise<void> {
    const paging = new Paging<RunRow>()
    this.#next = paging
    const pages = setOf(this.#window.map((index) => Math.floor(index / paging.size)))
    try {
      const answers = await Promise.all(
        [...pages].map(async (page) => ({ page, ...(await this.#list(page * paging.size, paging.size)) }))
      )
      if (this.#next !== paging) return
      for (const { page, rows, total } of answers) paging.put(page, rows, total)
      this.#paging = paging
      this.#total = paging.total ?? 0
      this.error = undefined
      this.loaded = true
      this.#version++
    } catch (error) {
      if (this.#next === paging) this.error = error
    }
    void this.loadFacets()
  }

  async loadFacets(): Promise<void> {
    this.facets = await ask('runs.facets', {}).catch(() => this.facets)
  }

  #list(offset: number, limit: number): Promise<CallOutput<'runs.list'>> {
    return ask('runs.list', { ...this.#query, offset, limit })
  }

  /** Rows that come into view are read by pages. */
  look(first: number, last: number): void {
    this.#window = [first, last]
    const paging = this.#paging
    for (const page of paging.missing(first, last)) {
      if (!paging.claim(page)) continue
      void this.#list(page * paging.size, paging.size).then(
        ({ rows, total }) => {
          if (this.#paging !== paging) return
          paging.put(page, rows, total)
          this.#total = total
          this.#version++
        },
        (error: unknown) => {
          paging.release(page)
          this.error = error
        }
      )
    }
  }

  listen(): () => void {
    const later = (): void => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => void this.reload(), 150)
    }
    const stops = [bridge.on('runs.changed', later), connection.onFound(later)]
    return () => {
      clearTimeout(this.#timer)
      stops.forEach((stop) => stop())
    }
  }

  sortBy(key: SortKey): void {
    // Text begins at A, numbers and times at the largest.
    const descending = this.sort.key === key ? !this.sort.descending : !['name', 'task', 'status'].includes(key)
    this.sort = { key, descending }
    void this.search()
  }

  /** Select a row: alone, in addition, or all from the last one to it. */
  async select(index: number, how: 'only' | 'toggle' | 'range'): Promise<void> {
    const id = this.#paging.row(index)?.id
    if (id === undefined) return
    this.active = index
    if (how === 'range') {
      const ids = await this.#idsBetween(Math.min(this.#anchor, index), Math.max(this.#anchor, index))
      this.selected = setOf(ids)
      return
    }
    this.#anchor = index
    if (how === 'only') this.selected = setOf([id])
    else this.selected = toggled(this.selected, id)
  }
  async selectAll(): Promise<void> {
    this.selected = setOf(await this.#idsBetween(0, this.#total - 1))
  }
  clearSelection(): void {
    this.selected = setOf()
  }

  async #idsBetween(first: number, last: number): Promise<string[]> {
    const ids: string[] = []
    try {
      for (let index = first; index <= last;) {
        const known = this.#paging.row(index)
        if (known) {
          ids.push(known.id)
          index++
          continue
        }
        const { rows } = await this.#list(index, Math.min(longestPage, last - index + 1))
        if (!rows.length) break
        ids.push(...rows.map(({ id }) => id))
        index += rows.length
      }
    } catch (error) {
      notify.failure(error)
    }
    return ids
  }

  /** Rename a run or change its note or tags; shown at once, put right by the studio's answer. */
  async update(id: string, change: { name?: string; notes?: string; tags?: string[] }): Promise<void> {
    const before = this.#paging.find(id)
    if (!before) return
    const { tags, ...rest } = change
    this.#paging.patch(id, change)
    this.#version++
    await this.#do('runs.update', { ids: [id], ...rest, ...(tags && tagChanges(before.tags, tags)) })
  }
  async addTags(ids: readonly string[], tags: readonly string[]): Promise<void> {
    if (tags.length) await this.#do('runs.update', { ids: [...ids], addTags: [...tags] })
  }

  async trash(ids: readonly string[]): Promise<void> {
    const list = [...ids]
    if (!(await this.#do('runs.trash', { ids: list }))) return
    this.selected = setOf()
    notify.show(`${plural(list.length, 'run')} moved to the trash.`, 'plain', {
      label: 'Undo',
      run: () => void this.#do('runs.restore', { ids: list })
    })
  }
  async restore(ids: readonly string[]): Promise<void> {
    if (!(await this.#do('runs.restore', { ids: [...ids] }))) return
    this.selected = setOf()
    notify.show(`${plural(ids.length, 'run')} restored.`, 'good')
  }
  async purge(ids: readonly string[]): Promise<void> {
    const sure = await notify.confirm({
      title: `Delete ${plural(ids.length, 'run')} for good?`,
      text: 'Their trials, curves and notes are gone after this. There is no way back.',
      confirm: 'Delete for good',
      danger: true
    })
    if (sure && (await this.#do('runs.purge', { ids: [...ids] }))) this.selected = setOf()
  }

  async #do<N extends 'runs.update' | 'runs.trash' | 'runs.restore' | 'runs.purge'>(
    call: N,
    input: CallInput<N>
  ): Promise<boolean> {
    try {
      await ask(call, input)
      return true
    } catch (error) {
      notify.failure(error)
      return false
    } finally {
      void this.reload()
    }
  }
}

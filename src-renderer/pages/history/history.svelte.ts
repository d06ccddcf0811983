/** The history: the rows that are looked at, what is selected, and what is done with them. */
import type { CallInput, CallOutput } from '../../../src-shared/contract/index.ts'
import type { RunRow } from '../../../src-shared/shapes/run.ts'
import { bridge } from '../../state/bridge.ts'
import { plural } from '../../format.ts'
import { setOf, toggled } from '../../state/sets.ts'
import { ask } from '../../state/ask.ts'
import { connection } from '../../state/connection.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { settings } from '../../state/settings.svelte.ts'
import { Paging } from './paging.ts'
import { Outline } from './outline.ts'
import {
  anything,
  queryOf,
  readGrouping,
  tagChanges,
  type Filter,
  type Grouping,
  type Sort,
  type SortKey
} from './query.ts'

type Change = Partial<Pick<RunRow, 'name' | 'notes' | 'tags'>>

const undone = (text: string, run: () => void): void => notify.show(text, 'plain', { label: 'Undo', run })

/** A call lists at most this many rows. */
const longestPage = 1000

export class HistoryState {
  filter = $state<Filter>({ ...anything })
  sort = $state<Sort>({ key: 'created', descending: true })
  /** Runs that differ only in their seeds are one line until it is opened; another choice is remembered. */
  #grouping = $state<Grouping>(readGrouping(settings.layout('history-grouping')))
  get grouping(): Grouping {
    return this.#grouping
  }
  set grouping(grouping: Grouping) {
    this.#grouping = grouping
    settings.remember('history-grouping', grouping)
  }
  #outline = $state.raw(new Outline<RunRow>())
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
  /** The list that was looked at last. */
  #looked: Paging<RunRow> | undefined
  /** Counts up when rows have come or changed. */
  #version = $state(0)
  #total = $state(0)
  #window: [number, number] = [0, 60]
  /** The list that is being read; an answer for another comes too late. */
  #next = this.#paging
  #query: ReturnType<typeof queryOf> = queryOf(anything, { key: 'created', descending: true })
  #typed = 0
  #searching = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #ahead: ReturnType<typeof setTimeout> | undefined

  /** Lines of the list: runs or groups, and the members of open groups. */
  get total(): number {
    return this.#total + this.#outline.added
  }
  /** Runs or groups that match. */
  get found(): number {
    return this.#total
  }
  row(index: number): RunRow | undefined {
    void this.#version
    const place = this.#outline.at(index)
    return place.member === undefined ? this.#paging.row(place.group) : this.#outline.member(place)
  }
  find(id: string): RunRow | undefined {
    void this.#version
    return this.#paging.find(id) ?? this.#outline.groups.flatMap(({ members }) => members).find((row) => row.id === id)
  }
  /** The rows that are held. */
  get held(): readonly RunRow[] {
    void this.#version
    return this.#paging.held
  }
  /** Whether a line is a group that can be opened, is open, or a member. */
  shape(index: number): 'run' | 'closed' | 'open' | 'member' {
    const { group, member } = this.#outline.at(index)
    if (member !== undefined) return 'member'
    if (this.#outline.isOpen(group)) return 'open'
    return (this.row(index)?.group?.runs ?? 1) > 1 ? 'closed' : 'run'
  }

  /** Open a group below its line, or close it. */
  async toggleGroup(index: number): Promise<void> {
    const { group } = this.#outline.at(index)
    if (this.#outline.isOpen(group)) {
      this.active = this.#outline.lineOf(group)
      this.#outline = this.#outline.without(group)
      return
    }
    const row = this.row(index)
    if (!row?.group || row.group.runs < 2) return
    try {
      const { rows } = await this.#members(row, 0)
      if (this.#paging.row(group)?.group?.value === row.group.value) this.#outline = this.#outline.with(group, rows)
    } catch (error) {
      notify.failure(error)
    }
  }
  #members(row: RunRow, offset: number): Promise<CallOutput<'runs.list'>> {
    return ask('runs.list', { ...this.#query, member: row.group!.value, offset, limit: longestPage })
  }
  /** A group that is chosen stands for all of its runs. */
  async #idsOf(index: number): Promise<string[]> {
    const row = this.row(index)
    if (!row) return []
    if (this.shape(index) === 'run' || this.shape(index) === 'member') return [row.id]
    const ids: string[] = []
    for (;;) {
      const { rows, total } = await this.#members(row, ids.length)
      ids.push(...rows.map(({ id }) => id))
      if (!rows.length || ids.length >= total) return ids
    }
  }

  /** Search as one types: at once, and once more when the text has changed while the studio searched. */
  async searchTyped(): Promise<void> {
    this.#typed++
    if (this.#searching) return
    this.#searching = true
    try {
      for (let done = -1; done !== this.#typed;) {
        done = this.#typed
        await this.search()
      }
    } finally {
      this.#searching = false
    }
  }

  /** Start the list anew: another filter or order. */
  async search(): Promise<void> {
    this.#query = {
      ...queryOf(this.filter, this.sort),
      ...(this.grouping !== 'none' && { group: this.grouping })
    }
    this.#outline = new Outline()
    this.selected = setOf()
    this.active = 0
    this.#anchor = 0
    this.#window = [0, 60]
    await this.#read()
  }

  /** Runs have changed: read again what is on the screen, and what can be filtered by. */
  async reload(): Promise<void> {
    await this.#read()
    void this.loadFacets()
  }

  /** Read again what is on the screen; the old rows stay until the new ones are here. */
  async #read(): Promise<void> {
    const paging = new Paging<RunRow>()
    this.#next = paging
    const pages = setOf(this.#window.map((index) => Math.floor(index / paging.size)))
    try {
      const answers = await Promise.all(
        [...pages].map(async (page) => ({ page, ...(await this.#list(page * paging.size, paging.size)) }))
      )
      if (this.#next !== paging) return
      for (const { page, rows, total } of answers) paging.put(page, rows, total)
      const open = this.#outline.groups.filter(
        ({ index }) => paging.row(index)?.group?.value === this.#paging.row(index)?.group?.value
      )
      this.#outline = new Outline(open)
      this.#paging = paging
      this.#total = paging.total ?? 0
      this.error = undefined
      this.loaded = true
      this.#version++
    } catch (error) {
      if (this.#next === paging) this.error = error
    }
  }

  async loadFacets(): Promise<void> {
    this.facets = await ask('runs.facets', {}).catch(() => this.facets)
  }

  #list(offset: number, limit: number): Promise<CallOutput<'runs.list'>> {
    return ask('runs.list', { ...this.#query, offset, limit })
  }

  /** Rows that come into view are read by pages. */
  look(first: number, last: number): void {
    ;[first, last] = [this.#outline.at(first).group, this.#outline.at(last).group]
    this.#window = [first, last]
    this.#fetch(first, last)
    // A page ahead in either direction, so that it is there when it comes into view. A new list is drawn first.
    clearTimeout(this.#ahead)
    const { size } = this.#paging
    const ahead = (): void => this.#fetch(first - size, last + size)
    if (this.#looked === this.#paging) ahead()
    else this.#ahead = setTimeout(ahead, 60)
    this.#looked = this.#paging
  }
  #fetch(first: number, last: number): void {
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
      clearTimeout(this.#ahead)
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
    if (!this.row(index)) return
    this.active = index
    if (how === 'range') {
      const ids = await this.#idsBetween(Math.min(this.#anchor, index), Math.max(this.#anchor, index))
      this.selected = setOf(ids)
      return
    }
    this.#anchor = index
    const ids = await this.#idsOf(index).catch((error: unknown) => (notify.failure(error), []))
    if (how === 'only') this.selected = setOf(ids)
    else {
      const on = !ids.every((id) => this.selected.has(id))
      this.selected = ids.reduce((set, id) => toggled(set, id, on), this.selected)
    }
  }
  async selectAll(): Promise<void> {
    const ids: string[] = []
    const query = queryOf(this.filter, this.sort)
    try {
      for (;;) {
        const { rows, total } = await ask('runs.list', { ...query, offset: ids.length, limit: longestPage })
        ids.push(...rows.map(({ id }) => id))
        if (!rows.length || ids.length >= total) break
      }
      this.selected = setOf(ids)
    } catch (error) {
      notify.failure(error)
    }
  }
  clearSelection(): void {
    this.selected = setOf()
  }

  async #idsBetween(first: number, last: number): Promise<string[]> {
    const ids: string[] = []
    try {
      for (const page of this.#paging.missing(this.#outline.at(first).group, this.#outline.at(last).group)) {
        const { rows, total } = await this.#list(page * this.#paging.size, this.#paging.size)
        this.#paging.put(page, rows, total)
      }
      for (let index = first; index <= last; index++) ids.push(...(await this.#idsOf(index)))
    } catch (error) {
      notify.failure(error)
    }
    return ids
  }

  /** Rename a run or change its note or tags; shown at once, put right by the studio's answer. */
  async update(id: string, change: Change): Promise<void> {
    const before = this.find(id)
    if (!before) return
    const put = (from: Change, to: Change): Promise<boolean> => {
      const { tags, ...rest } = to
      this.#paging.patch(id, to)
      this.#patchMember(id, to)
      this.#version++
      return this.#do('runs.update', { ids: [id], ...rest, ...(tags && tagChanges(from.tags ?? [], tags)) })
    }
    const kept: Change = {
      ...(change.name !== undefined && { name: before.name }),
      ...(change.notes !== undefined && { notes: before.notes }),
      ...(change.tags !== undefined && { tags: before.tags })
    }
    if (!(await put(kept, change))) return
    const what = change.name !== undefined ? 'Renamed' : change.tags ? 'Tags changed' : 'Note changed'
    undone(`${what}.`, () => void put(change, kept))
  }
  #patchMember(id: string, change: Change): void {
    this.#outline = new Outline(
      this.#outline.groups.map(({ index, members }) => ({
        index,
        members: members.map((row) => (row.id === id ? { ...row, ...change } : row))
      }))
    )
  }
  /** Tags are added to runs that lack them; undone, only these lose them again. */
  async addTags(ids: readonly string[], tags: readonly string[]): Promise<void> {
    if (!tags.length) return
    const before = ids.flatMap((id) => this.find(id) ?? []).map(({ id, tags: had }) => ({ id, had }))
    if (!(await this.#do('runs.update', { ids: [...ids], addTags: [...tags] }))) return
    // Runs that were never seen here may have had the tags before: theirs are not taken away.
    undone(`${plural(ids.length, 'run')} tagged.`, () => {
      for (const tag of tags) {
        const own = before.filter(({ had }) => !had.includes(tag)).map(({ id }) => id)
        if (own.length) void this.#do('runs.update', { ids: own, removeTags: [tag] })
      }
    })
  }

  async trash(ids: readonly string[]): Promise<void> {
    const list = [...ids]
    if (!(await this.#do('runs.trash', { ids: list }))) return
    this.selected = setOf()
    undone(`${plural(list.length, 'run')} moved to the trash.`, () => void this.#do('runs.restore', { ids: list }))
  }
  async restore(ids: readonly string[]): Promise<void> {
    if (!(await this.#do('runs.restore', { ids: [...ids] }))) return
    this.selected = setOf()
    const list = [...ids]
    undone(`${plural(list.length, 'run')} restored.`, () => void this.#do('runs.trash', { ids: list }))
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

/** The lines of the history: runs or groups of them, read by the pages that are looked at, and the members of open groups. */
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import type { RunRow } from '../../../src-shared/shapes/run.ts'
import { ask } from '../../state/ask.ts'
import { notify } from '../../state/notify.svelte.ts'
import { setOf } from '../../state/sets.ts'
import { Outline } from './outline.ts'
import { Paging } from './paging.ts'
import type { Query } from './query.ts'

type Page = CallOutput<'runs.list'>
/** A call lists at most this many rows. */
const longestPage = 1000

export type Shape = 'run' | 'closed' | 'open' | 'member'

export class RunList {
  #outline = $state.raw(new Outline<RunRow>())
  error = $state.raw<unknown>()
  loaded = $state(false)
  #paging = new Paging<RunRow>()
  /** The list that was looked at last. */
  #looked: Paging<RunRow> | undefined
  /** Counts up when rows have come or changed. */
  #version = $state(0)
  #total = $state(0)
  #window: [number, number] = [0, 60]
  /** The list that is being read; an answer for another comes too late. */
  #next = this.#paging
  #query: Query = {}
  #ahead: ReturnType<typeof setTimeout> | undefined

  /** Lines of the list: runs or groups, and the members of open groups. */
  get total(): number {
    return this.#total + this.#outline.added
  }
  /** Runs or groups that match. */
  get found(): number {
    return this.#total
  }
  /** Whether any line that is held stands for several runs. */
  get grouped(): boolean {
    return this.held.some(({ group }) => (group?.runs ?? 1) > 1)
  }
  row(index: number): RunRow | undefined {
    void this.#version
    const place = this.#outline.at(index)
    return place.member === undefined ? this.#paging.row(place.group) : this.#outline.member(place)
  }
  byId(id: string): RunRow | undefined {
    void this.#version
    return this.#paging.find(id) ?? this.#outline.groups.flatMap(({ members }) => members).find((row) => row.id === id)
  }
  /** The rows that are held. */
  get held(): readonly RunRow[] {
    void this.#version
    return this.#paging.held
  }
  /** Whether a line is a group that can be opened, is open, or a member. */
  shape(index: number): Shape {
    const { group, member } = this.#outline.at(index)
    if (member !== undefined) return 'member'
    if (this.#outline.isOpen(group)) return 'open'
    return (this.row(index)?.group?.runs ?? 1) > 1 ? 'closed' : 'run'
  }

  /** Open the group of a line below it, or close it. @returns the group's line, where it was closed */
  async toggleGroup(index: number): Promise<number | undefined> {
    const { group } = this.#outline.at(index)
    if (this.#outline.isOpen(group)) {
      const line = this.#outline.lineOf(group)
      this.#outline = this.#outline.without(group)
      return line
    }
    const row = this.row(index)
    const wanted = row?.group
    if (!wanted || wanted.runs < 2) return undefined
    await notify.attempt(async () => {
      const { rows } = await this.#members(row, 0)
      if (this.#paging.row(group)?.group?.value === wanted.value) this.#outline = this.#outline.with(group, rows)
    })
    return undefined
  }
  #members(row: RunRow, offset: number): Promise<Page> {
    return ask('runs.list', { ...this.#query, member: row.group!.value, offset, limit: longestPage })
  }

  /** The ids of a line; a group stands for all of its runs. @throws StudioError */
  async idsOf(index: number): Promise<string[]> {
    const row = this.row(index)
    if (!row) return []
    if (this.shape(index) === 'run' || this.shape(index) === 'member') return [row.id]
    return every((offset) => this.#members(row, offset))
  }
  /** The ids of lines, both included. @throws StudioError */
  async idsBetween(first: number, last: number): Promise<string[]> {
    for (const page of this.#paging.missing(this.#outline.at(first).group, this.#outline.at(last).group)) {
      const { rows, total } = await this.#list(page * this.#paging.size, this.#paging.size)
      this.#paging.put(page, rows, total)
    }
    const ids: string[] = []
    for (let index = first; index <= last; index++) ids.push(...(await this.idsOf(index)))
    return ids
  }
  /** The ids of all runs that are found, in groups or not. @throws StudioError */
  allIds(): Promise<string[]> {
    const runs: Query = { ...this.#query, group: undefined }
    return every((offset) => ask('runs.list', { ...runs, offset, limit: longestPage }))
  }

  /** Another list, from its top. */
  async show(query: Query): Promise<void> {
    this.#query = query
    this.#outline = new Outline()
    this.#window = [0, 60]
    await this.read()
  }

  /** Read again what is on the screen; the old rows stay until the new ones are here. */
  async read(): Promise<void> {
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

  #list(offset: number, limit: number): Promise<Page> {
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

  /** Show a change of a run before the studio has answered. */
  patch(id: string, change: Partial<RunRow>): void {
    this.#paging.patch(id, change)
    this.#outline = new Outline(
      this.#outline.groups.map(({ index, members }) => ({
        index,
        members: members.map((row) => (row.id === id ? { ...row, ...change } : row))
      }))
    )
    this.#version++
  }

  dispose(): void {
    clearTimeout(this.#ahead)
  }
}

/** The ids of a list that is longer than one call gives. */
async function every(page: (offset: number) => Promise<Page>): Promise<string[]> {
  const ids: string[] = []
  for (;;) {
    const { rows, total } = await page(ids.length)
    ids.push(...rows.map(({ id }) => id))
    if (!rows.length || ids.length >= total) return ids
  }
}

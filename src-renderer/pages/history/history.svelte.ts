/** The history: what is searched for, in which order and groups, and what is found. */
import { onMount, untrack } from 'svelte'
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import { ask } from '../../state/ask.ts'
import { query, whenStale, type Query } from '../../state/query.svelte.ts'
import { route } from '../../state/route.svelte.ts'
import { settings } from '../../state/settings.svelte.ts'
import { Edits } from './edits.ts'
import {
  addressOf,
  anything,
  newest,
  queryOf,
  readAddress,
  readGrouping,
  type Grouping,
  type Search,
  type Sort,
  type SortKey
} from './query.ts'
import { RunList } from './run-list.svelte.ts'
import { Selection } from './selection.svelte.ts'

const noFacets = { tasks: [], models: [], tags: [], params: [], metrics: [], trashed: 0 }
/** Changes that follow each other this closely are read once, in milliseconds. */
const patience = 150

/** Made while a component is: it reads and listens for as long as that is there. */
export class HistoryState {
  readonly list = new RunList()
  readonly selection = new Selection(this.list)
  readonly edits = new Edits(this.list, this.selection, () => this.reload())
  search = $state<Search>({ ...anything })
  sort = $state<Sort>({ ...newest })
  /** Runs that differ only in their seeds are one line until it is opened; another choice is remembered. */
  #grouping = $state<Grouping>(readGrouping(settings.layout('history-grouping')))
  get grouping(): Grouping {
    return this.#grouping
  }
  set grouping(grouping: Grouping) {
    this.#grouping = grouping
    settings.remember('history-grouping', grouping)
  }
  readonly #facets: Query<CallOutput<'runs.facets'>>
  facets = $derived.by(() => this.#facets.value ?? noFacets)
  /** Whether tags for all selected runs are being asked for. */
  tagging = $state(false)
  #written: string | undefined
  #typed = 0
  #searching = false

  constructor() {
    this.#follow()
    // The address says what is searched for: it is followed when it changes, and written when the search does.
    $effect(() => {
      const next = addressOf(this.search, this.sort)
      if (route.page !== 'history' || next === route.address) return
      this.#written = next
      untrack(() => route.go(next, 'replace'))
    })
    $effect(() => {
      if (route.page !== 'history' || route.address === this.#written) return
      untrack(() => {
        this.#follow()
        void this.find()
      })
    })
    // Asked before anything is drawn: the answer comes while the page is being made.
    void untrack(() => this.find())
    this.#facets = query(() => ask('runs.facets', {}))
    onMount(() => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const stop = whenStale({ 'runs.changed': () => true }, () => {
        clearTimeout(timer)
        timer = setTimeout(() => void this.reload(), patience)
      })
      return () => {
        clearTimeout(timer)
        this.list.dispose()
        stop()
      }
    })
  }

  #follow(): void {
    this.#written = route.address
    const { search, sort } = readAddress(route.query)
    this.search = search
    this.sort = sort
  }

  /** Search as one types: at once, and once more when the text has changed while the studio searched. */
  async findTyped(): Promise<void> {
    this.#typed++
    if (this.#searching) return
    this.#searching = true
    try {
      for (let done = -1; done !== this.#typed;) {
        done = this.#typed
        await this.find()
      }
    } finally {
      this.#searching = false
    }
  }

  /** Start the list anew: another filter or order. */
  async find(): Promise<void> {
    this.selection.begin()
    await this.list.show({
      ...queryOf(this.search, this.sort),
      ...(this.grouping !== 'none' && { group: this.grouping })
    })
  }

  /** Runs have changed: read again what is on the screen, and what can be filtered by. */
  async reload(): Promise<void> {
    await this.list.read()
    void this.#facets.reload()
  }

  sortBy(key: SortKey): void {
    // Text begins at A, numbers and times at the largest.
    const descending = this.sort.key === key ? !this.sort.descending : !['name', 'task', 'status'].includes(key)
    this.sort = { key, descending }
    void this.find()
  }
}

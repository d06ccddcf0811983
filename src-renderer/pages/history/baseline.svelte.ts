/** The run that others are set against, and how far they lie from it. */
import { onMount } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import type { RunRow } from '../../../src-shared/shapes/run.ts'
import { setOf } from '../../state/sets.ts'
import { ask } from '../../state/ask.ts'
import { whenStale } from '../../state/query.svelte.ts'
import { settings } from '../../state/settings.svelte.ts'

export type Delta = CallOutput<'runs.deltas'>[number]
/** A call takes at most this many runs. */
const most = 200

/** Made while a component is: it listens for as long as that is there. */
export class Baseline {
  #pinned = $state.raw(readBaseline(settings.layout('history-baseline')))
  /** null: cannot be compared; undefined: not asked yet. */
  readonly #deltas = new SvelteMap<string, Delta | null>()
  #asked: ReadonlySet<string> = setOf()

  constructor() {
    onMount(() => whenStale({ 'runs.changed': () => true }, () => this.forget()))
  }

  get pinned(): { id: string; name: string } | undefined {
    return this.#pinned
  }
  pin(run: Pick<RunRow, 'id' | 'name'> | undefined): void {
    this.#pinned = run && { id: run.id, name: run.name }
    this.forget()
    settings.remember('history-baseline', this.#pinned ? { ...this.#pinned } : null)
  }
  /** Runs have changed: ask anew. */
  forget(): void {
    this.#asked = setOf()
    this.#deltas.clear()
  }
  of(id: string): Delta | null | undefined {
    return this.#deltas.get(id)
  }

  /** Read the differences of the runs that are looked at. */
  async look(ids: readonly string[]): Promise<void> {
    const baseline = this.#pinned?.id
    const wanted = ids.filter((id) => !this.#asked.has(id)).slice(0, most)
    if (baseline === undefined || !wanted.length) return
    this.#asked = setOf([...this.#asked, ...wanted])
    // A baseline that is gone, or a run that was deleted meanwhile, has no difference.
    const found = await ask('runs.deltas', { baseline, ids: wanted }).catch(() => [])
    if (this.#pinned?.id !== baseline) return
    for (const id of wanted) this.#deltas.set(id, found.find((delta) => delta.id === id) ?? null)
  }
}

function readBaseline(remembered: unknown): { id: string; name: string } | undefined {
  if (typeof remembered !== 'object' || remembered === null) return undefined
  const { id, name } = remembered as Record<string, unknown>
  return typeof id === 'string' && typeof name === 'string' ? { id, name } : undefined
}

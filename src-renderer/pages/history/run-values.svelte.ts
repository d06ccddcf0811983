/** What columns of metrics and parameters show, read for the runs that are looked at. */
import { onMount } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import { ask } from '../../state/ask.ts'
import { whenStale } from '../../state/query.svelte.ts'
import { setOf } from '../../state/sets.ts'
import { valueOf } from './columns.ts'

/** A call takes at most this many runs. */
const most = 200

export type RunValue = { values: (string | number)[] } | CallOutput<'runs.values'>[number]['metrics'][string]

/** Made while a component is: it listens for as long as that is there. */
export class RunValues {
  readonly #known = new SvelteMap<string, RunValue>()
  #asked: ReadonlySet<string> = setOf()

  constructor() {
    onMount(() =>
      whenStale({ 'runs.changed': () => true }, () => {
        this.#asked = setOf()
      })
    )
  }

  of(run: string, column: string): RunValue | undefined {
    return this.#known.get(`${run} ${column}`)
  }

  /** Read what is not known yet of these runs; other columns are left out. */
  async look(runs: readonly string[], columns: readonly string[]): Promise<void> {
    const wanted = columns.flatMap((id) => valueOf(id) ?? [])
    if (!wanted.length) return
    const keyOf = (run: string): string => `${run} ${wanted.map(({ family, name }) => `${family}.${name}`).join(' ')}`
    const ids = [...setOf(runs)].filter((run) => !this.#asked.has(keyOf(run))).slice(0, most)
    if (!ids.length) return
    this.#asked = setOf([...this.#asked, ...ids.map(keyOf)])
    const names = (family: 'metric' | 'param'): string[] =>
      wanted.flatMap((one) => (one.family === family ? [one.name] : []))
    // A run that was deleted meanwhile has no values.
    const found = await ask('runs.values', { ids, params: names('param'), metrics: names('metric') }).catch(() => [])
    for (const { id, params, metrics } of found) {
      for (const [name, values] of Object.entries(params)) this.#known.set(`${id} param.${name}`, { values })
      for (const [name, value] of Object.entries(metrics)) this.#known.set(`${id} metric.${name}`, value)
    }
  }
}

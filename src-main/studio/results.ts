import { withScales } from '../../src-shared/findings/scales.ts'
import type { CallOutput } from '../../src-shared/contract/index.ts'
import { bestMean } from '../../src-shared/findings/best-mean.ts'
import { metricsOf } from '../../src-shared/findings/results.ts'
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../src-shared/shapes/run.ts'
import type { CellRange } from '../store/results.ts'
import type { StoreReader } from '../store/store.ts'

type Reader = Pick<StoreReader, 'run' | 'results'>

/** The cells of a run with what its task says of its metrics' values. */
export function scaledResults(
  id: string,
  store: Reader,
  catalog: Pick<Catalog, 'tasks'>,
  cells?: CellRange
): CellResult[] {
  const run = store.run(id)
  const task = catalog.tasks.find((known) => known.id === run.task)
  return withScales(store.results(id, cells), task, run.experiment.task.params)
}

/** What a list of runs shows of one: parameters, and of metrics the best model's mean. @throws StudioError not-found */
export function runValues(
  id: string,
  { params, metrics }: { params: readonly string[]; metrics: readonly string[] },
  store: Reader & Pick<StoreReader, 'paramValues'>,
  catalog: Pick<Catalog, 'tasks'> | undefined
): CallOutput<'runs.values'>[number] {
  const cells = catalog && metrics.length ? scaledResults(id, store, catalog) : []
  const { task } = store.run(id)
  const declared = metricsOf(catalog?.tasks.find((known) => known.id === task))
  const found = metrics.flatMap((name) => {
    const best = bestMean(cells, declared.find((metric) => metric.name === name) ?? { name, direction: 'none' })
    if (!best) return []
    const { label, mean, low, high, n, method, beyond } = best
    return [[name, { label, mean, low, high, n, method, ...(beyond && { beyond }) }] as const]
  })
  return { id, params: store.paramValues(id, params), metrics: Object.fromEntries(found) }
}

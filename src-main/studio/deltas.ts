import type { CallOutput } from '../../src-shared/contract/index.ts'
import type { CellResult } from '../../src-shared/shapes/run.ts'
import { deltaFrom } from '../../src-shared/findings/baseline.ts'
import type { StoreReader } from '../store/store.ts'

/** How the best model of each run lies to the baseline's, where both have the same main metric. */
export function deltas(
  baseline: string,
  ids: readonly string[],
  store: Pick<StoreReader, 'run' | 'results'>
): CallOutput<'runs.deltas'> {
  const { best, task } = store.run(baseline)
  if (!best) return []
  const bestCells = (id: string, model: string): CellResult[] =>
    store.results(id).filter((cell) => cell.label === model)
  const cells = bestCells(baseline, best.label)
  return ids.flatMap((id) => {
    const run = store.run(id)
    if (id === baseline || run.task !== task || run.best?.metric !== best.metric) return []
    const delta = deltaFrom(bestCells(id, run.best.label), cells, best.metric)
    return delta ? [{ id, ...delta }] : []
  })
}

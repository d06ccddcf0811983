import { withScales } from '../../src-shared/findings/scales.ts'
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../src-shared/shapes/run.ts'
import type { StoreReader } from '../store/store.ts'
import type { Place } from '../places/place.ts'

type Reader = Pick<StoreReader, 'run' | 'results'>

/** The cells of a run with what its task says of its metrics' values. */
export function scaledResults(id: string, store: Reader, catalog: Pick<Catalog, 'tasks'>): CellResult[] {
  const run = store.run(id)
  const task = catalog.tasks.find((known) => known.id === run.task)
  return withScales(store.results(id), task, run.experiment.task.params)
}

/** The same for several runs. Results are shown also where nothing starts that knows the tasks. */
export async function resultsOf(
  ids: readonly string[],
  store: Reader,
  place: Pick<Place, 'ready'>
): Promise<CellResult[]> {
  const catalog = await place.ready().then(
    (ready) => ready.catalog,
    () => ({ tasks: [] })
  )
  return ids.flatMap((id) => scaledResults(id, store, catalog))
}

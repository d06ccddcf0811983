import type { Catalog } from '../../src-shared/catalog.ts'
import type { ExportedFile } from '../../src-shared/contract.ts'
import { exportRuns, type ExportFormat } from '../../src-shared/report/export.ts'
import type { StoreReader } from '../store/store.ts'

/** Everything a report or table needs of some runs, handed to the writer of that format. */
export function exported(
  format: ExportFormat,
  ids: readonly string[],
  store: StoreReader,
  catalog: Catalog,
  version: string
): ExportedFile {
  const runs = ids.map((id) => {
    const run = store.run(id)
    const named = catalog.tasks.find((task) => task.id === run.task)?.series ?? []
    return {
      run,
      trials: store.trials(id, undefined, 0, Number.MAX_SAFE_INTEGER).rows,
      series: named.flatMap(({ name }) => store.series(id, name))
    }
  })
  return exportRuns(format, {
    runs,
    cells: ids.flatMap((id) => store.results(id)),
    catalog,
    version,
    created: new Date().toISOString()
  })
}

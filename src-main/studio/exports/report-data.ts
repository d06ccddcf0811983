/** What the writers of runs and reports need of the store. */
import { taskIn, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { SeriesResult, TrialRow } from '../../../src-shared/shapes/run.ts'
import { withReferences } from '../../../src-shared/exchange/reference.ts'
import type { ReportData } from '../../../src-shared/documents/report-data.ts'
import type { TableRun } from '../../../src-shared/documents/trial-tables.ts'
import type { StoreReader } from '../../store/store.ts'
import { scaledResults } from '../results.ts'
import { tuningOf } from '../tuning.ts'

export interface ExportSource {
  store: StoreReader
  catalog: Catalog
  version: string
}

/** Trials that are in memory at once. */
const pageSize = 4_000

function* trialsOf(store: StoreReader, id: string): Generator<TrialRow> {
  for (let offset = 0; ; offset += pageSize) {
    const { rows } = store.trials(id, undefined, offset, pageSize)
    yield* rows
    if (rows.length < pageSize) return
  }
}

const seriesNames = (catalog: Catalog, task: string): string[] =>
  (taskIn(catalog, task)?.series ?? []).map(({ name }) => name)

function* seriesOf(store: StoreReader, id: string, names: readonly string[]): Generator<SeriesResult> {
  for (const name of names) yield* store.series(id, name)
}

/** Runs whose trials are read as a table is written. @throws StudioError not-found */
export function tableRuns(ids: readonly string[], { store, catalog }: ExportSource): TableRun[] {
  return ids.map((id) => {
    const run = store.run(id)
    return {
      run,
      cells: store.cells(id),
      trials: () => trialsOf(store, id),
      series: () => seriesOf(store, id, seriesNames(catalog, run.task))
    }
  })
}

/** Everything of the runs at once. @throws StudioError not-found */
export function reportData(ids: readonly string[], { store, catalog: known, version }: ExportSource): ReportData {
  const records = ids.map((id) => store.record(id))
  const catalog = withReferences(known, records)
  return {
    runs: records.map((record) => {
      const run = store.run(record.id)
      return {
        run,
        trials: [...trialsOf(store, run.id)],
        series: [...seriesOf(store, run.id, seriesNames(catalog, run.task))],
        predictions: store.predictions(run.id),
        tuning: tuningOf(run.id, store),
        record
      }
    }),
    cells: ids.flatMap((id) => scaledResults(id, store, catalog)),
    catalog,
    version,
    created: new Date().toISOString()
  }
}

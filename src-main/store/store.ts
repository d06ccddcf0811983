/** The store as its callers see it: what only reads and what writes have different types. */
import { checkpointsReader, checkpointsWriter, type CheckpointsReader, type CheckpointsWriter } from './checkpoints.ts'
import { damages, type Damage, type Mended } from './check.ts'
import { driftsReader, type DriftsReader } from './drifts.ts'
import { guarded } from './errors.ts'
import { exchangeReader, exchangeWriter, type ExchangeReader, type ExchangeWriter } from './exchange.ts'
import { historyReader, type HistoryReader } from './history.ts'
import {
  measurementsReader,
  measurementsWriter,
  type MeasurementsReader,
  type MeasurementsWriter
} from './measurements.ts'
import type { Database } from './port.ts'
import { predictionsReader, predictionsWriter, type PredictionsReader, type PredictionsWriter } from './predictions.ts'
import { reportsReader, reportsWriter, type ReportsReader, type ReportsWriter } from './reports.ts'
import { recallReader, recallWriter, type RecallReader, type RecallWriter } from './recall.ts'
import { resultsReader, type ResultsReader } from './results.ts'
import { runsReader, runsWriter, type RunsReader, type RunsWriter } from './runs.ts'
import { settingsReader, settingsWriter, type SettingsReader, type SettingsWriter } from './settings.ts'
import { tuningReader, tuningWriter, type TuningReader, type TuningWriter } from './tuning.ts'
import { wayBack } from './sums.ts'
import { trialsReader, trialsWriter, type TrialsReader, type TrialsWriter } from './trials.ts'

export type StoreReader = CheckpointsReader &
  DriftsReader &
  ExchangeReader &
  HistoryReader &
  PredictionsReader &
  MeasurementsReader &
  ReportsReader &
  RecallReader &
  ResultsReader &
  RunsReader &
  SettingsReader &
  TrialsReader &
  TuningReader
export type StoreWriter = RecallWriter &
  ExchangeWriter &
  ReportsWriter &
  CheckpointsWriter &
  MeasurementsWriter &
  PredictionsWriter &
  RunsWriter &
  SettingsWriter &
  TrialsWriter &
  TuningWriter

export interface Store {
  read: StoreReader
  write: StoreWriter
  path: string
  readOnly: boolean
  /** Set when the file had to be repaired: to be told to the user once. */
  notice: string | undefined
  /** SQLite's own full check, then that of every sum: 'ok', or what is wrong. */
  check(): string
  /** Write something and take it back. @throws StudioError disk-full, read-only, store-gone */
  tryWrite(): void
  /** Everything that is not as it was written. */
  damages(): Damage[]
  /** Put back what is damaged from the backups. @throws StudioError disk-full, read-only */
  mend(): Mended
  /** @throws StudioError store-gone when the file is not where it was opened */
  present(): void
  /** @returns what went wrong with the last backup, if anything did */
  close(): string | undefined
}

/** Compile every query: throws when the file's tables are not what this version reads. */
export function tryQueries(database: Database): void {
  queriesOver(database)
}

export function storeOver(
  database: Database,
  about: Pick<Store, 'path' | 'readOnly' | 'notice' | 'present' | 'mend' | 'close'>
): Store {
  const { read, write } = queriesOver(database)
  return {
    ...about,
    read: guarded(read, about.path),
    write: guarded(write, about.path, about.present),
    ...guarded(
      {
        check: () => checkAll(database),
        tryWrite() {
          about.present()
          tryWrite(database)
        },
        damages: () => damages(database),
        mend: about.mend
      },
      about.path
    )
  }
}

/** A mebibyte that reaches the log on the disk; an error of SQLite's takes it back as well. */
function tryWrite(database: Database): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(
      'CREATE TABLE tried (content BLOB); INSERT INTO tried (content) VALUES (zeroblob(1048576)); DROP TABLE tried'
    )
    database.exec('COMMIT')
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK')
  }
}

function checkAll(database: Database): string {
  const format = database.pragma('integrity_check(1)', { simple: true }) as string
  if (format !== 'ok') return format
  const found = damages(database)
  if (found.length === 0) return 'ok'
  const { what, run, where } = found[0]
  return `${found.length} damaged, first ${what}${run === null ? '' : ` of run ${run}`} (${where}); ${wayBack}`
}

function queriesOver(database: Database) {
  const read = {
    ...exchangeReader(database),
    ...reportsReader(database),
    ...checkpointsReader(database),
    ...driftsReader(database),
    ...historyReader(database),
    ...measurementsReader(database),
    ...predictionsReader(database),
    ...recallReader(database),
    ...resultsReader(database),
    ...runsReader(database),
    ...settingsReader(database),
    ...trialsReader(database),
    ...tuningReader(database)
  }
  const write = {
    ...exchangeWriter(database),
    ...reportsWriter(database),
    ...checkpointsWriter(database),
    ...predictionsWriter(database),
    ...measurementsWriter(database),
    ...recallWriter(database),
    ...runsWriter(database),
    ...settingsWriter(database),
    ...trialsWriter(database),
    ...tuningWriter(database)
  }
  return { read, write }
}

/** The store as its callers see it: what only reads and what writes have different types. */
import { checkpointsReader, checkpointsWriter, type CheckpointsReader, type CheckpointsWriter } from './checkpoints.ts'
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
import { trialsReader, trialsWriter, type TrialsReader, type TrialsWriter } from './trials.ts'

export type StoreReader = CheckpointsReader &
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
  /** SQLite's own full check: 'ok' or the first thing that is wrong. */
  check(): string
  close(): void
}

/** Compile every query: throws when the file's tables are not what this version reads. */
export function tryQueries(database: Database): void {
  queriesOver(database)
}

export function storeOver(database: Database, about: Pick<Store, 'path' | 'readOnly' | 'notice' | 'close'>): Store {
  const { read, write } = queriesOver(database)
  return {
    ...about,
    read: guarded(read, about.path),
    write: guarded(write, about.path),
    check: () => database.pragma('integrity_check(1)', { simple: true }) as string
  }
}

function queriesOver(database: Database) {
  const read = {
    ...exchangeReader(database),
    ...reportsReader(database),
    ...checkpointsReader(database),
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

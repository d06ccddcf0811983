/**
 * Checksums of what is stored, so that a number that changed on the disk is never shown as a result. SQLite's own check
 * sees that a file is a database, not that a value in it is the one that was written.
 *
 * `row_sum(value, ...)` is the CRC-32 of a row's values, `pair_sum(name, number)` a sum over a set of named numbers in
 * whatever order: no change of one value goes unseen by the second, no flip of up to 32 neighbouring bits by the first,
 * and of all other changes one in 4 billion. The
 * triggers of the schema use them, so what they give for a value never changes.
 */
import { crc32 } from 'node:zlib'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type Sqlite from 'better-sqlite3'

type Value = string | number | null | Buffer

/** CRC-32 of a row: of its values as JSON, then of the bytes of its blobs. */
export function rowSum(...values: Value[]): number {
  let sum = 0
  for (const [i, value] of values.entries())
    if (Buffer.isBuffer(value)) {
      sum = crc32(value, sum)
      values[i] = value.length
    }
  return crc32(JSON.stringify(values), sum)
}

const nameSums = new Map<string, number>()
function nameSum(name: string): number {
  const known = nameSums.get(name)
  if (known !== undefined) return known
  // Names of metrics are few; those of a damaged file are not.
  if (nameSums.size > 10_000) nameSums.clear()
  const sum = crc32(name)
  nameSums.set(name, sum)
  return sum
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/**
 * One more pair in the sum of a set: the CRC-32 of the name and the two words of the double, mixed as MurmurHash3 does
 * it. Each step can be undone, so another name, or other bits in either word, give another sum.
 */
export function addPair(sum: number, name: string, value: number): number {
  // -0 is 0: they are the same number.
  double[0] = value + 0
  let mixed = Math.imul(nameSum(name) ^ words[0], 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13) ^ words[1], 0xc2b2ae35)
  return (sum + ((mixed ^ (mixed >>> 16)) >>> 0)) >>> 0
}

/** Make the sums known to a connection. */
export function learnSums(database: Sqlite.Database): void {
  database.function('row_sum', { varargs: true, deterministic: true }, rowSum)
  database.aggregate('pair_sum', {
    start: 0,
    deterministic: true,
    // better-sqlite3 types its steps as of one argument; it hands over all.
    step: addPair as unknown as (sum: number, next: number) => number
  })
}

/** What to do about damage, after a semicolon. */
export const wayBack = 'engram check --mend restores it from a backup, or says what cannot be'

/** A table whose rows carry the sum of these columns, its key first. */
export interface SummedTable {
  key: readonly string[]
  columns: readonly string[]
  /** What a row is called when it is damaged. */
  called: string
  /** The column or expression that names the run a row belongs to. */
  run?: string
}

const ofRun = '(SELECT id FROM runs WHERE runs.key = run)'

/** The tables as they are now; the migrations that made the sums have their own copies. */
export const summed = {
  experiments: { key: ['hash'], columns: ['json'], called: 'an experiment' },
  runs: {
    key: ['key'],
    columns: [
      'id',
      'name',
      'task',
      'labels',
      'status',
      'created',
      'ended',
      'trials',
      'done',
      'diverged',
      'failed',
      'seeds',
      'elapsed_ms',
      'backend',
      'notes',
      'trashed',
      'best_label',
      'best_metric',
      'best_mean',
      'variant',
      'origin'
    ],
    called: 'the line of a run',
    run: 'id'
  },
  run_details: {
    key: ['run'],
    columns: ['experiment', 'provenance', 'error'],
    called: 'where a run comes from',
    run: ofRun
  },
  run_tags: { key: ['run', 'tag'], columns: [], called: 'a tag', run: ofRun },
  cells: {
    key: ['run', 'cell'],
    columns: ['use', 'label', 'model', 'params', 'task_params', 'point', 'weights', 'tuned'],
    called: 'a cell of the grid',
    run: ofRun
  },
  tunings: {
    key: ['run'],
    columns: ['first', 'metric', 'direction', 'seeds'],
    called: 'what is tuned by',
    run: ofRun
  },
  tuning_cells: { key: ['run', 'cell'], columns: ['json'], called: 'a point of tuning', run: ofRun },
  tuning_trials: {
    key: ['run', 'cell', 'seed'],
    columns: ['hash', 'status', 'value', 'elapsed_ms', 'backend'],
    called: 'a trial of tuning',
    run: ofRun
  },
  series: { key: ['trial', 'name'], columns: ['x', 'y'], called: 'a curve' },
  traces: { key: ['trial', 'position'], columns: ['json'], called: 'a trace' },
  predictions: {
    key: ['run', 'position'],
    columns: ['json', 'hash', 'registered', 'judged', 'judgement'],
    called: 'a prediction',
    run: ofRun
  },
  log: { key: ['id'], columns: ['run', 'time', 'text'], called: 'a line of a log', run: ofRun },
  settings: { key: ['name'], columns: ['json'], called: 'a setting' },
  reports: { key: ['id'], columns: ['title', 'created', 'changed', 'trashed', 'json'], called: 'a report' },
  measurements: { key: ['id'], columns: ['json', 'trashed'], called: 'a measurement' },
  rerun_checks: { key: ['id'], columns: ['run', 'json'], called: 'a check of a run', run: ofRun },
  drifts: { key: ['id'], columns: ['run', 'json'], called: 'a drifted trial', run: ofRun },
  recall_datasets: {
    key: ['id'],
    columns: ['name', 'file', 'imported', 'subjects', 'lists', 'lengths', 'trashed', 'reading'],
    called: 'a recall data set'
  },
  recall_lists: { key: ['dataset'], columns: ['json'], called: 'the lists of a recall data set' },
  recall_similarities: {
    key: ['dataset'],
    columns: ['file', 'text', 'trashed'],
    called: 'the similarities of a recall data set'
  },
  recall_fits: { key: ['id'], columns: ['dataset', 'json', 'trashed'], called: 'a fit' },
  checkpoints: { key: ['run', 'cell', 'seed'], columns: ['state'], called: 'training under way', run: ofRun }
} satisfies Record<string, SummedTable>

export type SummedName = keyof typeof summed

/** SQL: whether a row of a table is as it was written. */
export function sound(table: SummedName): string {
  const { key, columns } = summed[table]
  return `(${table}.sum IS row_sum(${[...key, ...columns].map((name) => `${table}.${name}`).join(', ')}))`
}

/** A stored document with whether it is sound. */
export interface Document {
  json: string
  sound: 0 | 1
}

/** What a document says. @throws StudioError store-corrupt when it is not what was written */
export function documentOf({ json, sound }: Document, called: string): unknown {
  if (sound) return JSON.parse(json) as unknown
  throw new StudioError('store-corrupt', `${called} is damaged in the data file; ${wayBack}.`)
}

/**
 * SQL: whether a trial and its metrics are as they were written. How many curves and traces it has is part of its sum,
 * their content has sums of its own.
 */
export const soundTrial = `(trials.sum IS row_sum(trials.run, trials.cell, trials.seed, trials.hash, trials.status,
  trials.error, trials.elapsed_ms, trials.backend, trials.curves, trials.pictures,
  coalesce((SELECT pair_sum(name, value) FROM metrics WHERE trial = trials.id), 0)))`

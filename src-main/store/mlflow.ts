/** MLflow's SQLite file, read and never written: its runs as reference runs. */
import Sqlite from 'better-sqlite3'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { finalValue, measured } from '../../src-shared/exchange/measured.ts'
import { complaint } from '../../src-shared/shapes/issues.ts'
import type { ReferenceRun } from '../../src-shared/exchange/reference.ts'

/** What is read of each table; MLflow has had these columns since its first migrations. */
const needed: Record<string, readonly string[]> = {
  experiments: ['experiment_id', 'name', 'lifecycle_stage'],
  runs: ['run_uuid', 'name', 'experiment_id', 'status', 'start_time', 'end_time', 'lifecycle_stage'],
  metrics: ['key', 'value', 'step', 'timestamp', 'run_uuid', 'is_nan'],
  params: ['key', 'value', 'run_uuid'],
  tags: ['key', 'value', 'run_uuid']
}

export const mlflowLimits = { runs: 10_000, points: 5_000_000 } as const

const header = 'SQLite format 3\0'
export const isSqlite = (bytes: Buffer): boolean => bytes.subarray(0, 16).toString('latin1') === header

const runRow = z.object({
  id: z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'a run_uuid is letters and digits'),
  name: z.string().nullable(),
  experiment: z.string().nullable(),
  status: z.string().nullable(),
  start: z.number().nullable(),
  end: z.number().nullable()
})
const key = z.string().max(500)
const pair = z.object({ key, value: z.string().max(100_000).nullable() })
const point = z.object({ key, value: z.number().nullable(), step: z.number().nullable(), bad: z.number().nullable() })

export interface MlflowRuns {
  runs: ReferenceRun[]
  /** Runs that cannot be read, each with the reason. */
  left: { name: string; reason: string }[]
}

/** The bytes of a database with what its write-ahead log holds, as an MLflow server at work leaves it. */
export function databaseBytes(file: string): Buffer {
  const log = `${file}-wal`
  if (!existsSync(log) || statSync(log).size === 0) return readFileSync(file)
  const folder = mkdtempSync(join(tmpdir(), 'engram-import-'))
  try {
    const copy = join(folder, 'copy.db')
    copyFileSync(file, copy)
    copyFileSync(log, `${copy}-wal`)
    const database = new Sqlite(copy)
    database.pragma('wal_checkpoint(TRUNCATE)')
    database.close()
    return readFileSync(copy)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The runs of an MLflow file that are not deleted. A metric's last value is its metric here; one with more than one
 * step is a series too. The file is opened as a copy in memory.
 * @throws StudioError bad-file for what is no MLflow database, too-large
 */
export function readMlflow(bytes: Buffer, file: string): MlflowRuns {
  const copy = Buffer.from(bytes)
  // A file in write-ahead mode cannot be opened in memory; without its log it is an ordinary one.
  if (copy[18] === 2) copy[18] = copy[19] = 1
  let database: Sqlite.Database | undefined
  try {
    database = new Sqlite(copy)
    database.pragma('query_only = ON')
    database.pragma('trusted_schema = OFF')
    return runsOf(database, file)
  } catch (error) {
    if (error instanceof StudioError) throw error
    throw new StudioError('bad-file', `This is not a readable MLflow database: ${(error as Error).message}.`, { file })
  } finally {
    database?.close()
  }
}

function runsOf(database: Sqlite.Database, file: string): MlflowRuns {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_sum'").get() !== undefined)
    throw new StudioError(
      'bad-file',
      'This is a data file of this studio: open its folder with --data, and export its runs as JSON to take them in.',
      { file }
    )
  for (const [table, columns] of Object.entries(needed)) {
    const found = database.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table)
    const kind = database.prepare<[string], string>('SELECT type FROM sqlite_schema WHERE name = ?').pluck().get(table)
    const missing = columns.find((column) => !found.some(({ name }) => name === column))
    if (missing !== undefined || (kind as unknown) !== 'table')
      throw new StudioError(
        'bad-file',
        found.length && missing !== undefined
          ? `Its table ${table} has no column ${missing}; bring an old MLflow database up to date with "mlflow db upgrade".`
          : `It has no table ${table}; is it MLflow’s?`,
        { file }
      )
  }
  const count = (sql: string): number => database.prepare(sql).pluck().get() as number
  if (count('SELECT count(*) FROM runs') > mlflowLimits.runs)
    throw new StudioError('too-large', `At most ${mlflowLimits.runs} runs can be taken in at once.`, { file })
  if (count('SELECT count(*) FROM metrics') > mlflowLimits.points)
    throw new StudioError('too-large', `At most ${mlflowLimits.points} metric values can be taken in at once.`, {
      file
    })

  const checked = <T>(schema: z.ZodType<T>, row: unknown, table: string): T => {
    const parsed = schema.safeParse(row)
    if (parsed.success) return parsed.data
    const { message, field } = complaint(parsed.error, row)
    throw new StudioError('bad-file', `A row of ${table} does not fit: ${message}`, {
      file,
      field: `${table}.${field ?? ''}`
    })
  }
  const points = database.prepare(
    'SELECT key, value, step, is_nan AS bad FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp, rowid'
  )
  const pairs = (table: 'params' | 'tags', id: string): Map<string, string> =>
    new Map(
      database
        .prepare(`SELECT key, value FROM ${table} WHERE run_uuid = ? ORDER BY key`)
        .all(id)
        .map((row) => checked(pair, row, table))
        .map((row) => [row.key, row.value ?? ''])
    )
  const read = (row: unknown): ReferenceRun => {
    const run = checked(runRow, row, 'runs')
    const tags = pairs('tags', run.id)
    // MLflow declares every parameter as text.
    const params = Object.fromEntries([...pairs('params', run.id)].map(([name, value]) => [name, value.slice(0, 1000)]))
    const curves = Map.groupBy(
      points.all(run.id).map((p) => checked(point, p, 'metrics')),
      (p) => p.key
    )
    const values = [...curves].map(([name, list]) => {
      const y = list.map(({ value, bad }) => (bad ? NaN : (measured(value) ?? NaN)))
      // Who logs without a step logs every value at 0: the order of time is what there is.
      if (list.length > 1 && list.every(({ step }) => (step ?? 0) === 0)) return { name, x: [...y.keys()], y }
      // A step that was logged twice counts once, with its later value.
      const bySteps = new Map(list.map(({ step }, i) => [step ?? 0, y[i]]))
      return { name, x: [...bySteps.keys()], y: [...bySteps.values()] }
    })
    const title = [run.experiment, run.name || tags.get('mlflow.runName') || run.id.slice(0, 8)]
      .filter(Boolean)
      .join(' / ')
    const seed = /^\d{1,10}$/.test(params.seed ?? '') ? params.seed : params.random_seed
    const whole = /^\d{1,10}$/.test(seed ?? '') ? Number(seed) : 0
    return {
      id: run.id,
      name: title,
      tool: 'MLflow',
      created: iso(run.start) ?? '1970-01-01T00:00:00.000Z',
      ended: iso(run.end),
      params,
      seed: whole < 2 ** 32 ? whole : 0,
      metrics: Object.fromEntries(
        values.flatMap(({ name, y }) => {
          const last = finalValue(y)
          return last === undefined ? [] : [[name, last]]
        })
      ),
      series: values.filter(({ x, y }) => x.length > 1 || finalValue(y) === undefined),
      tags: [...tags].flatMap(([name, value]) =>
        name.startsWith('mlflow.') ? [] : [(value === '' ? name : `${name}: ${value}`).slice(0, 200)]
      ),
      notes: tags.get('mlflow.note.content') ?? '',
      status: statusOf(run.status),
      elapsedMs: run.start !== null && run.end !== null ? Math.max(0, run.end - run.start) : 0
    }
  }
  const found: MlflowRuns = { runs: [], left: [] }
  const rows = database
    .prepare(
      `SELECT run_uuid AS id, runs.name AS name, experiments.name AS experiment, status, start_time AS start, end_time AS "end"
       FROM runs LEFT JOIN experiments USING (experiment_id)
       WHERE runs.lifecycle_stage = 'active' AND coalesce(experiments.lifecycle_stage, 'active') = 'active'
       ORDER BY start_time, run_uuid`
    )
    .all() as Record<string, unknown>[]
  for (const row of rows)
    try {
      found.runs.push(read(row))
    } catch (error) {
      if (!(error instanceof StudioError)) throw error
      found.left.push({ name: String(row.name ?? row.id).slice(0, 200), reason: error.message })
    }
  return found
}

function statusOf(status: string | null): ReferenceRun['status'] {
  if (status === 'RUNNING' || status === 'SCHEDULED') return 'running'
  if (status === 'KILLED') return 'cancelled'
  return status === 'FINISHED' ? 'done' : 'failed'
}

function iso(ms: number | null): string | null {
  const date = new Date(ms ?? NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** MLflow's SQLite file, read and never written: its runs as reference runs. */
import Sqlite from 'better-sqlite3'
import { z } from 'zod'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { ReferenceRun } from '../../src-shared/exchange/reference.ts'

/** What is read of each table; MLflow has had these columns since its first migrations. */
const needed: Record<string, readonly string[]> = {
  experiments: ['experiment_id', 'name'],
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
const pair = z.object({ key: z.string().max(1000), value: z.string().max(100_000) })
const point = z.object({ key: z.string().max(1000), value: z.number().nullable(), step: z.number(), bad: z.number() })

/**
 * The runs of an MLflow file that are not deleted. A metric's last value is its metric here; one with more than one
 * step is a series too. The file is opened as a copy in memory.
 * @throws StudioError bad-file for what is no MLflow database, too-large
 */
export function readMlflow(bytes: Buffer, file: string): ReferenceRun[] {
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

function runsOf(database: Sqlite.Database, file: string): ReferenceRun[] {
  for (const [table, columns] of Object.entries(needed)) {
    const found = database.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table)
    const kind = database.prepare<[string], string>('SELECT type FROM sqlite_schema WHERE name = ?').pluck().get(table)
    const missing = columns.find((column) => !found.some(({ name }) => name === column))
    if (missing !== undefined || (kind as unknown) !== 'table')
      throw new StudioError(
        'bad-file',
        found.length && missing !== undefined
          ? `Its table ${table} has no column ${missing}.`
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
    const { message, path } = parsed.error.issues[0]
    throw new StudioError('bad-file', `A row of ${table} does not fit: ${message}.`, {
      file,
      field: `${table}.${path.join('.')}`
    })
  }
  const points = database.prepare(
    'SELECT key, value, step, is_nan AS bad FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp'
  )
  const pairs = (table: 'params' | 'tags', id: string): Map<string, string> =>
    new Map(
      database
        .prepare(`SELECT key, value FROM ${table} WHERE run_uuid = ? ORDER BY key`)
        .all(id)
        .map((row) => checked(pair, row, table))
        .map(({ key, value }) => [key, value])
    )
  return database
    .prepare(
      `SELECT run_uuid AS id, runs.name AS name, experiments.name AS experiment, status, start_time AS start, end_time AS "end"
       FROM runs LEFT JOIN experiments USING (experiment_id)
       WHERE runs.lifecycle_stage = 'active' ORDER BY start_time, run_uuid`
    )
    .all()
    .map((row): ReferenceRun => {
      const run = checked(runRow, row, 'runs')
      const tags = pairs('tags', run.id)
      const params = Object.fromEntries(
        [...pairs('params', run.id)].map(([key, value]) => [key.slice(0, 100), numeric(value)])
      )
      const curves = Map.groupBy(
        points.all(run.id).map((p) => checked(point, p, 'metrics')),
        ({ key }) => key.slice(0, 200)
      )
      const values = [...curves].map(([name, list]) => {
        // A step that was logged twice counts once, with its later value.
        const bySteps = new Map(list.map(({ step, value, bad }) => [step, bad || value === null ? NaN : value]))
        return { name, x: [...bySteps.keys()], y: [...bySteps.values()] }
      })
      const title = [run.experiment, run.name || tags.get('mlflow.runName') || run.id.slice(0, 8)]
        .filter(Boolean)
        .join(' / ')
      const seed = Number(params.seed ?? params.random_seed)
      return {
        id: run.id,
        name: title,
        tool: 'MLflow',
        created: iso(run.start) ?? '1970-01-01T00:00:00.000Z',
        ended: iso(run.end),
        params,
        seed: Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32 ? seed : 0,
        metrics: Object.fromEntries(
          values.flatMap(({ name, y }) => (Number.isFinite(y.at(-1)) ? [[name, y.at(-1)!]] : []))
        ),
        series: values.filter(({ x }) => x.length > 1),
        tags: [...tags].flatMap(([key, value]) =>
          key.startsWith('mlflow.') ? [] : [`${key}: ${value}`.slice(0, 200)]
        ),
        notes: tags.get('mlflow.note.content') ?? '',
        ok: run.status === 'FINISHED',
        elapsedMs: run.start !== null && run.end !== null ? Math.max(0, run.end - run.start) : 0
      }
    })
}

const numeric = (text: string): string | number =>
  text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text.slice(0, 1000)

function iso(ms: number | null): string | null {
  const date = new Date(ms ?? NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

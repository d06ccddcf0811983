/** The list of runs: filters, search and order over columns that lie beside each other. */
import type { HistoryQuery, RunRow } from '../../src-shared/contract.ts'
import type { Database } from './port.ts'

export type HistoryReader = ReturnType<typeof historyReader>

/** One row of `runs`, its tags as JSON. */
export interface RunRecord {
  key: number
  id: string
  name: string
  task: string
  models: string
  status: RunRow['status']
  created: string
  ended: string | null
  trials: number
  done: number
  diverged: number
  failed: number
  seeds: number
  elapsed_ms: number
  backend: string
  notes: string
  trashed: string | null
  best_model: string | null
  best_metric: string | null
  best_mean: number | null
  tags: string
}

export const runColumns = `key, id, name, task, models, status, created, ended, trials, done, diverged, failed, seeds,
  elapsed_ms, backend, notes, trashed, best_model, best_metric, best_mean,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM run_tags WHERE run = key ORDER BY tag)) AS tags`

export const toRow = (r: RunRecord): RunRow => ({
  id: r.id,
  name: r.name,
  task: r.task,
  models: JSON.parse(r.models) as string[],
  status: r.status,
  created: r.created,
  ended: r.ended,
  trials: r.trials,
  done: r.done,
  diverged: r.diverged,
  failed: r.failed,
  seeds: r.seeds,
  elapsedMs: r.elapsed_ms,
  backend: r.backend,
  tags: JSON.parse(r.tags) as string[],
  notes: r.notes,
  trashed: r.trashed,
  best:
    r.best_model === null || r.best_metric === null || r.best_mean === null
      ? null
      : { model: r.best_model, metric: r.best_metric, mean: r.best_mean }
})

/** Text as it is compared: case, width and composed letters make no difference. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

const sortColumns: Record<HistoryQuery['sort'], string> = {
  name: 'name COLLATE NOCASE',
  task: 'task',
  status: 'status',
  created: 'created',
  elapsedMs: 'elapsed_ms',
  trials: 'trials',
  best: 'best_mean'
}

export function historyReader(database: Database) {
  const distinct = (sql: string): string[] => database.prepare(sql).pluck().all() as string[]
  return {
    /** A page of the history, and how many runs match in all. Every word of `text` must occur. */
    history(query: HistoryQuery): { rows: RunRow[]; total: number } {
      const where = [query.trashed ? 'trashed IS NOT NULL' : 'trashed IS NULL']
      const values: unknown[] = []
      const only = (sql: string, ...value: unknown[]): void => {
        where.push(sql)
        values.push(...value)
      }
      for (const word of folded(query.text).split(/\s+/).filter(Boolean)) only('instr(search, ?) > 0', word)
      if (query.task !== undefined) only('task = ?', query.task)
      if (query.model !== undefined)
        only('EXISTS (SELECT 1 FROM run_models WHERE run = key AND ? IN (label, kind))', query.model)
      if (query.status !== undefined) only('status = ?', query.status)
      if (query.tag !== undefined) only('EXISTS (SELECT 1 FROM run_tags WHERE run = key AND tag = ?)', query.tag)
      if (query.from !== undefined) only('created >= ?', query.from)
      if (query.to !== undefined) only('created <= ?', query.to)
      const condition = where.join(' AND ')
      const total = database.prepare(`SELECT count(*) FROM runs WHERE ${condition}`).pluck()
      const direction = query.descending ? 'DESC' : 'ASC'
      // Runs without a best value stand last in either direction.
      const page = database.prepare<unknown[], RunRecord>(
        `SELECT ${runColumns} FROM runs WHERE key IN (
           SELECT key FROM runs WHERE ${condition}
           ORDER BY ${sortColumns[query.sort]} ${direction} NULLS LAST, key ${direction} LIMIT ? OFFSET ?)
         ORDER BY ${sortColumns[query.sort]} ${direction} NULLS LAST, key ${direction}`
      )
      return {
        rows: page.all(...values, query.limit, query.offset).map(toRow),
        total: total.get(...values) as number
      }
    },

    /** What the history can be filtered by. */
    facets: (): { tasks: string[]; models: string[]; tags: string[]; trashed: number } => ({
      tasks: distinct('SELECT DISTINCT task FROM runs ORDER BY task'),
      models: distinct('SELECT DISTINCT kind FROM run_models ORDER BY kind'),
      tags: distinct('SELECT DISTINCT tag FROM run_tags ORDER BY tag'),
      trashed: database.prepare('SELECT count(*) FROM runs WHERE trashed IS NOT NULL').pluck().get() as number
    })
  }
}

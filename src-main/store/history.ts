/** The list of runs: filters, search and order over columns that lie beside each other. */
import type { HistoryQuery, RunRow } from '../../src-shared/contract.ts'
import { parseFilter } from '../../src-shared/filter/parse.ts'
import { filterSql, folded, type Condition } from './filter-sql.ts'
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

const sortColumns = {
  name: 'name',
  task: 'task',
  status: 'status',
  created: 'created',
  elapsedMs: 'elapsed_ms',
  trials: 'trials',
  best: 'best_mean'
}

export interface Facets {
  tasks: string[]
  models: string[]
  tags: string[]
  params: string[]
  metrics: string[]
  trashed: number
}

/** What a run is grouped by: `member` of a join with `runs`. A run with two values is in two groups. */
function grouping(by: string): { member: string; from: string; values: string[] } {
  const joined = (list: string, ...values: string[]) => ({
    member: 'member',
    from: `runs JOIN (${list}) ON member_of = key`,
    values
  })
  if (by.startsWith('param.'))
    return joined('SELECT run AS member_of, value AS member FROM run_params WHERE name = ?', by.slice(6))
  if (by === 'model') return joined('SELECT DISTINCT run AS member_of, kind AS member FROM run_models')
  if (by === 'tag') return joined('SELECT run AS member_of, tag AS member FROM run_tags')
  return { member: { seeds: 'variant', task: 'task', status: 'status' }[by] ?? 'backend', from: 'runs', values: [] }
}

export function historyReader(database: Database) {
  /** Every value of an index's first column, one look-up a value. */
  const distinct = (table: string, column: string): string[] =>
    database
      .prepare(
        `WITH RECURSIVE found (v) AS (
           SELECT min(${column}) FROM ${table}
           UNION ALL SELECT (SELECT min(${column}) FROM ${table} WHERE ${column} > v) FROM found WHERE v IS NOT NULL)
         SELECT v FROM found WHERE v IS NOT NULL`
      )
      .pluck()
      .all() as string[]

  function conditionOf(query: HistoryQuery): Condition {
    const where = [query.trashed ? 'trashed IS NOT NULL' : 'trashed IS NULL']
    const values: Condition['values'] = []
    const only = (sql: string, ...value: Condition['values']): void => {
      where.push(sql)
      values.push(...value)
    }
    for (const word of folded(query.text).split(/\s+/).filter(Boolean)) only('instr(search, ?) > 0', word)
    if (query.filter) {
      const { sql, values: own } = filterSql(parseFilter(query.filter))
      only(sql, ...own)
    }
    if (query.task !== undefined) only('task = ?', query.task)
    if (query.model !== undefined) only('key IN (SELECT run FROM run_models WHERE ? IN (label, kind))', query.model)
    if (query.status !== undefined) only('status = ?', query.status)
    if (query.tag !== undefined) only('key IN (SELECT run FROM run_tags WHERE tag = ?)', query.tag)
    if (query.from !== undefined) only('created >= ?', query.from)
    if (query.to !== undefined) only('created <= ?', query.to)
    return { sql: where.join(' AND '), values }
  }

  /** A page of groups, each shown by its newest run. */
  function groups(query: HistoryQuery, by: string): { rows: RunRow[]; total: number } {
    const { member, from, values: own } = grouping(by)
    const { sql, values } = conditionOf(query)
    const direction = query.descending ? 'DESC' : 'ASC'
    // With max() alone, SQLite takes the other columns from the row that has the maximum.
    const found = database
      .prepare<unknown[], { member: string | number; key: number; runs: number; seeds: number; total: number }>(
        `SELECT member, key, runs, seeds, count(*) OVER () AS total FROM (
           SELECT ${member} AS member, key, count(*) AS runs, sum(seeds) AS seeds, ${sortColumns[query.sort]} AS sorted,
             max(created) FROM ${from} WHERE ${sql} GROUP BY 1)
         ORDER BY sorted ${direction} NULLS LAST, key ${direction} LIMIT ? OFFSET ?`
      )
      .all(...own, ...values, query.limit, query.offset)
    const rows = byKeys.all(JSON.stringify(found.map(({ key }) => key)))
    const byKey = new Map(rows.map((row) => [row.key, row]))
    return {
      rows: found.map(({ key, member, runs, seeds }) => ({
        ...toRow(byKey.get(key) as RunRecord),
        group: { value: member, runs, seeds }
      })),
      total: found[0]?.total ?? 0
    }
  }

  const byKeys = database.prepare<[string], RunRecord>(
    `SELECT ${runColumns} FROM runs WHERE key IN (SELECT value FROM json_each(?))`
  )

  return {
    /**
     * A page of the history, and how many runs (or groups) match in all. Every word of `text` must occur.
     * @throws FilterError
     */
    history(query: HistoryQuery): { rows: RunRow[]; total: number } {
      if (query.group !== undefined && query.member === undefined) return groups(query, query.group)
      const { sql, values } = conditionOf(query)
      let from = 'runs'
      let [condition, all] = [sql, values]
      if (query.group !== undefined && query.member !== undefined) {
        const group = grouping(query.group)
        from = group.from
        condition = `${sql} AND ${group.member} = ?`
        all = [...group.values, ...values, query.member]
      }
      const total = database.prepare(`SELECT count(*) FROM ${from} WHERE ${condition}`).pluck()
      const direction = query.descending ? 'DESC' : 'ASC'
      // Runs without a best value stand last in either direction.
      const page = database.prepare<unknown[], RunRecord>(
        `SELECT ${runColumns} FROM runs WHERE key IN (
           SELECT key FROM ${from} WHERE ${condition}
           ORDER BY ${sortColumns[query.sort]} ${direction} NULLS LAST, key ${direction} LIMIT ? OFFSET ?)
         ORDER BY ${sortColumns[query.sort]} ${direction} NULLS LAST, key ${direction}`
      )
      return {
        rows: page.all(...all, query.limit, query.offset).map(toRow),
        total: total.get(...all) as number
      }
    },

    /** What the history can be filtered and grouped by. */
    facets: (): Facets => ({
      tasks: distinct('runs', 'task'),
      models: distinct('run_models', 'kind'),
      tags: distinct('run_tags', 'tag'),
      params: distinct('run_params', 'name'),
      metrics: distinct('run_metrics', 'name'),
      trashed: database.prepare('SELECT count(*) FROM runs WHERE trashed IS NOT NULL').pluck().get() as number
    })
  }
}

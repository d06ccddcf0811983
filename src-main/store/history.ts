/** The list of runs: filters, search and order over columns that lie beside each other. */
import type { HistoryQuery, RunRow } from '../../src-shared/contract.ts'
import { parseFilter } from '../../src-shared/filter/parse.ts'
import { allOf, filterSql, folded, textCondition, type Condition } from './filter-sql.ts'
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
  origin: string
}

export const runColumns = `key, id, origin, name, task, models, status, created, ended, trials, done, diverged, failed, seeds,
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
      : { model: r.best_model, metric: r.best_metric, mean: r.best_mean },
  ...(r.origin && { origin: r.origin })
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
function grouping(by: string, table: string): { member: string; from: string; values: string[] } {
  const joined = (list: string, ...values: string[]) => ({
    member: 'member',
    from: `${table} JOIN (${list}) ON member_of = key`,
    values
  })
  if (by.startsWith('param.'))
    return joined('SELECT run AS member_of, value AS member FROM run_params WHERE name = ?', by.slice(6))
  if (by === 'model') return joined('SELECT DISTINCT run AS member_of, kind AS member FROM run_models')
  if (by === 'tag') return joined('SELECT run AS member_of, tag AS member FROM run_tags')
  return { member: { seeds: 'variant', task: 'task', status: 'status' }[by] ?? 'backend', from: table, values: [] }
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
    const only = (sql: string, ...values: Condition['values']): Condition => ({ sql, values })
    const { task, model, status, tag, from, to } = query
    return allOf([
      only(query.trashed ? 'trashed IS NOT NULL' : 'trashed IS NULL'),
      ...folded(query.text).split(/\s+/).filter(Boolean).map(textCondition),
      ...(query.filter ? [filterSql(parseFilter(query.filter))] : []),
      ...(task !== undefined ? [only('task = ?', task)] : []),
      ...(model !== undefined ? [only('key IN (SELECT run FROM run_models WHERE ? IN (label, kind))', model)] : []),
      ...(status !== undefined ? [only('status = ?', status)] : []),
      ...(tag !== undefined ? [only('key IN (SELECT run FROM run_tags WHERE tag = ?)', tag)] : []),
      ...(from !== undefined ? [only('created >= ?', from)] : []),
      ...(to !== undefined ? [only('created <= ?', to)] : [])
    ])
  }

  /** SQLite knows no sizes before it has looked; that the narrow index is the one to scan is said to it. */
  const tableFor = (query: HistoryQuery, { wide }: Condition): string =>
    query.trashed || wide || query.sort === 'name' ? 'runs' : 'runs INDEXED BY runs_desk'

  /** A page of groups, each shown by its newest run. */
  function groups(query: HistoryQuery, by: string): { rows: RunRow[]; total: number } {
    const condition = conditionOf(query)
    const { sql, values } = condition
    const unfiltered = by === 'seeds' && condition.values.length === 0
    // Without a filter the groups lie ready in an index of their own.
    const table = unfiltered ? 'runs' : tableFor(query, condition)
    const { member, from, values: own } = grouping(by, table)
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
    return {
      rows: rowsOf(found.map(({ key }) => key)).map((row, i) => {
        const { member: value, runs, seeds } = found[i]
        return { ...toRow(row), group: { value, runs, seeds } }
      }),
      total: found[0]?.total ?? 0
    }
  }

  const byKeys = database.prepare<[string], RunRecord>(
    `SELECT ${runColumns} FROM runs WHERE key IN (SELECT value FROM json_each(?))`
  )
  /** In the order of the keys. */
  function rowsOf(keys: readonly number[]): RunRecord[] {
    const byKey = new Map(byKeys.all(JSON.stringify(keys)).map((row) => [row.key, row]))
    return keys.flatMap((key) => byKey.get(key) ?? [])
  }

  return {
    /**
     * A page of the history, and how many runs (or groups) match in all. Every word of `text` must occur.
     * @throws FilterError
     */
    history(query: HistoryQuery): { rows: RunRow[]; total: number } {
      if (query.group !== undefined && query.member === undefined) return groups(query, query.group)
      const condition = conditionOf(query)
      const table = tableFor(query, condition)
      let [from, where, values] = [table, condition.sql, condition.values]
      if (query.group !== undefined && query.member !== undefined) {
        const group = grouping(query.group, table)
        from = group.from
        where = `${condition.sql} AND ${group.member} = ?`
        values = [...group.values, ...condition.values, query.member]
      }
      const direction = query.descending ? 'DESC' : 'ASC'
      // Runs without a best value stand last in either direction.
      const order = (column: string): string => `ORDER BY ${column} ${direction} NULLS LAST, key ${direction}`
      const sorted = sortColumns[query.sort]
      const { limit, offset } = query
      if (condition.joined) {
        const found = database
          .prepare<unknown[], { key: number; total: number }>(
            `WITH found AS MATERIALIZED (SELECT key, ${sorted} AS sorted FROM ${from} WHERE ${where})
             SELECT key, (SELECT count(*) FROM found) AS total FROM found ${order('sorted')} LIMIT ? OFFSET ?`
          )
          .all(...values, limit, offset)
        return { rows: rowsOf(found.map(({ key }) => key)).map(toRow), total: found[0]?.total ?? 0 }
      }
      const keys = database
        .prepare(`SELECT key FROM ${from} WHERE ${where} ${order(sorted)} LIMIT ? OFFSET ?`)
        .pluck()
        .all(...values, limit, offset) as number[]
      const total = database.prepare(`SELECT count(*) FROM ${from} WHERE ${where}`).pluck()
      return { rows: rowsOf(keys).map(toRow), total: total.get(...values) as number }
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

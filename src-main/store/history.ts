/** The list of runs: what a filter finds, in groups or by itself, in an order, by pages. */
import type { HistoryQuery } from '../../src-shared/contract/runs.ts'
import type { RunRow } from '../../src-shared/shapes/run.ts'
import { parseFilter, type KnownNames } from '../../src-shared/filter/parse.ts'
import { allOf, distinct, filterSql, inKeys, type Condition } from './filter-sql.ts'
import type { Database } from './port.ts'
import { sound } from './sums.ts'
import { rosterReader, type Roster } from './roster.ts'

export type HistoryReader = ReturnType<typeof historyReader>

/** One row of `runs`, its tags as JSON. */
export interface RunRecord {
  key: number
  id: string
  name: string
  task: string
  labels: string
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
  best_label: string | null
  best_metric: string | null
  best_mean: number | null
  tags: string
  origin: string
  sound: 0 | 1
}

export const runColumns = `key, id, origin, name, task, labels, status, created, ended, trials, done, diverged, failed, seeds,
  elapsed_ms, backend, notes, trashed, best_label, best_metric, best_mean,
  (SELECT json_group_array(tag) FROM
    (SELECT iif(${sound('run_tags')}, tag, 'a damaged tag') AS tag FROM run_tags WHERE run = key ORDER BY 1)) AS tags,
  ${sound('runs')} AS sound`

export const toRow = (r: RunRecord): RunRow => ({
  id: r.id,
  name: r.name,
  task: r.task,
  labels: r.sound ? (JSON.parse(r.labels) as string[]) : [],
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
    r.best_label === null || r.best_metric === null || r.best_mean === null
      ? null
      : { label: r.best_label, metric: r.best_metric, mean: r.best_mean },
  ...(r.origin && { origin: r.origin }),
  ...(!r.sound && { damaged: true, labels: [], best: null, status: 'interrupted' })
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

/**
 * What an order looks at. Of a metric the model that is nearest to the front of the list counts, of a parameter the value
 * that is.
 */
function orderOf(sort: HistoryQuery['sort'], descending: boolean): { sql: string; values: string[] } {
  if (Object.hasOwn(sortColumns, sort)) return { sql: sortColumns[sort as keyof typeof sortColumns], values: [] }
  const [family, name] = [sort.slice(0, sort.indexOf('.')), sort.slice(sort.indexOf('.') + 1)]
  const first = descending ? 'max' : 'min'
  return family === 'metric'
    ? { sql: `(SELECT ${first}(total / n) FROM run_metrics WHERE run = key AND name = ?)`, values: [name] }
    : { sql: `(SELECT ${first}(value) FROM run_params WHERE run = key AND name = ?)`, values: [name] }
}

export interface Facets {
  tasks: string[]
  models: string[]
  tags: string[]
  params: string[]
  metrics: string[]
  trashed: number
}

/** What runs are grouped by: a column of a table that has their keys. A run with two values is in two groups. */
interface Membership {
  from: string
  key: string
  member: string
  values: string[]
}

function membershipOf(by: NonNullable<HistoryQuery['group']>, trashed: boolean): Membership {
  const beside = (table: string, member: string): Membership => ({ from: table, key: 'run', member, values: [] })
  if (by.startsWith('param.'))
    return { from: 'run_params WHERE name = ?', key: 'run', member: 'value', values: [by.slice(6)] }
  if (by === 'model') return beside('run_models WHERE 1', 'model')
  if (by === 'tag') return beside('run_tags WHERE 1', 'tag')
  const member = { seeds: 'variant', task: 'task', status: 'status' }[by as string] ?? 'backend'
  return { from: `runs WHERE trashed IS ${trashed ? 'NOT ' : ''}NULL`, key: 'key', member, values: [] }
}

/** Names that a line of runs shows that differ only in their seeds. */
const mostNamed = 8

/** A line of the list: a run, or a group shown by its newest run. */
interface Line {
  key: number
  /** Of runs that differ only in their seeds: a few, newest first. */
  some?: number[]
  group?: NonNullable<RunRow['group']>
}

/** The runs of one group. */
const inGroup = ({ from, key, member, values }: Membership, value: string | number): Condition =>
  inKeys(`SELECT ${key} FROM ${from} AND ${member} = ?`, ...values, value)

export function historyReader(database: Database) {
  const roster = rosterReader(database)
  const pluck = <T>(sql: string, ...values: unknown[]): T[] =>
    database
      .prepare(sql)
      .pluck()
      .all(...values) as T[]

  /** What `metric.` and `param.` of a filter know. */
  const names = (): KnownNames => ({
    metric: pluck(distinct('run_metrics', 'name')),
    param: pluck(distinct('run_params', 'name'))
  })

  /** The condition of a query, but for the trash. @throws FilterError */
  function conditionOf(query: HistoryQuery): Condition {
    const { filter, group, member } = query
    return allOf([
      ...(filter ? [filterSql(parseFilter(filter, names()))] : []),
      ...(group !== undefined && member !== undefined ? [inGroup(membershipOf(group, query.trashed), member)] : [])
    ])
  }

  /** SQLite knows no sizes before it has looked; that the narrow index is the one to scan is said to it. */
  const tableOf = ({ trashed }: Pick<HistoryQuery, 'trashed'>, wide = false): string =>
    trashed || wide
      ? `runs WHERE trashed IS ${trashed ? 'NOT ' : ''}NULL`
      : 'runs INDEXED BY runs_desk WHERE trashed IS NULL'

  /** Whether a run, by its key, meets a condition. Each term that has an index of its own is asked for by itself. */
  function finder(condition: Condition, query: HistoryQuery, { size }: Roster): (key: number) => boolean {
    const terms = condition.terms ?? []
    const rest = allOf(terms.filter(({ keys }) => keys === undefined))
    const lists = terms.flatMap(({ keys, values }) => (keys === undefined ? [] : [pluck<number>(keys, ...values)]))
    if (rest.sql) lists.push(pluck(`SELECT key FROM ${tableOf(query, rest.wide)} AND ${rest.sql}`, ...rest.values))
    if (!lists.length) return () => true
    // How many of the lists have the key: all so far, or it is out.
    const met = new Uint16Array(size)
    lists.forEach((keys, i) => {
      for (const key of keys) if (met[key] === i) met[key] = i + 1
    })
    return (key) => met[key] === lists.length
  }

  /** What is found, newest first: runs, or groups of them each with its newest. */
  function linesOf(query: HistoryQuery, now: Roster): Line[] {
    const { order, variant, seeds, place } = now
    const found = finder(conditionOf(query), query, now)
    const by = query.member === undefined ? query.group : undefined
    const lines: Line[] = []
    if (by === undefined) {
      for (const key of order) if (found(key)) lines.push({ key })
      return lines
    }
    if (by === 'seeds') {
      const groups: (Line | undefined)[] = new Array<undefined>(order.length)
      for (const key of order) {
        if (!found(key)) continue
        const known = groups[variant[key]]
        if (known?.group) {
          known.group.runs++
          known.group.seeds += seeds[key]
          known.some ??= [known.key]
          if (known.some.length < mostNamed) known.some.push(key)
        } else {
          const line = { key, group: { value: '', runs: 1, seeds: seeds[key] } }
          groups[variant[key]] = line
          lines.push(line)
        }
      }
      return lines
    }
    const { from, key, member, values } = membershipOf(by, query.trashed)
    const groups = database
      .prepare(`SELECT ${member}, count(*) FROM ${from} GROUP BY ${member}`)
      .raw()
      .all(...values) as [string | number, number][]
    const keys = pluck<number>(`SELECT ${key} FROM ${from} ORDER BY ${member}, ${key}`, ...values)
    let at = 0
    for (const [value, count] of groups) {
      const group = { value, runs: 0, seeds: 0 }
      let newest = 0
      for (const end = at + count; at < end; at++) {
        const run = keys[at]
        // A model used twice names its run twice, one after the other.
        if ((group.runs && run === keys[at - 1]) || !place[run] || !found(run)) continue
        group.runs++
        group.seeds += seeds[run]
        if (!newest || place[run] < place[newest]) newest = run
      }
      if (newest) lines.push({ key: newest, group })
    }
    return lines.sort((a, b) => place[a.key] - place[b.key])
  }

  /** The lines in the order of a column; those without a value stand last in either direction. */
  function sorted(lines: Line[], query: HistoryQuery, { size }: Roster): Line[] {
    const { sort, descending } = query
    if (sort === 'created') return descending ? lines : lines.reverse()
    const direction = descending ? 'DESC' : 'ASC'
    const { sql, values } = orderOf(sort, descending)
    const order = `ORDER BY ${sql} ${direction} NULLS LAST, key ${direction}`
    const keys =
      lines.length < 2000
        ? pluck<number>(
            `SELECT key FROM runs WHERE key IN (SELECT value FROM json_each(?)) ${order}`,
            JSON.stringify(lines.map(({ key }) => key)),
            ...values
          )
        : pluck<number>(`SELECT key FROM ${tableOf(query, sort === 'name')} ${order}`, ...values)
    const rank = new Int32Array(size)
    keys.forEach((key, i) => (rank[key] = i))
    // Where every line has a key of its own they fall into place; a run that stands for several groups keeps them together.
    const placed = new Array<Line | undefined>(keys.length)
    let own = true
    for (const line of lines) {
      if (placed[rank[line.key]]) own = false
      placed[rank[line.key]] = line
    }
    return own ? placed.filter((line) => line !== undefined) : lines.sort((a, b) => rank[a.key] - rank[b.key])
  }

  const byKeys = database.prepare<[string], RunRecord & { variant: string }>(
    `SELECT ${runColumns}, variant FROM runs WHERE key IN (SELECT value FROM json_each(?))`
  )

  const valuesOf = database
    .prepare<[string, string]>(
      'SELECT value FROM run_params WHERE name = ? AND run = (SELECT key FROM runs WHERE id = ?) ORDER BY value LIMIT 50'
    )
    .pluck()
  const namesOf = database
    .prepare<[string]>('SELECT key, name FROM runs WHERE key IN (SELECT value FROM json_each(?))')
    .raw()

  return {
    /**
     * A page of the history, and how many runs (or groups) match in all.
     * @throws FilterError
     */
    history(query: HistoryQuery): { rows: RunRow[]; total: number } {
      const now = roster(query)
      const lines = sorted(linesOf(query, now), query, now)
      const page = lines.slice(query.offset, query.offset + query.limit)
      const records = byKeys.all(JSON.stringify(page.map(({ key }) => key)))
      const byKey = new Map(records.map((record) => [record.key, record]))
      const some = page.flatMap((line) => line.some ?? [])
      const nameOf = new Map(some.length ? (namesOf.all(JSON.stringify(some)) as [number, string][]) : [])
      const rows = page.flatMap(({ key, group, some = [] }) => {
        const record = byKey.get(key)
        if (!record) return []
        if (!group) return [toRow(record)]
        const names = [...new Set(some.map((one) => nameOf.get(one)!))]
        const seeded = query.group === 'seeds' && { value: record.variant, ...(names.length > 1 && { names }) }
        return [{ ...toRow(record), group: { ...group, ...seeded } }]
      })
      return { rows, total: lines.length }
    },

    /** Every value of these parameters in a run; of very many the least. */
    paramValues(id: string, params: readonly string[]): Record<string, (string | number)[]> {
      return Object.fromEntries(params.map((name) => [name, valuesOf.all(name, id) as (string | number)[]]))
    },

    /** What the history can be filtered and grouped by. */
    facets: (): Facets => ({
      tasks: pluck(distinct('runs', 'task')),
      models: pluck(distinct('run_models', 'model')),
      tags: pluck(distinct('run_tags', 'tag')),
      params: [...names().param],
      metrics: [...names().metric],
      trashed: database.prepare('SELECT count(*) FROM runs WHERE trashed IS NOT NULL').pluck().get() as number
    })
  }
}

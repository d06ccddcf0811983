/** A parsed filter as a condition over `runs`, its values as parameters: no text of the user becomes SQL. */
import type { Compare, FieldName, Filter } from '../../src-shared/filter/filter.ts'
import { dateRange } from '../../src-shared/filter/parse.ts'

export interface Condition {
  sql: string
  values: (string | number)[]
  /** Looks at columns that the narrow index does not hold. */
  wide?: boolean
  /** A query for the keys of the runs it holds for, with the same values: what is asked when it stands alone. */
  keys?: string
  /** What must hold together. */
  terms?: readonly Condition[]
}

const wide = (terms: readonly Condition[]): Pick<Condition, 'wide'> =>
  terms.some((term) => term.wide) ? { wide: true } : {}

/** All of them. */
export const allOf = (terms: readonly Condition[]): Condition => ({
  sql: terms.map(({ sql }) => sql).join(' AND '),
  values: terms.flatMap(({ values }) => values),
  terms: terms.flatMap((term) => term.terms ?? [term]),
  ...wide(terms)
})

/** Runs whose keys another table has. */
export const inKeys = (keys: string, ...values: Condition['values']): Condition => ({
  sql: `key IN (${keys})`,
  values,
  keys
})

/** Every value of an index's first column, one look-up a value. */
export const distinct = (table: string, column: string): string =>
  `WITH RECURSIVE found (v) AS (
     SELECT min(${column}) FROM ${table}
     UNION ALL SELECT (SELECT min(${column}) FROM ${table} WHERE ${column} > v) FROM found WHERE v IS NOT NULL)
   SELECT v FROM found WHERE v IS NOT NULL`

/** Rows whose indexed column has the text in any case: the index, which knows one case, is asked for each that occurs. */
const anyCase = (select: string, table: string, column: string, text: string): Condition =>
  inKeys(
    `SELECT ${select} FROM ${table} WHERE ${column} IN (${distinct(table, column)} AND v = ? COLLATE NOCASE)`,
    text
  )

/** Text as it is compared: case, width and composed letters make no difference. A NUL would end it in SQL. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('\0', ' ')

/** Text that occurs in what a run is searched by; the index knows three letters and more. */
export function textCondition(text: string): Condition {
  const wanted = folded(text)
  if ([...wanted].length < 3) return { sql: 'instr(search, ?) > 0', values: [wanted], wide: true }
  return inKeys('SELECT rowid FROM run_search WHERE run_search MATCH ?', `"${wanted.replaceAll('"', '""')}"`)
}

export function filterSql(filter: Filter): Condition {
  switch (filter.kind) {
    case 'all':
      return { sql: '1', values: [] }
    case 'text':
      return textCondition(filter.text)
    case 'not': {
      const term = filterSql(filter.term)
      return { sql: `NOT (${term.sql})`, values: term.values, ...wide([term]) }
    }
    case 'and': {
      const all = allOf(filter.terms.map(filterSql))
      return { ...all, sql: `(${all.sql})` }
    }
    case 'or': {
      const terms = filter.terms.map(filterSql)
      return {
        sql: `(${terms.map(({ sql }) => sql).join(' OR ')})`,
        values: terms.flatMap(({ values }) => values),
        ...wide(terms)
      }
    }
    case 'compare':
      return compareSql(filter)
  }
}

const numberColumns = {
  trials: 'trials',
  done: 'done',
  diverged: 'diverged',
  failed: 'failed',
  seeds: 'seeds',
  computing: 'elapsed_ms'
} as const satisfies Partial<Record<FieldName, string>>

/** Never null, so that "not" turns it round: what a run does not have is unequal to nothing and compares with nothing. */
function compareSql(compare: Compare): Condition {
  const { field, name = '', op, value } = compare
  switch (field) {
    case 'name':
    case 'notes':
      return { ...textSql(field, compare), wide: true }
    case 'status':
      // Each status is in small letters, so that its index serves whatever was typed.
      if (op === '=') return inKeys('SELECT key FROM runs WHERE status = ?', String(value).toLowerCase())
      return textSql(field, compare)
    case 'task':
      return op === '=' ? anyCase('key', 'runs', field, String(value)) : textSql(field, compare)
    case 'backend':
      return textSql(field, compare)
    case 'best':
      return inKeys(`SELECT key FROM runs WHERE best_mean ${sqlOp(op)} ?`, value)
    case 'tag':
      return op === '=' ? anyCase('run', 'run_tags', field, String(value)) : anyOf('run_tags', [field], compare)
    case 'model':
      return anyOf('run_models', ['label', 'model'], compare)
    case 'created':
    case 'ended':
      return dateSql(field, compare)
    case 'metric':
      return inKeys(`SELECT run FROM run_metrics WHERE name = ? AND total / n ${sqlOp(op)} ?`, name, value)
    case 'param': {
      if (typeof value === 'number')
        return inKeys(
          `SELECT run FROM run_params WHERE name = ? AND value ${sqlOp(op)} ? AND typeof(value) <> 'text'`,
          name,
          value
        )
      const { sql, values } = textSql('value', { op: op === '!=' ? '=' : op, value })
      const has = `SELECT run FROM run_params WHERE name = ? AND ${op === '!=' ? 'NOT ' : ''}${sql}`
      return inKeys(has, name, ...values)
    }
    default:
      return { sql: `coalesce(${numberColumns[field]} ${sqlOp(op)} ?, 0)`, values: [value] }
  }
}

const sqlOp = (op: Compare['op']): string => (op === '!=' ? '<>' : op)

function textSql(column: string, { op, value }: Pick<Compare, 'op' | 'value'>): Condition {
  const text = String(value)
  if (op === '~') return { sql: `${column} LIKE ? ESCAPE '\\'`, values: [`%${text.replace(/[\\%_]/g, '\\$&')}%`] }
  return { sql: `${column} ${sqlOp(op)} ? COLLATE NOCASE`, values: [text] }
}

/** `!=`: none of them is equal. */
function anyOf(table: string, columns: readonly string[], { op, value }: Compare): Condition {
  const each = columns.map((column) => textSql(column, { op: op === '!=' ? '=' : op, value }))
  const has = inKeys(
    `SELECT run FROM ${table} WHERE ${each.map(({ sql }) => sql).join(' OR ')}`,
    ...each.flatMap(({ values }) => values)
  )
  return op === '!=' ? { sql: `NOT (${has.sql})`, values: has.values } : has
}

function dateSql(column: string, { op, value }: Compare): Condition {
  const { from, to } = dateRange(String(value)) ?? { from: '', to: '' }
  const has = (condition: string, ...values: string[]): Condition => ({ sql: `coalesce(${condition}, 0)`, values })
  switch (op) {
    case '<':
      return has(`${column} < ?`, from)
    case '<=':
      return has(`${column} < ?`, to)
    case '>':
      return has(`${column} >= ?`, to)
    case '>=':
      return has(`${column} >= ?`, from)
    case '!=':
      return has(`${column} < ? OR ${column} >= ?`, from, to)
    default:
      return has(`${column} >= ? AND ${column} < ?`, from, to)
  }
}

/**
 * CSV that survives a spreadsheet: RFC 4180, UTF-8, `.` decimals. Numbers are written as numbers and never prefixed (a
 * leading minus is a result); text that a spreadsheet would run as a formula gets an apostrophe before it, also where a
 * program that takes another character for the separator would begin a cell.
 */

export type CsvCell = number | string | boolean | null | undefined

/** One field. Numbers in their shortest exact form; NaN, Inf and -Inf spelled out; null is empty. */
export function csvField(cell: CsvCell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return csvNumber(cell)
  if (typeof cell === 'boolean') return String(cell)
  const safe = cell.replace(/^(?=[\t\r])|(?<=(?:^|[;|\t\r\n])["'\s]*)(?=[=+\-@])/g, "'")
  return /[",;|\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function csvNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return 'Inf'
  if (value === -Infinity) return '-Inf'
  return Object.is(value, -0) ? '0' : String(value)
}

/** The lines of a table, the header first, each with the CR LF that ends it. */
export function* csvLines(columns: readonly string[], rows: Iterable<readonly CsvCell[]>): Generator<string> {
  yield `${columns.map(csvField).join(',')}\r\n`
  for (const row of rows) yield `${row.map(csvField).join(',')}\r\n`
}

export const csvTable = (columns: readonly string[], rows: Iterable<readonly CsvCell[]>): string =>
  [...csvLines(columns, rows)].join('')

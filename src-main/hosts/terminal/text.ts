/** Text for a terminal. Names, labels and messages come from files that anyone may have written. */
import { stripVTControlCharacters } from 'node:util'

/** Text without escape sequences, control characters or marks that change the direction of writing. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
}

/**
 * Rows under a head, in columns as wide as their widest cell; numbers stand right.
 * @param rows cells as text, already in the form in which they are to be read
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(plain))
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)))
  const right = head.map((_, i) => rows.length > 0 && cells.slice(1).every((row) => /^([-−+]?[\d.∞]|$)/.test(row[i])))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd()
  return [line(cells[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n')
}

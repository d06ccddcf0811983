/**
 * The one reader of text from outside. What a file holds decides how it is read: a byte order mark, UTF-16 with or without
 * one, otherwise UTF-8, of which not a byte may be wrong. Lines come out with `\n` alone, numbered as an editor numbers them.
 */
import Papa from 'papaparse'
import { decimalComma } from '../shapes/decimals.ts'
import { StudioError } from '../shapes/errors.ts'

/**
 * The text of a file. CR LF and CR become LF.
 * @throws StudioError bad-file that names the line of the first byte that is no UTF-8, or says that this is no text
 */
export function textOf(bytes: Uint8Array, file?: string): string {
  const refuse = (message: string, line?: number): never => {
    throw new StudioError('bad-file', message, { file, ...(line !== undefined && { field: `line ${line}` }) })
  }
  const decoded = ((): string => {
    const wide = utf16Of(bytes)
    if (wide !== undefined) {
      try {
        return new TextDecoder(wide, { fatal: true }).decode(bytes)
      } catch {
        return refuse('This file begins as UTF-16 but is not all of it; save it as UTF-8.')
      }
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      const line = lineOfFault(bytes)
      return refuse(
        `Line ${line} is not UTF-8; the file may be in Latin-1 or Windows-1252. Save it as UTF-8 and read it again.`,
        line
      )
    }
  })()
  if (decoded.includes('\0')) return refuse('This is no text: it holds zero bytes.')
  return unixLines(decoded)
}

/** Text that is decoded already, as `textOf` gives it: without a byte order mark, its lines ended by LF alone. */
export const unixLines = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')

/** By its byte order mark, or by every other byte of its first being zero, as in Latin letters. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const head = bytes.subarray(0, 64)
  if (head.length < 4 || head.length % 2 !== 0) return undefined
  const zeros = (from: number): boolean => head.every((byte, i) => (i % 2 === from) === (byte === 0))
  return zeros(1) ? 'utf-16le' : zeros(0) ? 'utf-16be' : undefined
}

/** The line of the first byte that breaks UTF-8. */
function lineOfFault(bytes: Uint8Array): number {
  let line = 1
  let start = 0
  // No byte of a longer character is a line feed or a carriage return, so each line can be tried alone.
  for (let i = 0; i <= bytes.length; i++) {
    if (i < bytes.length && bytes[i] !== 10 && bytes[i] !== 13) continue
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, i))
    } catch {
      return line
    }
    if (bytes[i] === 13 && bytes[i + 1] === 10) i++
    line++
    start = i + 1
  }
  return line
}

export interface TableRow {
  /** Where it begins in the file; the first line is 1. */
  line: number
  cells: string[]
}

/**
 * The rows of a CSV; those without anything in them are left out, and so is what stands above its names: comments (#) and
 * Excel's line that names the delimiter.
 * @param text as `textOf` gives it
 * @param delimiter told by the text where it is left out
 * @throws StudioError bad-file that names the line of a broken quote
 */
export function tableRows(text: string, { file, delimiter }: { file?: string; delimiter?: string } = {}): TableRow[] {
  const begin = beginOf(unixLines(text))
  const { source } = begin
  const told = delimiter ?? begin.delimiter
  const rows: TableRow[] = []
  let [line, from] = [begin.line, 0]
  Papa.parse<string[]>(source, {
    newline: '\n',
    ...(told !== undefined && { delimiter: told }),
    step: ({ data, errors, meta }) => {
      const fault = errors.find(({ type }) => type === 'Quotes')
      if (fault) throw new StudioError('bad-file', `Line ${line}: ${fault.message}.`, { file, field: `line ${line}` })
      if (data.some((cell) => cell.trim() !== '')) rows.push({ line, cells: data })
      for (; from < meta.cursor; from++) if (source[from] === '\n') line++
    }
  })
  return rows
}

/** Where the names of a table stand. NumPy writes them as a comment as well: one as wide as the line below it, which holds numbers. */
function beginOf(text: string): { source: string; line: number; delimiter?: string } {
  const excel = /^sep=([,;|\t])\n/.exec(text)
  let [at, line] = excel ? [excel[0].length, 2] : [0, 1]
  while (at < text.length) {
    const end = (text.indexOf('\n', at) + 1 || text.length + 1) - 1
    const own = text.slice(at, end)
    const below = text.slice(end + 1).split('\n', 1)[0]
    const widths = [',', '\t', ';'].map((mark) => [own.split(mark).length, below.split(mark).length])
    if (own.trim() !== '') {
      if (!own.trimStart().startsWith('#')) break
      const isData = /(^|[,;\t])\s*"?[-+]?\.?\d/.test(below)
      if (isData && widths.some(([mine, theirs]) => mine > 1 && mine === theirs)) {
        text = text.slice(0, at) + own.replace('#', ' ') + text.slice(end)
        break
      }
    }
    at = end + 1
    line++
  }
  return { source: text.slice(at), line, ...(excel && { delimiter: excel[1] }) }
}

/** Whether a cell says that there is nothing: blank, or as R, BIDS, NumPy and pandas write what is missing. */
export const isMissing = (cell: string): boolean => /^\s*(na|n\/a|#n\/a|<na>|nan|null|none)?\s*$/i.test(cell)

/** What to say of a cell that should be a number. */
export const notANumber = (cell: string): string =>
  decimalComma(cell) ?? `"${cell.trim().slice(0, 40)}" is not a number`

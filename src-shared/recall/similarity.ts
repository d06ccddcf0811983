/** Similarities of words as a table: for the semantic factor. */
import Papa from 'papaparse'
import { StudioError } from '../shapes/errors.ts'

export interface WordSimilarity {
  /** The words of the table. */
  words: readonly string[]
  /** Cosine of two words; 0 for a pair that the table does not have. */
  of: (a: string, b: string) => number
}

/**
 * Read a square table: words in the first row and, in any order, in the first column; cosines between them. A pair that
 * the table does not have counts as unrelated (0).
 * @throws StudioError bad-file naming the file, the line and the column
 */
export function readSimilarity(text: string, file?: string): WordSimilarity {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: true })
  const words = (data[0] ?? []).slice(1)
  const refuse = (line: number, column: string, message: string): never => {
    throw new StudioError('bad-file', `Line ${line}, column ${column}: ${message}`, { file, field: column })
  }
  if (words.length < 2) refuse(1, '2', 'the first row names the words, after an empty first cell.')
  const columns = new Map(words.map((word, i) => [word, i]))
  if (columns.size !== words.length)
    refuse(
      1,
      words.find((word, i) => words.indexOf(word) !== i)!,
      'comes twice.'
    )
  const rows = new Map<string, Float64Array>()
  for (const [i, [word, ...cells]] of data.slice(1).entries()) {
    if (rows.has(word)) refuse(i + 2, '1', `the word ${word} comes twice.`)
    if (cells.length !== words.length)
      refuse(i + 2, '1', `there are ${cells.length} numbers for ${words.length} words.`)
    const values = Float64Array.from(cells, (cell) => (cell.trim() === '' ? NaN : Number(cell)))
    const bad = values.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) refuse(i + 2, words[bad], `"${cells[bad]}" is not a number.`)
    rows.set(word, values)
  }
  const of = (a: string, b: string): number => {
    const column = columns.get(b)
    return (column === undefined ? undefined : rows.get(a)?.[column]) ?? 0
  }
  return { words, of }
}

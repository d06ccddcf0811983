/** Similarities of words as a table: for the semantic factor. */
import { StudioError } from '../shapes/errors.ts'
import { notANumber, tableRows } from '../text/read.ts'

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
  const [head, ...lines] = tableRows(text, { file })
  const words = (head?.cells ?? []).slice(1)
  const refuse = (line: number, column: string, message: string): never => {
    throw new StudioError('bad-file', `Line ${line}, column ${column}: ${message}`, { file, field: column })
  }
  if (words.length < 2) refuse(head?.line ?? 1, '2', 'the first row names the words, after an empty first cell.')
  const columns = new Map(words.map((word, i) => [word, i]))
  if (columns.size !== words.length)
    refuse(
      head.line,
      words.find((word, i) => words.indexOf(word) !== i)!,
      'comes twice.'
    )
  const rows = new Map<string, Float64Array>()
  for (const {
    line,
    cells: [word, ...cells]
  } of lines) {
    if (rows.has(word)) refuse(line, '1', `the word ${word} comes twice.`)
    if (cells.length !== words.length) refuse(line, '1', `there are ${cells.length} numbers for ${words.length} words.`)
    const values = Float64Array.from(cells, (cell) => (cell.trim() === '' ? NaN : Number(cell)))
    const bad = values.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) refuse(line, words[bad], `${notANumber(cells[bad])}.`)
    rows.set(word, values)
  }
  const of = (a: string, b: string): number => {
    const column = columns.get(b)
    return (column === undefined ? undefined : rows.get(a)?.[column]) ?? 0
  }
  return { words, of }
}

/** [n, n], row by row: how alike every two items are. */
export function similarityMatrix(items: readonly string[], of: (a: string, b: string) => number): Float64Array {
  const n = items.length
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] = of(items[i], items[j])
  return matrix
}

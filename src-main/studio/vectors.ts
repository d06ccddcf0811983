/**
 * Vectors that the user brought: read from CSV or NPY, kept in the data folder by the hash of their content. An
 * experiment names them by that hash, which so becomes part of every trial's identity.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { vectorSetSchema, type VectorSet } from '../../src-shared/contract/files.ts'
import { StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Grid } from '../../src-shared/grid/cell.ts'
import type { ParamValues } from '../../src-shared/shapes/params.ts'
import { kindOfFile, placeOf } from '../../src-shared/exchange/file-kind.ts'
import { notANumber, textOf } from '../../src-shared/text/read.ts'
import { fileError } from '../store/errors.ts'
import { writeWhole } from '../store/files.ts'
import { wordsFile } from '../tensors/vectors.ts'
import { readNpy, writeNpy } from '../tensors/weights/npy.ts'

export interface Matrix {
  rows: number
  columns: number
  /** [rows * columns] */
  data: Float32Array
}

interface ReadVectors extends Matrix {
  /** What the rows are called, where they are words: maps over them say so. */
  words?: string[]
  /** What of the file is no number of a vector, in words. */
  left: string[]
}

/** Numbers in one set: 1 GiB of float32. */
const mostNumbers = 2 ** 28

/**
 * Read vectors, one per row.
 * @throws StudioError bad-file that names row and column, too-large
 */
export function readVectors(file: string, bytes: Buffer): ReadVectors {
  if (bytes.toString('latin1', 0, 6) === '\x93NUMPY' || extname(file).toLowerCase() === '.npy')
    return { ...readMatrix(file, bytes), left: [] }
  return readCsv(file, textOf(bytes, file))
}

/**
 * Numbers between commas, semicolons, tabs or spaces. Known besides: comment lines, a line of names, the line 0, 1, 2, ...
 * that pandas writes over columns without names, a column of row names or row numbers, and word2vec's line of sizes.
 */
function readCsv(file: string, text: string): ReadVectors {
  const taken: { line: number; cells: string[] }[] = []
  const left: string[] = []
  let comments = 0
  const lines = text.split('\n')
  const isComment = (line: string): boolean => /^\s*[#%]/.test(line)
  const first = lines.find((line) => line.trim() && !isComment(line)) ?? ''
  const separator = ['\t', ';', ','].find((mark) => first.includes(mark)) ?? /\s+/
  for (const [i, line] of lines.entries()) {
    if (!line.trim()) continue
    if (isComment(line)) {
      comments++
      continue
    }
    const whole = separator === '\t' ? line.replace(/\n$/, '') : line.trim()
    const cells = whole.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    taken.push({ line: i + 1, cells })
  }
  if (comments) left.push(`${comments} comment ${comments === 1 ? 'line' : 'lines'}`)
  const [head, second] = taken
  if (!head) refuse(file, 'There is no row of numbers in it')
  const sizes = head.cells.length === 2 && head.cells.every((cell) => /^\d+$/.test(cell))
  if (
    sizes &&
    second &&
    Number(head.cells[0]) === taken.length - 1 &&
    second.cells.length === Number(head.cells[1]) + 1
  ) {
    taken.shift()
    left.push(`the line of sizes ${head.cells.join(' ')}`)
  } else if (isHeader(head.cells, second?.cells)) {
    taken.shift()
    left.push(`the header ${head.cells.filter(Boolean).slice(0, 6).join(', ')}${head.cells.length > 6 ? ', …' : ''}`)
  }
  // A word of GloVe may hold spaces: a line's numbers are its last.
  if (typeof separator !== 'string') {
    const width = taken.reduce((least, { cells }) => Math.min(least, cells.length), Infinity)
    for (const { cells } of taken)
      if (cells.length > width && !isNumber(cells[0])) cells.splice(0, cells.length - width + 1, cells[0])
  }
  const body = taken[0]?.cells.length ?? 0
  const dropFirst = namesRows(
    taken,
    {
      head: head.cells,
      sized: sizes && left.some((what) => what.startsWith('the line of sizes')),
      spaced: typeof separator !== 'string'
    },
    left
  )
  const names = dropFirst ? taken.map(({ cells }) => cells.shift()!) : []
  const columns = dropFirst ? body - 1 : body
  const numbers: number[] = []
  for (const { line, cells } of taken) {
    if (cells.length !== columns)
      refuse(file, `Line ${line} has ${cells.length} columns; the lines before it have ${columns}`)
    for (const [j, cell] of cells.entries()) {
      if (!isNumber(cell)) refuse(file, `Line ${line}, column ${j + 1 + Number(dropFirst)}: ${notANumber(cell)}`)
      numbers.push(Number(cell))
    }
    if (numbers.length > mostNumbers) refuse(file, `There are more than ${mostNumbers} numbers`)
  }
  const bad = numbers.findIndex((value) => !Number.isFinite(Math.fround(value)))
  if (bad >= 0)
    refuse(
      file,
      `Line ${taken[Math.floor(bad / columns)].line}, column ${(bad % columns) + 1 + Number(dropFirst)}: ${numbers[bad]} does not fit float32`
    )
  const matrix = checked(file, { rows: taken.length, columns, data: Float32Array.from(numbers) })
  return { ...matrix, ...(names.some((name) => !isNumber(name)) && { words: names }), left }
}

/** Names, or 0, 1, 2, ... over rows that are something else; pandas and R leave the cell over row names empty. */
function isHeader(cells: readonly string[], next: readonly string[] | undefined): boolean {
  if (cells.every((cell) => !/^[-+]?[\d.,]+(e[-+]?\d+)?$/i.test(cell))) return cells.length > 1 || next === undefined
  const named = cells[0] === '' ? cells.slice(1) : cells
  return (
    next !== undefined &&
    next.length >= cells.length &&
    named.length > 1 &&
    named.every((cell, i) => cell === String(i)) &&
    (cells[0] === '' || next.some((cell, i) => cell !== String(i)))
  )
}

/** Whether the first column names the rows: text, or numbers under no name or one that says so. */
function namesRows(
  rows: readonly { cells: string[] }[],
  /** word2vec's line of sizes says that there are words; so does one word among words that are numbers, between spaces. */
  { head, sized, spaced }: { head: readonly string[]; sized: boolean; spaced: boolean },
  left: string[]
): boolean {
  if (!rows.length || rows[0].cells.length < 2) return false
  const headed = rows[0].cells !== head
  const unnamed = headed && (/^("?|index|unnamed: 0)$/i.test(head[0]) || head.length === rows[0].cells.length - 1)
  const counted = headed && /^(id|idx|row|row[ _]?(id|number|names?))$/i.test(head[0]) && isCount(rows)
  const named = (row: readonly string[]): boolean => row[0] !== '' && !isNumber(row[0])
  const rest = rows.every(({ cells }) => cells[0] !== '' && cells.slice(1).every(isNumber))
  const words = rest && (spaced ? rows.some(({ cells }) => named(cells)) : rows.every(({ cells }) => named(cells)))
  if (!unnamed && !words && !counted && !sized) return false
  left.push(words || sized ? `the names of the rows (${rows[0].cells[0].slice(0, 20)}, …)` : 'the numbers of the rows')
  return true
}

/** Whether the first column counts the rows, from 0 or from 1. */
const isCount = (rows: readonly { cells: readonly string[] }[]): boolean =>
  [0, 1].some((from) => rows.every(({ cells }, i) => cells[0] === String(i + from)))

const isNumber = (cell: string): boolean => /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(cell)

function readMatrix(file: string, bytes: Buffer): Matrix {
  let found
  try {
    found = readNpy(bytes, file)
  } catch (error) {
    if (error instanceof StudioError) throw new StudioError('bad-file', error.message, { file })
    throw error
  }
  const { shape, data } = found
  if (shape.length !== 2)
    refuse(file, `The array has ${shape.length} axes, [${shape.join(', ')}]; vectors need two: rows and columns`)
  return checked(file, { rows: shape[0], columns: shape[1], data })
}

function checked(file: string, matrix: Matrix): Matrix {
  const { rows, columns, data } = matrix
  if (rows < 1) refuse(file, 'There is no row of numbers in it')
  if (columns < 2 || columns > 4096) refuse(file, `Vectors have 2 to 4096 columns; these have ${columns}`)
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    refuse(file, `Row ${Math.floor(bad / columns) + 1}, column ${(bad % columns) + 1}: ${data[bad]} is not finite`)
  return matrix
}

function refuse(file: string, message: string): never {
  throw new StudioError('bad-file', `${message}.`, { file })
}

/** The sets of a data folder: HASH.npy with the numbers, HASH.words.json with the names of rows, HASH.json with what it was called. */
export class VectorSets {
  readonly folder: string

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'vectors')
  }

  /** Newest first. */
  list(): VectorSet[] {
    if (!existsSync(this.folder)) return []
    return readdirSync(this.folder)
      .filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
      .flatMap((name) => {
        const known = vectorSetSchema.safeParse(JSON.parse(readFileSync(join(this.folder, name), 'utf8')))
        return known.success ? [known.data] : []
      })
      .sort((a, b) => (a.imported < b.imported ? 1 : -1))
  }

  /** Keep a file's vectors; the same content twice is one set, by its last name. @throws StudioError as readVectors; disk-full, read-only */
  add(file: string, bytes: Buffer, imported: string): VectorSet {
    const kind = kindOfFile(file, bytes)
    if (kind !== 'vectors') throw new StudioError('bad-file', placeOf[kind], { file })
    const { rows, columns, data, words, left } = readVectors(file, bytes)
    const content = writeNpy({ shape: [rows, columns], data })
    const hash = createHash('sha256').update(content).digest('hex')
    const set: VectorSet = {
      hash,
      name: file,
      rows,
      columns,
      imported,
      first: Array.from(data.subarray(0, Math.min(columns, 4))),
      left
    }
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw fileError(error, this.folder)
    }
    // The description last: a set that has one is whole.
    writeWhole(join(this.folder, `${hash}.npy`), content)
    if (words) writeWhole(join(this.folder, wordsFile(hash)), JSON.stringify(words))
    writeWhole(join(this.folder, `${hash}.json`), JSON.stringify(set))
    return set
  }

  /** What is wrong with the vectors that a grid asks for. */
  problems({ task, cells }: Grid): ErrorData[] {
    if (!Object.values(task.params).some(({ type }) => type === 'vectors')) return []
    const sets = new Map(this.list().map((set) => [set.hash, set]))
    const found = new Map<string, ErrorData>()
    for (const { taskParams } of cells)
      for (const problem of problemsOf(taskParams, sets)) found.set(problem.message, problem)
    return [...found.values()]
  }
}

function problemsOf(params: ParamValues, sets: ReadonlyMap<string, VectorSet>): ErrorData[] {
  if (params.source !== 'embedding') return []
  const wrong = (name: string, message: string): ErrorData[] => [
    { code: 'bad-input', message, field: `task.params.${name}` }
  ]
  if (params.vectors === '') return wrong('vectors', 'Choose the vectors that serve as keys, or import some.')
  const items = typeof params.items === 'number' ? params.items : 1
  let rows: number | undefined
  for (const name of ['vectors', 'valueVectors']) {
    const hash = params[name] as string
    if (hash === '') continue
    const set = sets.get(hash)
    if (!set) return wrong(name, 'These vectors are not in this data folder; import their file.')
    if (set.columns !== params.dim)
      return wrong('dim', `${set.name} has ${set.columns} columns; set the dimension to ${set.columns}.`)
    if (items > set.rows) return wrong('items', `${set.name} has ${set.rows} rows, too few for ${items} items.`)
    if (rows !== undefined && rows !== set.rows)
      return wrong(
        'valueVectors',
        `Row by row a key has its value: ${set.name} has ${set.rows} rows, the keys ${rows}.`
      )
    rows = set.rows
  }
  return []
}

/** Free-recall data: what was studied and what was recalled, list by list, from people and from models alike. */
import { StudioError } from '../shapes/errors.ts'
import { isMissing, notANumber, tableRows, type TableRow } from '../text/read.ts'
import {
  allColumns,
  knownColumns,
  likelyColumns,
  requiredColumns,
  type RecallColumn,
  type RecallColumns
} from './columns.ts'

export interface RecallList {
  subject: string
  list: string
  session?: string
  /** Items in the order of study. */
  items: readonly string[]
  /** Items in the order of recall: repeats and intrusions included. */
  recalls: readonly string[]
  /** Onset of each recall in seconds, where it was recorded. */
  times?: readonly number[]
  /** Category and source (task) of each studied item, where known. */
  categories?: readonly string[]
  sources?: readonly string[]
  /** What the list was given under: immediate, delayed, continual distractor, ... */
  condition?: string
  /** Seconds between the study of each item and its test, where known; null of an item without. */
  delays?: readonly (number | null)[]
}

/** Serial positions (1-based) of the recalls of a list; 0 for an intrusion. */
export function serialPositions({ items, recalls }: Pick<RecallList, 'items' | 'recalls'>): number[] {
  const at = new Map(items.map((item, i) => [item, i + 1]))
  return recalls.map((item) => at.get(item) ?? 0)
}

/** The same without repeats and intrusions. */
export const correctPositions = (list: Pick<RecallList, 'items' | 'recalls'>): number[] =>
  correctOf(serialPositions(list))

/** Serial positions without repeats and intrusions. */
export const correctOf = (positions: readonly number[]): number[] =>
  positions.filter((p, k) => p > 0 && positions.indexOf(p) === k)

interface Open {
  subject: string
  list: string
  session?: string
  study: Map<number, { item: string; category?: string; source?: string; delay?: number | null }>
  /** Values of its condition, each with the line where it is first said. */
  conditions: Map<string, number>
  recall: Map<number, { item: string; line: number; time?: number }>
  line: number
}

/** A cell of an item: words like "none" and "null" are words. */
const noItem = (cell: string): boolean => /^\s*(NA|n\/a|<NA>)?\s*$/.test(cell)

/** How a file is to be read. */
export interface RecallReading {
  /** Of a table: which column holds what. */
  columns?: RecallColumns
  /** Of a matrix: the presented items in the same form, one row a list. */
  items?: string
  /** Of a matrix without them: how long its lists were; the last position that was ever recalled if left out. */
  length?: number
}

/**
 * Read free recall. Of two kinds: a psifr-style CSV, one row per studied or recalled item, with the columns subject, list,
 * position, trial_type (study | recall), item, and optionally session, time (onset of the recall in seconds), category,
 * source, condition (of a list), delay (seconds from the study of an item to its test); or a matrix of serial positions, one row a list, as behavioural toolboxes have them: -1 for an intrusion, 0 and
 * blanks after the last recall. Positions order the items: gaps between them mean nothing. What is missing is blank, NA or
 * n/a.
 * @throws StudioError bad-file naming the file, the line and the column
 */
export const readRecall = (text: string, file?: string, reading: RecallReading = {}): RecallList[] =>
  readRecallFile(text, file, reading).lists

/** The same, with the columns that were taken; none of a matrix. @throws as readRecall */
export function readRecallFile(
  text: string,
  file?: string,
  { columns = {}, ...presented }: RecallReading = {}
): { lists: RecallList[]; columns: RecallColumns } {
  const rows = tableRows(text, { file })
  const matrix = Object.keys(columns).length === 0 ? matrixOf(rows) : undefined
  if (!matrix && presented.items !== undefined)
    throw new StudioError('bad-file', 'This is no matrix of serial positions, so it has no file of presented items.', {
      file
    })
  return matrix ? { lists: readMatrix(matrix, file, presented), columns: {} } : readTable(rows, file, columns)
}

function readTable(
  [header, ...rows]: TableRow[],
  file: string | undefined,
  told: RecallColumns
): { lists: RecallList[]; columns: RecallColumns } {
  const names = (header?.cells ?? []).map((name) => name.trim())
  for (const [what, name] of Object.entries(told))
    if (name !== '' && !names.includes(name))
      throw new StudioError('bad-file', `There is no column "${name}" for ${what}; there are ${names.join(', ')}.`, {
        file,
        field: name
      })
  const columns: RecallColumns = { ...knownColumns(names), ...told }
  const missing = requiredColumns.filter((name) => !columns[name])
  if (missing.length) {
    const likely = likelyColumns(names)
    throw new StudioError(
      'bad-file',
      `The column${missing.length > 1 ? 's' : ''} ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing; a recall file has ${requiredColumns.join(', ')}. This one has ${names.slice(0, 20).join(', ')}; say which is which: --columns ${missing.map((name) => `${name}=${likely[name] ?? 'COLUMN'}`).join(',')}`,
      { file, field: missing.join(', ') }
    )
  }
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) throw new StudioError('bad-file', `The column ${twice} comes twice.`, { file, field: twice })
  const refuse = (line: number, column: string, message: string): never => {
    throw new StudioError('bad-file', `Line ${line}, column ${column}: ${message}`, { file, field: column })
  }
  const place = (name: string | undefined): number => (name === undefined || name === '' ? -1 : names.indexOf(name))
  const found = Object.fromEntries(allColumns.map((what) => [what, place(columns[what])])) as Record<
    RecallColumn,
    number
  >
  const seconds = (line: number, column: number, text: string): number | undefined => {
    if (isMissing(text)) return undefined
    const time = Number(text)
    if (Number.isNaN(time)) refuse(line, names[column], `${notANumber(text)}.`)
    if (!(time >= 0 && time < Infinity)) refuse(line, names[column], `"${text}" is not a time in seconds.`)
    return time
  }
  const lists = new Map<string, Open>()
  for (const { line, cells } of rows) {
    if (cells.length > names.length && cells.slice(names.length).some((cell) => cell.trim() !== ''))
      refuse(line, names[0], `there are ${cells.length} cells under ${names.length} names.`)
    const at = (column: number): string => (column < 0 ? '' : (cells[column] ?? '').trim())
    const [subject, list, item] = [at(found.subject), at(found.list), at(found.item)]
    const trialType = at(found.trial_type).toLowerCase()
    // An output that did not happen.
    if (trialType === 'recall' && noItem(item) && isMissing(at(found.position))) continue
    for (const name of requiredColumns)
      if (name === 'item' ? noItem(item) : !at(found[name])) refuse(line, name, 'the cell is empty.')
    const position = Number(at(found.position))
    if (!Number.isInteger(position) || position < 1)
      refuse(line, 'position', `"${at(found.position)}" is not a position (1, 2, 3, ...).`)
    const session = isMissing(at(found.session)) ? '' : at(found.session)
    const key = JSON.stringify([subject, session, list])
    let open = lists.get(key)
    if (!open) {
      open = {
        subject,
        list,
        ...(session && { session }),
        study: new Map(),
        recall: new Map(),
        conditions: new Map(),
        line
      }
      lists.set(key, open)
    }
    if (trialType !== 'study' && trialType !== 'recall')
      refuse(line, 'trial_type', `"${trialType}" is neither study nor recall.`)
    const condition = at(found.condition)
    if (!isMissing(condition) && !open.conditions.has(condition)) open.conditions.set(condition, line)
    const own = trialType === 'study' ? open.study : open.recall
    if (own.has(position)) refuse(line, 'position', `${trialType} position ${position} comes twice in list ${list}.`)
    if (trialType === 'study')
      open.study.set(position, {
        item,
        ...(found.category >= 0 && { category: at(found.category) }),
        ...(found.source >= 0 && { source: at(found.source) }),
        ...(found.delay >= 0 && { delay: seconds(line, found.delay, at(found.delay)) ?? null })
      })
    else {
      const time = seconds(line, found.time, at(found.time))
      open.recall.set(position, { item, line, ...(time !== undefined && { time }) })
    }
  }
  // A column that differs within a list is one of items: a condition only where it was said to be, and then it is refused.
  const mixed = [...lists.values()].find(({ conditions }) => conditions.size > 1)
  if (mixed && told.condition !== undefined) {
    const [[one], [other, line]] = [...mixed.conditions]
    refuse(line, told.condition, `list ${mixed.list} is ${other} here and ${one} above; a list has one condition.`)
  }
  if (mixed) delete columns.condition
  const read = [...lists.values()].map((open): RecallList => {
    const study = inOrder(open.study)
    const recall = inOrder(open.recall)
    if (study.length === 0) refuse(open.line, 'trial_type', `list ${open.list} has recalls but nothing studied.`)
    const items = study.map((s) => s.item)
    if (new Set(items).size !== items.length) refuse(open.line, 'item', `list ${open.list} studies an item twice.`)
    let before = 0
    for (const { time, line } of recall) {
      if (time === undefined) continue
      if (time < before)
        refuse(
          line,
          names[found.time],
          `the times of list ${open.list} fall from ${before} to ${time}, so they are no onsets (seconds since recall began). Leave the column out with --columns time= if they are times between recalls.`
        )
      before = time
    }
    const times = recall.map((r) => r.time)
    return {
      subject: open.subject,
      list: open.list,
      ...(open.session && { session: open.session }),
      items,
      recalls: recall.map((r) => r.item),
      ...(times.length && times.every((t) => t !== undefined) && { times: times as number[] }),
      ...(found.category >= 0 && { categories: study.map((s) => s.category ?? '') }),
      ...(found.source >= 0 && { sources: study.map((s) => s.source ?? '') }),
      ...(!mixed && open.conditions.size === 1 && { condition: [...open.conditions.keys()][0] }),
      ...(study.some((s) => typeof s.delay === 'number') && { delays: study.map((s) => s.delay ?? null) })
    }
  })
  return { lists: read, columns }
}

const isCount = (cell: string): boolean => /^\s*(-?\d+(\.0*)?|nan|na|)\s*$/i.test(cell)

/** The rows of a table that is one of numbers: without its names, and without the numbers of its rows under no name. */
function matrixOf(rows: readonly TableRow[]): TableRow[] | undefined {
  const [head, ...body] = rows
  if (!head || !(body.length ? body : rows).every(({ cells }) => cells.every(isCount))) return undefined
  const named = head.cells[0].trim() === '' ? head.cells.slice(1) : head.cells
  const isHead =
    body.length > 0 &&
    (!named.every(isCount) || (named.length > 1 && named.every((cell, i) => cell.trim() === String(i))))
  if (!isHead) return [...rows]
  const numbered = head.cells[0].trim() === '' || body.every(({ cells }) => cells.length === head.cells.length + 1)
  return numbered ? body.map(({ line, cells }) => ({ line, cells: cells.slice(1) })) : body
}

/** Whether a table is one of numbers alone, which are serial positions. */
export const isMatrix = (rows: readonly TableRow[]): boolean => matrixOf(rows) !== undefined

/** Whether a table is one of serial positions: whole numbers from -1, with nothing but padding after the last of a row. */
export function isPositions(rows: readonly TableRow[]): boolean {
  const matrix = matrixOf(rows)
  if (!matrix || matrix.length < 2) return false
  const numbers = matrix.map(({ cells }) => cells.map((cell) => Number(isMissing(cell) ? 0 : cell)))
  const recalled = numbers.map((row) => row.slice(0, row.findLastIndex((position) => position !== 0) + 1))
  return (
    recalled.every((row) => row.every((position) => position >= -1 && position !== 0)) &&
    recalled.some((row, i) => row.length < numbers[i].length) &&
    recalled.some((row) => new Set(row.filter((position) => position > 0)).size > 1)
  )
}

/** Rows of words without a line of names above as many as there are lists, and without the numbers of rows under no name. */
function unframed(rows: TableRow[], lists: number): TableRow[] {
  if (rows.length !== lists + 1) return rows
  const [head, ...body] = rows
  const numbered = head.cells[0].trim() === '' || body.every(({ cells }) => cells.length === head.cells.length + 1)
  return numbered ? body.map(({ line, cells }) => ({ line, cells: cells.slice(1) })) : body
}

/** Everything is one subject's, since such a file does not say whose a row is. */
function readMatrix(
  rows: readonly TableRow[],
  file: string | undefined,
  { length, items }: Omit<RecallReading, 'columns'>
): RecallList[] {
  const refuse = (line: number, column: number, message: string): never => {
    throw new StudioError('bad-file', `Line ${line}, column ${column}: ${message}`, { file, field: `line ${line}` })
  }
  const presented = items === undefined ? undefined : unframed(tableRows(items), rows.length)
  if (presented && presented.length !== rows.length)
    throw new StudioError('bad-file', `${rows.length} lists have ${presented.length} rows of presented items.`, {
      file
    })
  const numbers = rows.map(({ cells }) => cells.map((cell) => Number(isMissing(cell) ? 0 : cell)))
  const last = length ?? numbers.reduce((most, row) => Math.max(most, ...row), 0)
  return rows.map(({ line }, i) => {
    const own = presented?.[i].cells.map((cell) => cell.trim()).filter((cell) => !noItem(cell) && cell !== '0')
    const names = own ?? Array.from({ length: last }, (_, k) => `${i + 1}.${k + 1}`)
    if (names.length < 1) refuse(line, 1, 'nothing was studied in this list.')
    if (new Set(names).size !== names.length) refuse(line, 1, 'this list studies an item twice.')
    const end = numbers[i].findLastIndex((position) => position !== 0)
    const recalls = numbers[i].flatMap((position, column): string[] => {
      if (position === 0 && column < end)
        refuse(line, column + 1, 'there is no recall here, and there are some after it; is this the number of the row?')
      if (position === 0) return []
      if (position < 0) return [`intrusion ${i + 1}.${column + 1}`]
      if (position > names.length)
        refuse(line, column + 1, `there is no position ${position} in a list of ${names.length}.`)
      return [names[position - 1]]
    })
    return { subject: '1', list: String(i + 1), items: names, recalls }
  })
}

/** The values in the order of their positions, gaps or not. */
const inOrder = <T>(rows: ReadonlyMap<number, T>): T[] => [...rows].sort(([a], [b]) => a - b).map(([, value]) => value)

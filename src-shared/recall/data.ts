/** Free-recall data: what was studied and what was recalled, list by list, from people and from models alike. */
import { StudioError } from '../shapes/errors.ts'
import { isMissing, notANumber, tableRows, type TableRow } from '../text/read.ts'

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
}

/** Serial positions (1-based) of the recalls of a list; 0 for an intrusion. */
export function serialPositions({ items, recalls }: Pick<RecallList, 'items' | 'recalls'>): number[] {
  const at = new Map(items.map((item, i) => [item, i + 1]))
  return recalls.map((item) => at.get(item) ?? 0)
}

/** The same without repeats and intrusions. */
export function correctPositions(list: Pick<RecallList, 'items' | 'recalls'>): number[] {
  return [...new Set(serialPositions(list))].filter((p) => p > 0)
}

export const requiredColumns = ['subject', 'list', 'position', 'trial_type', 'item'] as const

/** Names under which optional columns come. */
const optional = {
  session: ['session'],
  time: ['time', 'onset', 'rt'],
  category: ['category', 'item_category'],
  source: ['source', 'task', 'item_source']
} as const

interface Open {
  subject: string
  list: string
  session?: string
  study: Map<number, { item: string; category?: string; source?: string }>
  recall: Map<number, { item: string; line: number; time?: number }>
  line: number
}

/** Which column of a file holds what, where it is not named as here: `{ subject: 'participant' }`. */
export type RecallColumns = Partial<Record<(typeof requiredColumns)[number] | keyof typeof optional, string>>

/**
 * `subject=participant,list=trial` as typed.
 * @throws StudioError bad-input that names what is no column of a recall file
 */
export function readColumns(text: string): RecallColumns {
  const known = [...requiredColumns, ...Object.keys(optional)]
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name, column = ''] = pair.split(/=(.*)/s).map((part) => part.trim())
      // An optional column may be left out by naming none.
      if (!known.includes(name) || !pair.includes('=') || (column === '' && !Object.hasOwn(optional, name)))
        throw new StudioError(
          'bad-input',
          `"${pair.trim()}" says no column; write NAME=COLUMN, where NAME is one of ${known.join(', ')}.`,
          { field: 'columns' }
        )
      return [name, column]
    })
  )
}

/** A cell of an item: words like "none" and "null" are words. */
const noItem = (cell: string): boolean => /^\s*(NA|n\/a|<NA>)?\s*$/.test(cell)

/**
 * Read free recall. Of two kinds: a psifr-style CSV, one row per studied or recalled item, with the columns subject, list,
 * position, trial_type (study | recall), item, and optionally session, time (onset of the recall in seconds), category,
 * source; or a matrix of serial positions, one row a list, as behavioural toolboxes have them. Positions order the items:
 * gaps between them mean nothing. What is missing is blank, NA or n/a.
 * @throws StudioError bad-file naming the file, the line and the column
 */
export function readRecall(
  text: string,
  file?: string,
  { columns, items, length }: { columns?: RecallColumns; items?: string; length?: number } = {}
): RecallList[] {
  const rows = tableRows(text, { file })
  if (rows.length && rows.every(({ cells }) => cells.every((cell) => /^\s*(-?\d+(\.0*)?|nan|)\s*$/i.test(cell))))
    return readMatrix(rows, file, length, items)
  return readTable(rows, file, columns ?? {})
}

function readTable([header, ...rows]: TableRow[], file: string | undefined, columns: RecallColumns): RecallList[] {
  const names = (header?.cells ?? []).map((name) => name.trim())
  for (const [what, name] of Object.entries(columns))
    if (name !== '' && !names.includes(name))
      throw new StudioError('bad-file', `There is no column "${name}" for ${what}; there are ${names.join(', ')}.`, {
        file,
        field: name
      })
  const missing = requiredColumns.filter((name) => !names.includes(columns[name] ?? name))
  if (missing.length)
    throw new StudioError(
      'bad-file',
      `The column${missing.length > 1 ? 's' : ''} ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing; a recall file has ${requiredColumns.join(', ')}. This one has ${names.slice(0, 20).join(', ')}; say which is which: --columns ${missing.map((name) => `${name}=COLUMN`).join(',')}`,
      { file, field: missing.join(', ') }
    )
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) throw new StudioError('bad-file', `The column ${twice} comes twice.`, { file, field: twice })
  const refuse = (line: number, column: string, message: string): never => {
    throw new StudioError('bad-file', `Line ${line}, column ${column}: ${message}`, { file, field: column })
  }
  const place = (name: string | undefined): number => (name === undefined || name === '' ? -1 : names.indexOf(name))
  const required = Object.fromEntries(requiredColumns.map((name) => [name, place(columns[name] ?? name)]))
  const found = Object.fromEntries(
    Object.entries(optional).map(([what, known]) => [
      what,
      place(columns[what as keyof typeof optional] ?? known.find((name) => names.includes(name)))
    ])
  ) as Record<keyof typeof optional, number>
  const lists = new Map<string, Open>()
  for (const { line, cells } of rows) {
    if (cells.length > names.length && cells.slice(names.length).some((cell) => cell.trim() !== ''))
      refuse(line, names[0], `there are ${cells.length} cells under ${names.length} names.`)
    const at = (column: number): string => (column < 0 ? '' : (cells[column] ?? '').trim())
    const [subject, list, trialType, item] = ['subject', 'list', 'trial_type', 'item'].map((name) => at(required[name]))
    // An output that did not happen.
    if (trialType === 'recall' && noItem(item) && isMissing(at(required.position))) continue
    for (const name of requiredColumns)
      if (name === 'item' ? noItem(item) : !at(required[name])) refuse(line, name, 'the cell is empty.')
    const position = Number(at(required.position))
    if (!Number.isInteger(position) || position < 1)
      refuse(line, 'position', `"${at(required.position)}" is not a position (1, 2, 3, ...).`)
    const session = isMissing(at(found.session)) ? '' : at(found.session)
    const key = JSON.stringify([subject, session, list])
    let open = lists.get(key)
    if (!open) {
      open = { subject, list, ...(session && { session }), study: new Map(), recall: new Map(), line }
      lists.set(key, open)
    }
    if (trialType !== 'study' && trialType !== 'recall')
      refuse(line, 'trial_type', `"${trialType}" is neither study nor recall.`)
    const own = trialType === 'study' ? open.study : open.recall
    if (own.has(position)) refuse(line, 'position', `${trialType} position ${position} comes twice in list ${list}.`)
    if (trialType === 'study')
      open.study.set(position, {
        item,
        ...(found.category >= 0 && { category: at(found.category) }),
        ...(found.source >= 0 && { source: at(found.source) })
      })
    else {
      const text = at(found.time)
      const time = isMissing(text) ? undefined : Number(text)
      const name = names[found.time]
      if (time !== undefined && Number.isNaN(time)) refuse(line, name, `${notANumber(text)}.`)
      if (time !== undefined && !(time >= 0 && time < Infinity))
        refuse(line, name, `"${text}" is not a time in seconds.`)
      open.recall.set(position, { item, line, ...(time !== undefined && { time }) })
    }
  }
  return [...lists.values()].map((open) => {
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
      ...(found.source >= 0 && { sources: study.map((s) => s.source ?? '') })
    }
  })
}

/**
 * A matrix of serial positions: one row a list, its recalls by the place of the item in the list; -1 for an intrusion, 0
 * and blanks for no recall. Everything is one subject's, since such a file does not say whose a row is.
 * @param items the presented items in the same form, one row a list; without it a list is as long as `length` says, or as
 *   the last position that was ever recalled
 */
function readMatrix(
  rows: readonly TableRow[],
  file: string | undefined,
  length?: number,
  items?: string
): RecallList[] {
  const refuse = (line: number, column: number, message: string): never => {
    throw new StudioError('bad-file', `Line ${line}, column ${column}: ${message}`, { file, field: `line ${line}` })
  }
  const presented = items === undefined ? undefined : tableRows(items, { file })
  if (presented && presented.length !== rows.length)
    throw new StudioError('bad-file', `${rows.length} lists have ${presented.length} rows of presented items.`, {
      file
    })
  const numbers = rows.map(({ cells }) => cells.map((cell) => Number(isMissing(cell) ? 0 : cell)))
  const last = length ?? Math.max(...numbers.flat())
  return rows.map(({ line }, i) => {
    const own = presented?.[i].cells.map((cell) => cell.trim()).filter((cell) => !noItem(cell) && cell !== '0')
    const names = own ?? Array.from({ length: last }, (_, k) => `${i + 1}.${k + 1}`)
    if (names.length < 1) refuse(line, 1, 'nothing was studied in this list.')
    if (new Set(names).size !== names.length) refuse(line, 1, 'this list studies an item twice.')
    const recalls = numbers[i].flatMap((position, column): string[] => {
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

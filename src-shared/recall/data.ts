/** Free-recall data: what was studied and what was recalled, list by list, from people and from models alike. */
import Papa from 'papaparse'
import { StudioError } from '../shapes/errors.ts'

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

/** Whether a category or a source is none: blank, or as R, BIDS and pandas write what is missing. */
export const isMissing = (label: string): boolean => /^\s*(na|n\/a|nan)?\s*$/i.test(label)

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
  recall: Map<number, { item: string; time?: number }>
  line: number
}

/**
 * Read a psifr-style CSV: one row per studied or recalled item, columns subject, list, position, trial_type
 * (study | recall), item, and optionally session, time, category, source. Lists keep the order of the file.
 * @throws StudioError bad-file naming the file, the line and the column
 */
export function readRecallCsv(text: string, file?: string): RecallList[] {
  const { data, errors, meta } = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: true
  })
  const columns = meta.fields ?? []
  const missing = requiredColumns.filter((name) => !columns.includes(name))
  if (missing.length)
    throw new StudioError(
      'bad-file',
      `The column${missing.length > 1 ? 's' : ''} ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing; a recall file has ${requiredColumns.join(', ')}.`,
      { file, field: missing.join(', ') }
    )
  const refuse = (row: number, column: string, message: string): never => {
    // The header is line 1.
    throw new StudioError('bad-file', `Line ${row + 2}, column ${column}: ${message}`, { file, field: column })
  }
  const broken = errors.find((e) => e.row !== undefined)
  if (broken) refuse(broken.row!, columns[0], `${broken.message}.`)
  const columnOf = (names: readonly string[]): string | undefined => names.find((name) => columns.includes(name))
  const found = {
    session: columnOf(optional.session),
    time: columnOf(optional.time),
    category: columnOf(optional.category),
    source: columnOf(optional.source)
  }
  const lists = new Map<string, Open>()
  for (const [i, row] of data.entries()) {
    for (const name of requiredColumns) if (!row[name]?.trim()) refuse(i, name, 'the cell is empty.')
    const position = Number(row.position)
    if (!Number.isInteger(position) || position < 1)
      refuse(i, 'position', `"${row.position}" is not a position (1, 2, 3, ...).`)
    const session = found.session && row[found.session]
    const key = JSON.stringify([row.subject, session, row.list])
    let open = lists.get(key)
    if (!open) {
      open = {
        subject: row.subject,
        list: row.list,
        ...(session && { session }),
        study: new Map(),
        recall: new Map(),
        line: i
      }
      lists.set(key, open)
    }
    if (row.trial_type !== 'study' && row.trial_type !== 'recall')
      refuse(i, 'trial_type', `"${row.trial_type}" is neither study nor recall.`)
    const rows = row.trial_type === 'study' ? open.study : open.recall
    if (rows.has(position))
      refuse(i, 'position', `${row.trial_type} position ${position} comes twice in list ${row.list}.`)
    if (row.trial_type === 'study')
      open.study.set(position, {
        item: row.item,
        ...(found.category && { category: row[found.category] }),
        ...(found.source && { source: row[found.source] })
      })
    else {
      const text = found.time && row[found.time]
      const time = text ? Number(text) : undefined
      if (time !== undefined && !(time >= 0)) refuse(i, found.time!, `"${text}" is not a time in seconds.`)
      open.recall.set(position, { item: row.item, ...(time !== undefined && { time }) })
    }
  }
  return [...lists.values()].map((open) => {
    const study = inOrder(open.study)
    if (!study) refuse(open.line, 'position', `the study positions of list ${open.list} are not 1, 2, 3, ...`)
    const recall = inOrder(open.recall)
    if (!recall) refuse(open.line, 'position', `the recall positions of list ${open.list} are not 1, 2, 3, ...`)
    if (study!.length === 0) refuse(open.line, 'trial_type', `list ${open.list} has recalls but nothing studied.`)
    const items = study!.map((s) => s.item)
    if (new Set(items).size !== items.length) refuse(open.line, 'item', `list ${open.list} studies an item twice.`)
    const times = recall!.map((r) => r.time)
    return {
      subject: open.subject,
      list: open.list,
      ...(open.session && { session: open.session }),
      items,
      recalls: recall!.map((r) => r.item),
      ...(times.length && times.every((t) => t !== undefined) && { times: times as number[] }),
      ...(found.category && { categories: study!.map((s) => s.category ?? '') }),
      ...(found.source && { sources: study!.map((s) => s.source ?? '') })
    }
  })
}

/** The values of positions 1..n, or undefined when one is missing. */
function inOrder<T>(rows: Map<number, T>): T[] | undefined {
  const out = Array.from({ length: rows.size }, (_, i) => rows.get(i + 1))
  return out.every((v) => v !== undefined) ? (out as T[]) : undefined
}

/** Which column of a table of free recall holds what: by the names used here, by what a user says, or to be asked. */
import { z } from 'zod'
import { StudioError } from '../shapes/errors.ts'

export const requiredColumns = ['subject', 'list', 'position', 'trial_type', 'item'] as const

/** Names under which optional columns come. */
export const optionalColumns = {
  session: ['session'],
  time: ['time', 'onset', 'rt'],
  category: ['category', 'item_category'],
  source: ['source', 'task', 'item_source'],
  condition: ['condition', 'list_type'],
  delay: ['delay', 'retention_interval']
} as const

export const allColumns = [
  ...requiredColumns,
  ...(Object.keys(optionalColumns) as (keyof typeof optionalColumns)[])
] as const
export type RecallColumn = (typeof allColumns)[number]

/** Which column of a file holds what, where it is not named as here: `{ subject: 'participant' }`; '' leaves one out. */
export const recallColumnsSchema = z.partialRecord(z.enum(allColumns), z.string().max(500))
export type RecallColumns = z.infer<typeof recallColumnsSchema>

/**
 * `subject=participant,list=trial` as typed.
 * @throws StudioError bad-input that names what is no column of a recall file
 */
export function readColumns(text: string): RecallColumns {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name, column = ''] = pair.split(/=(.*)/s).map((part) => part.trim())
      const known = (allColumns as readonly string[]).includes(name)
      // An optional column may be left out by naming none.
      if (!known || !pair.includes('=') || (column === '' && !Object.hasOwn(optionalColumns, name)))
        throw new StudioError(
          'bad-input',
          `"${pair.trim()}" says no column; write NAME=COLUMN, where NAME is one of ${allColumns.join(', ')}.`,
          { field: 'columns' }
        )
      return [name, column]
    })
  )
}

const plain = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[ _.-]/g, '')

/** Other names that laboratories give to these columns, without case, spaces and dashes; the likeliest first. */
const otherNames: Partial<Record<RecallColumn, readonly string[]>> = {
  subject: ['subjectid', 'subjid', 'subj', 'participantid', 'participant', 'participantprivateid', 'ppt', 'sub', 'id'],
  list: ['listnumber', 'listnum', 'listid', 'trial', 'trialnumber', 'trialindex', 'block'],
  position: ['serialposition', 'serialpos', 'itemposition', 'pos', 'order', 'presentationorder'],
  trial_type: ['trialtype', 'type', 'phase', 'eventtype', 'event', 'stage'],
  item: ['itemname', 'word', 'stimulus', 'response', 'text'],
  session: ['sessionid', 'sessionnumber'],
  time: ['rectime', 'latency', 'recalltime'],
  category: ['cat', 'itemcategory'],
  condition: ['cond', 'group', 'listcondition', 'distractor'],
  delay: ['studytestdelay', 'delayseconds']
}

/** The columns of a table that go by names used here, but for case, spaces and dashes. */
export function knownColumns(names: readonly string[]): RecallColumns {
  const known: [RecallColumn, string][] = allColumns.flatMap((what): [RecallColumn, string][] => {
    const wanted: readonly string[] = Object.hasOwn(optionalColumns, what)
      ? optionalColumns[what as keyof typeof optionalColumns]
      : [what]
    const exact = wanted.find((name) => names.includes(name))
    const found = exact ?? names.find((name) => wanted.some((own) => plain(own) === plain(name)))
    return found === undefined ? [] : [[what, found]]
  })
  return Object.fromEntries(known)
}

/** The same, and for what is missing the columns that laboratories call otherwise: to be asked about, never taken. */
export function likelyColumns(names: readonly string[]): RecallColumns {
  const likely = knownColumns(names)
  for (const what of allColumns) {
    if (likely[what] !== undefined) continue
    const free = names.filter((name) => name.trim() !== '' && !Object.values(likely).includes(name))
    const found = otherNames[what]?.flatMap((other) => free.filter((name) => plain(name) === other))
    if (found?.length) likely[what] = found[0]
  }
  return likely
}

/** Whether a line of names is that of free recall. */
export function isRecall(names: readonly string[]): boolean {
  const known = knownColumns(names)
  if (known.trial_type !== undefined || (known.subject !== undefined && known.list !== undefined)) return true
  const likely = likelyColumns(names)
  return requiredColumns.every((what) => likely[what] !== undefined)
}

/** How a file of free recall was read: which column was taken for what where names differ, or what the lists were. */
export interface RecallReadingFacts {
  columns?: RecallColumns | undefined
  items?: string | undefined
  length?: number | undefined
}

/** `subject is participant, list is trial`; nothing where every column goes by its own name. */
export function readingText({ columns, items, length }: RecallReadingFacts): string {
  if (items !== undefined) return `presented items of ${items}`
  if (length !== undefined) return `lists of ${length} items`
  return Object.entries(columns ?? {})
    .flatMap(([what, column]) => (column === what ? [] : [column === '' ? `${what} left out` : `${what} is ${column}`]))
    .join(', ')
}

/** What can be written at the place of the caret in a filter. */
import { runStatuses } from '../shapes/run.ts'
import { comparisonStart, families, fields, quoted, typeOf, type Family, type FieldName } from './filter.ts'

/** What the studio's runs can be filtered by. */
export interface Vocabulary {
  tasks: readonly string[]
  models: readonly string[]
  tags: readonly string[]
  params: readonly string[]
  metrics: readonly string[]
}

export interface Completion {
  /** What stands in the list. */
  label: string
  help: string
  /** Replaces the characters `from` to `to` of the filter. */
  insert: string
  from: number
  to: number
}

const most = 12

/** Fields, members of `metric.` and `param.`, and known values, that go on from what stands before the caret. */
export function completions(text: string, caret: number, known: Vocabulary): Completion[] {
  const from = startOfWord(text, caret)
  const typed = text.slice(from, caret)
  const offer = (list: readonly { label: string; help: string; insert: string }[], at: number): Completion[] => {
    const begun = text.slice(at, caret).replace(/^"/, '').toLowerCase()
    return list
      .filter(({ label }) => label.toLowerCase().includes(begun) && label !== text.slice(at, caret))
      .sort((a, b) => Number(b.label.toLowerCase().startsWith(begun)) - Number(a.label.toLowerCase().startsWith(begun)))
      .slice(0, most)
      .map((completion) => ({ ...completion, from: at, to: caret }))
  }
  const value = valueStart(text, from, caret)
  if (value) return offer(valuesOf(value.field, known), value.at)
  if (typed === '') return []
  const members = ([family, names]: [Family, readonly string[]]) =>
    names.map((name) => {
      const label = `${family}.${/^[\w.-]+$/.test(name) ? name : quoted(name)}`
      return { label, help: families[family].help, insert: `${label} ` }
    })
  const all = [
    ...Object.entries(fields).map(([label, { type, help }]) => ({
      label,
      help,
      insert: type === 'text' || type === 'word' ? `${label}:` : `${label} `
    })),
    ...members(['metric', known.metrics]),
    ...members(['param', known.params])
  ]
  return offer(all, from)
}

function valuesOf(field: string, known: Vocabulary): { label: string; help: string; insert: string }[] {
  const lists: Record<string, readonly string[]> = {
    task: known.tasks,
    model: known.models,
    tag: known.tags,
    status: runStatuses
  }
  return (Object.hasOwn(lists, field) ? lists[field] : []).map((label) => ({
    label,
    help: '',
    insert: `${/^[^\s()"]+$/.test(label) ? label : quoted(label)} `
  }))
}

/** Where the word before the caret begins. */
function startOfWord(text: string, caret: number): number {
  let at = caret
  while (at > 0 && !/[\s()]/.test(text[at - 1])) at--
  return at
}

/** The comparison that the caret stands behind, if it waits for a value. */
function valueStart(text: string, from: number, caret: number): { field: string; at: number } | undefined {
  // The value may be a word of its own (`status = do`) or follow the sign at once (`status:do`).
  for (const start of [from, startOfWord(text, from - 1), startOfWord(text, startOfWord(text, from - 1) - 1)]) {
    if (start < 0 || start > caret) continue
    comparisonStart.lastIndex = start
    const found = comparisonStart.exec(text)
    if (!found || comparisonStart.lastIndex > caret) continue
    const at = comparisonStart.lastIndex
    if (/[\s()]/.test(text.slice(at, caret))) continue
    const field = found[1].toLowerCase()
    if (Object.hasOwn(fields, field) && typeOf(field as FieldName) === 'word') return { field, at }
    return { field: '', at }
  }
  return undefined
}

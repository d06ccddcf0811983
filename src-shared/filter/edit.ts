/** Changing a filter by its syntax tree, as a form does: what one of its terms asks, put, replaced or taken away. */
import type { Compare, Comparison, FieldName, Filter } from './filter.ts'

/** What must hold together. */
const terms = (filter: Filter): readonly Filter[] =>
  filter.kind === 'all' ? [] : filter.kind === 'and' ? filter.terms : [filter]

/** All of these together. */
export function allOf(filters: readonly Filter[]): Filter {
  const all = filters.flatMap(terms)
  return all.length === 0 ? { kind: 'all' } : all.length === 1 ? all[0] : { kind: 'and', terms: all }
}

/** A run must have all of these words. */
export const words = (text: string): Filter =>
  allOf(
    text
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => ({ kind: 'text', text: word }))
  )

export const compare = (field: FieldName, op: Comparison, value: Compare['value']): Compare => ({
  kind: 'compare',
  field,
  op,
  value
})

const asks =
  (field: FieldName, op: Comparison) =>
  (term: Filter): term is Compare =>
    term.kind === 'compare' && term.field === field && term.op === op

/** The value that a field is held to, where every run that is found must meet it. Undefined also where there are several. */
export function valueOf(filter: Filter, field: FieldName, op: Comparison = '='): Compare['value'] | undefined {
  const found = terms(filter).filter(asks(field, op))
  return found.length === 1 ? found[0].value : undefined
}

/** The filter with a field held to a value in the place of the one it was held to; undefined: no longer held to it. */
export function withValue(
  filter: Filter,
  field: FieldName,
  value: Compare['value'] | undefined,
  op: Comparison = '='
): Filter {
  const before = terms(filter)
  const held = valueOf(filter, field, op) === undefined ? -1 : before.findIndex(asks(field, op))
  const next = value === undefined ? [] : [compare(field, op, value)]
  return allOf(held < 0 ? [...before, ...next] : before.toSpliced(held, 1, ...next))
}

/** Any of these values. */
export const anyOf = (field: FieldName, values: readonly string[]): Filter =>
  values.length === 1
    ? compare(field, '=', values[0])
    : { kind: 'or', terms: values.map((value) => compare(field, '=', value)) }

import { comparisonStart, keywords, numberPattern, quoted, typeOf, type Compare, type Filter } from './filter.ts'

/** A filter as its author would write it: `parseFilter(printFilter(filter))` is the filter again. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'all':
      return ''
    case 'text':
      return word(filter.text)
    case 'compare':
      return comparison(filter)
    case 'not':
      return `not ${inner(filter.term)}`
    case 'and':
      return filter.terms.map((term) => (term.kind === 'or' ? `(${printFilter(term)})` : printFilter(term))).join(' ')
    case 'or':
      return filter.terms.map(printFilter).join(' or ')
  }
}

const inner = (filter: Filter): string =>
  filter.kind === 'and' || filter.kind === 'or' ? `(${printFilter(filter)})` : printFilter(filter)

function comparison({ field, name, op, value }: Compare): string {
  const whole = name === undefined ? field : `${field}.${/^[\w.-]+$/.test(name) ? name : quoted(name)}`
  const type = typeOf(field)
  if (type === 'duration') return `${whole} ${op} ${value}ms`
  const text = typeof value === 'number' ? String(value) : type === 'value' ? param(value) : bareOrQuoted(value)
  return type === 'word' && op === '=' ? `${whole}:${text}` : `${whole} ${op} ${text}`
}

/** Text that looks like a number is told from one by its quotation marks. */
const param = (text: string): string => (numberPattern.test(text) ? quoted(text) : bareOrQuoted(text))
const bareOrQuoted = (text: string): string => (/^[^\s()"]+$/.test(text) ? text : quoted(text))

function word(text: string): string {
  comparisonStart.lastIndex = 0
  const special = comparisonStart.test(text) || keywords.some((keyword) => keyword === text.toLowerCase())
  return special ? quoted(text) : bareOrQuoted(text)
}

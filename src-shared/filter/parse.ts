/**
 * Reading a filter:
 *
 *   or    := and { "or" and }
 *   and   := not { ["and"] not }
 *   not   := "not" not | "(" or ")" | comparison | word | "quoted words"
 *
 * A comparison is `field op value` with op one of : = != < <= > >= ~ (contains). Any other word is searched for.
 */
import { nearestName } from '../text/nearest.ts'
import { decimalComma } from '../shapes/decimals.ts'
import { StudioError } from '../shapes/errors.ts'
import {
  comparisonStart,
  families,
  fields,
  numberPattern,
  typeOf,
  unquoted,
  type Compare,
  type Comparison,
  type Family,
  type FieldName,
  type Filter
} from './filter.ts'

/** What is wrong with a filter, and where: characters `at` to `end` of its text. */
export class FilterError extends StudioError {
  readonly at: number
  readonly end: number
  constructor(message: string, at: number, end: number) {
    super('bad-input', message, { field: 'filter' })
    this.at = at
    this.end = Math.max(at, end)
  }
}

export const longestFilter = 2000
/** Deeper than anyone writes, shallower than any stack. */
const deepest = 100

/** The names of metrics and parameters that there are. */
export type KnownNames = Readonly<Record<Family, readonly string[]>>

/**
 * @param known a metric or parameter that is not among them is refused, with the nearest; where there are none at all,
 * nothing is known of them
 * @throws FilterError, and nothing else, whatever the text
 */
export function parseFilter(text: string, known?: KnownNames): Filter {
  if (text.length > longestFilter)
    throw new FilterError(`A filter has at most ${longestFilter} characters.`, longestFilter, text.length)
  const parser = new Parser(text, known)
  if (parser.atEnd()) return { kind: 'all' }
  const filter = parser.or(0)
  if (!parser.atEnd()) throw new FilterError('This ")" closes nothing.', parser.at, parser.at + 1)
  return filter
}

const familyNames: Record<Family, string> = { metric: 'metric', param: 'parameter' }

const blanks = /\s*/y
const bare = /[^\s()"]+/y
const string = /"(?:[^"\\]|\\.)*"/sy

class Parser {
  at = 0
  readonly #text: string
  readonly #known: KnownNames | undefined

  constructor(text: string, known: KnownNames | undefined) {
    this.#text = text
    this.#known = known
    this.#match(blanks)
  }

  atEnd(): boolean {
    return this.at >= this.#text.length
  }

  or(depth: number): Filter {
    return this.#list('or', depth, () => this.#and(depth))
  }

  #and(depth: number): Filter {
    return this.#list('and', depth, () => this.#not(depth))
  }

  /** One or more terms; "and" may be left out between them, "or" may not. */
  #list(kind: 'and' | 'or', depth: number, term: () => Filter): Filter {
    if (depth > deepest) throw this.#wrong('This filter is nested too deep.')
    const terms = [term()]
    for (;;) {
      const before = this.at
      const joined = this.#keyword(kind)
      if (!joined && (kind === 'or' || this.atEnd() || this.#text[this.at] === ')' || this.#peek('or'))) break
      if (joined && (this.atEnd() || this.#text[this.at] === ')'))
        throw new FilterError(`Something must follow "${kind}".`, before, before + kind.length)
      terms.push(term())
    }
    if (terms.length === 1) return terms[0]
    return { kind, terms: terms.flatMap((t) => (t.kind === kind ? t.terms : [t])) }
  }

  #not(depth: number): Filter {
    if (depth > deepest) throw this.#wrong('This filter is nested too deep.')
    const start = this.at
    if (this.#keyword('not')) {
      if (this.atEnd()) throw new FilterError('Something must follow "not".', start, start + 3)
      return { kind: 'not', term: this.#not(depth + 1) }
    }
    for (const word of ['and', 'or'] as const)
      if (this.#peek(word))
        throw new FilterError(
          `Something must come before "${word}"; put it in quotes to search for the word.`,
          start,
          start + word.length
        )
    if (this.#text[this.at] === ')') throw this.#wrong('Something must stand before this ")".', 1)
    if (this.#take('(')) {
      const inner = this.or(depth + 1)
      if (!this.#take(')')) throw new FilterError('This "(" is not closed.', start, start + 1)
      return inner
    }
    return this.#comparison() ?? { kind: 'text', text: this.#word('A word') }
  }

  #comparison(): Compare | undefined {
    const start = this.at
    const found = this.#match(comparisonStart)
    if (!found) return undefined
    const [whole, owner, member, sign] = found
    const nameEnd = start + owner.length + (member === undefined ? 0 : member.length + 1)
    const field = owner.toLowerCase()
    const isFamily = Object.hasOwn(families, field)
    if (!isFamily && !Object.hasOwn(fields, field))
      throw new FilterError(
        `There is no field "${owner}"; put the words in quotes to search for them.`,
        start,
        start + owner.length
      )
    if (isFamily !== (member !== undefined))
      throw new FilterError(
        isFamily ? `Say which one: ${field}.NAME.` : `"${field}" has no parts; only metric and param have.`,
        start,
        nameEnd
      )
    const name = member?.startsWith('"') ? unquoted(member) : member
    const names = isFamily ? this.#known?.[field as Family] : undefined
    if (name !== undefined && names?.length && !names.includes(name)) {
      const near = nearestName(name, names)
      throw new FilterError(
        `No run has the ${familyNames[field as Family]} "${name}"${near === undefined ? '' : `; the nearest is "${near}"`}.`,
        start,
        nameEnd
      )
    }
    const valueAt = this.at
    const isQuoted = this.#text[this.at] === '"'
    const text = this.#word(`A value after "${whole.trim()}"`)
    const compare = { field: field as FieldName | Family, ...(name !== undefined && { name }) }
    const wrong = (message: string): FilterError => new FilterError(message, valueAt, valueAt + text.length)
    return { kind: 'compare', ...compare, ...compared(compare.field, sign, text, isQuoted, wrong) }
  }

  /** A bare or quoted word. */
  #word(what: string): string {
    if (this.#text[this.at] === '"') {
      const start = this.at
      const found = this.#match(string)
      if (!found) throw new FilterError('This quotation mark is not closed.', start, this.#text.length)
      this.#match(blanks)
      return unquoted(found[0])
    }
    const found = this.#match(bare)
    if (!found) throw this.#wrong(`${what} is missing.`)
    this.#match(blanks)
    return found[0]
  }

  #peek(word: string): boolean {
    const next = this.#text.slice(this.at, this.at + word.length + 1)
    return next.slice(0, word.length).toLowerCase() === word && /^$|[\s()"]/.test(next.slice(word.length))
  }
  #keyword(word: string): boolean {
    if (!this.#peek(word)) return false
    this.at += word.length
    this.#match(blanks)
    return true
  }
  #take(character: string): boolean {
    if (this.#text[this.at] !== character) return false
    this.at++
    this.#match(blanks)
    return true
  }
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)
    if (found) this.at = pattern.lastIndex
    return found
  }
  #wrong(message: string, length = 0): FilterError {
    return new FilterError(message, this.at, this.at + length)
  }
}

function compared(
  field: FieldName | Family,
  sign: string,
  text: string,
  isQuoted: boolean,
  wrong: (message: string) => FilterError
): { op: Comparison; value: number | string } {
  const type = typeOf(field)
  const op = (sign === ':' ? (type === 'text' ? '~' : '=') : sign) as Comparison
  const ordered = op.startsWith('<') || op.startsWith('>')
  switch (type) {
    case 'text':
    case 'word':
      if (ordered) throw wrong(`"${field}" has no order: use : or = or ~.`)
      return { op, value: text }
    case 'value': {
      if (op === '~' || isQuoted || !numberPattern.test(text)) {
        if (ordered) throw wrong(decimalComma(text) ?? 'A comparison with < or > needs a number.')
        return { op, value: text }
      }
      return { op, value: finite(text, wrong) }
    }
    case 'date':
      if (op === '~') throw wrong('A date is compared, not searched in: use = < or >.')
      if (!dateRange(text)) throw wrong('This is no date; write it as 2026, 2026-11 or 2026-11-22.')
      return { op, value: text }
    case 'number':
      if (op === '~') throw wrong('A number is compared, not searched in: use = < or >.')
      if (!numberPattern.test(text)) throw wrong(decimalComma(text) ?? `"${field}" is compared with a number.`)
      return { op, value: finite(text, wrong) }
    case 'duration': {
      if (op === '~') throw wrong('A duration is compared, not searched in: use < or >.')
      const [, amount, unit = 's'] = /^(.*?)(ms|s|min|h)?$/i.exec(text) ?? []
      if (!amount || !numberPattern.test(amount)) throw wrong('Write a duration as 500ms, 20s, 5min or 2h.')
      return { op, value: finite(amount, wrong) * { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }[unit.toLowerCase()]! }
    }
  }
}

function finite(text: string, wrong: (message: string) => FilterError): number {
  const value = Number(text)
  if (!Number.isFinite(value)) throw wrong('This number is too large.')
  // -0 and 0 are one number.
  return value + 0
}

/** The moments that a date means, as ISO 8601 UTC: from the first (included) to the end (not included), local days. */
export function dateRange(text: string): { from: string; to: string } | undefined {
  const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d))?)?)?$/.exec(text)
  if (!found) return undefined
  const [year, month, day, hour, minute] = found.slice(1).map((part) => (part === undefined ? undefined : Number(part)))
  const start = local(year!, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0)
  const real =
    start.getMonth() === (month ?? 1) - 1 && start.getDate() === (day ?? 1) && (hour ?? 0) < 24 && (minute ?? 0) < 60
  if (!real) return undefined
  const end =
    minute !== undefined
      ? local(year!, month! - 1, day!, hour!, minute + 1)
      : day !== undefined
        ? local(year!, month! - 1, day + 1)
        : month !== undefined
          ? local(year!, month, 1)
          : local(year! + 1, 0, 1)
  return { from: start.toISOString(), to: end.toISOString() }
}

/** `new Date(99, ...)` would mean 1999. */
function local(year: number, month: number, day: number, hour = 0, minute = 0): Date {
  const date = new Date(2000, 0, 1, hour, minute)
  date.setFullYear(year, month, day)
  return date
}

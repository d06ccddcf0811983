import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completions } from '../../../src-shared/filter/complete.ts'
import { fields, typeOf, type Compare, type Comparison, type Filter } from '../../../src-shared/filter/filter.ts'
import { dateRange, FilterError, longestFilter, parseFilter } from '../../../src-shared/filter/parse.ts'
import { printFilter } from '../../../src-shared/filter/print.ts'

const text = (value: string): Filter => ({ kind: 'text', text: value })
const compare = (field: Compare['field'], op: Comparison, value: number | string, name?: string): Compare => ({
  kind: 'compare',
  field,
  ...(name !== undefined && { name }),
  op,
  value
})
/** What is wrong with a filter, with the characters that are. */
function wrong(filter: string): [string, string] {
  try {
    parseFilter(filter)
  } catch (error) {
    if (error instanceof FilterError) return [filter.slice(error.at, error.end), error.message]
    throw error
  }
  throw new Error(`"${filter}" is no error`)
}

describe('a filter', () => {
  it('is plain words, all of which must occur', () => {
    expect(parseFilter('  ')).toEqual({ kind: 'all' })
    expect(parseFilter('slots')).toEqual(text('slots'))
    expect(parseFilter('50% of_it, [x]')).toEqual({
      kind: 'and',
      terms: [text('50%'), text('of_it,'), text('[x]')]
    })
    expect(parseFilter('"trials > 3 and \\"more\\""')).toEqual(text('trials > 3 and "more"'))
  })

  it('compares numbers, parameters, metrics, durations, words and dates', () => {
    expect(parseFilter('metric.accuracy > 0.9')).toEqual(compare('metric', '>', 0.9, 'accuracy'))
    expect(parseFilter('param.learningRate<=1e-1')).toEqual(compare('param', '<=', 0.1, 'learningRate'))
    expect(parseFilter('param.inner.kernel = gaussian')).toEqual(compare('param', '=', 'gaussian', 'inner.kernel'))
    expect(parseFilter('param.size = "8"')).toEqual(compare('param', '=', '8', 'size'))
    expect(parseFilter('param."my size">=8')).toEqual(compare('param', '>=', 8, 'my size'))
    expect(parseFilter('Trials >= 10')).toEqual(compare('trials', '>=', 10))
    expect(parseFilter('computing > 2min')).toEqual(compare('computing', '>', 120_000))
    expect(parseFilter('created > 2026-01-01')).toEqual(compare('created', '>', '2026-01-01'))
    expect(parseFilter('tag:"figure 2"')).toEqual(compare('tag', '=', 'figure 2'))
    expect(parseFilter('name:slots')).toEqual(compare('name', '~', 'slots'))
  })

  it('binds "not" before "and" before "or", and brackets before all', () => {
    expect(parseFilter('a or b c')).toEqual({
      kind: 'or',
      terms: [text('a'), { kind: 'and', terms: [text('b'), text('c')] }]
    })
    expect(parseFilter('not a AND (b Or c)')).toEqual({
      kind: 'and',
      terms: [
        { kind: 'not', term: text('a') },
        { kind: 'or', terms: [text('b'), text('c')] }
      ]
    })
    expect(parseFilter('android order nothing')).toMatchObject({ kind: 'and', terms: { length: 3 } })
  })

  it('says what is wrong and where', () => {
    expect(wrong('slots and')).toEqual(['and', 'Something must follow "and".'])
    expect(wrong('(a or b')).toEqual(['(', 'This "(" is not closed.'])
    expect(wrong('a ) b')).toEqual([')', 'This ")" closes nothing.'])
    expect(wrong('a or')[0]).toBe('or')
    expect(wrong('or a')[0]).toBe('or')
    expect(wrong('not')[0]).toBe('not')
    expect(wrong('statsu:done')[0]).toBe('statsu')
    expect(wrong('trials > many')[0]).toBe('many')
    expect(wrong('created > 2026-02-30')[0]).toBe('2026-02-30')
    expect(wrong('status > done')[0]).toBe('done')
    expect(wrong('metric > 3')[0]).toBe('metric')
    expect(wrong('trials.x > 3')[0]).toBe('trials.x')
    expect(wrong('say "this')[0]).toBe('"this')
    expect(wrong('trials >')[1]).toContain('A value after "trials >" is missing')
    expect(wrong('param.rate > fast')[1]).toContain('needs a number')
    expect(wrong('x'.repeat(longestFilter + 1))[1]).toContain('at most')
    expect(wrong(`${'('.repeat(500)}a`)[1]).toContain('nested too deep')
    expect(wrong(`${'not '.repeat(400)}a`)[1]).toContain('nested too deep')
  })

  it('never throws anything but a typed error with a position inside the text, whatever is typed', () => {
    const piece = fc.constantFrom('(', ')', '"', '\\', 'and', 'or', 'not', ' ', '>', ':', 'metric.', 'param.x', 'tag')
    const typed = fc.oneof(
      fc.string({ maxLength: 60, unit: 'binary' }),
      fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 30 }).map((parts) => parts.join(''))
    )
    fc.assert(
      fc.property(typed, (filter) => {
        try {
          parseFilter(filter)
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError)
          const { at, end } = error as FilterError
          expect(at >= 0 && at <= end && end <= filter.length).toBe(true)
        }
      }),
      { numRuns: 2000 }
    )
  })

  const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)
  const words = fc.string({ maxLength: 12, unit: 'grapheme' })
  const leaf = fc.oneof(
    words.map(text),
    fc
      .record({
        field: fc.constantFrom(...(Object.keys(fields) as (keyof typeof fields)[])),
        op: fc.constantFrom<Comparison>('=', '!=', '<', '<=', '>', '>=', '~'),
        value,
        words,
        date: fc.constantFrom('2026', '2026-02', '2024-02-29', '2026-01-01T23:59')
      })
      .map(({ field, op, ...given }): Filter => {
        const type = typeOf(field)
        const open = type === 'text' || type === 'word'
        const fits = open ? !/[<>]/.test(op) : op !== '~'
        return compare(field, fits ? op : '=', open ? given.words : type === 'date' ? given.date : given.value)
      }),
    fc
      .record({ name: words, op: fc.constantFrom<Comparison>('=', '<', '>='), value, words, isText: fc.boolean() })
      .map(({ name, op, isText, ...given }) =>
        isText ? compare('param', '=', given.words, name) : compare('param', op, given.value, name)
      )
  )
  const { filter } = fc.letrec<{ filter: Filter; list: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      leaf,
      tie('list'),
      tie('filter').map((term): Filter => ({ kind: 'not', term }))
    ),
    list: fc.record({
      kind: fc.constantFrom('and', 'or'),
      terms: fc.array(tie('filter'), { minLength: 2, maxLength: 4 })
    }) as fc.Arbitrary<Filter>
  }))
  /** "a and (b and c)" and "a and b and c" are one filter. */
  const flat = (f: Filter): Filter => {
    if (f.kind === 'not') return { kind: 'not', term: flat(f.term) }
    if (f.kind !== 'and' && f.kind !== 'or') return f
    return { kind: f.kind, terms: f.terms.map(flat).flatMap((t) => (t.kind === f.kind ? t.terms : [t])) }
  }

  it('is the same again after it was printed and parsed', () => {
    fc.assert(
      fc.property(filter, (made) => {
        const normal = flat(made)
        const printed = printFilter(normal)
        fc.pre(printed.length <= longestFilter)
        expect(parseFilter(printed)).toEqual(normal)
      }),
      { numRuns: 1000 }
    )
  })
})

describe('a date of a filter', () => {
  it('means a whole year, month, day or minute of the local calendar', () => {
    const iso = (...parts: [number, number, number?, number?, number?]) => new Date(...parts).toISOString()
    expect(dateRange('2026')).toEqual({ from: iso(2026, 0), to: iso(2027, 0) })
    expect(dateRange('2026-12')).toEqual({ from: iso(2026, 11), to: iso(2027, 0) })
    expect(dateRange('2024-02-29')).toEqual({ from: iso(2024, 1, 29), to: iso(2024, 2, 1) })
    expect(dateRange('2026-01-01T10:59')).toEqual({ from: iso(2026, 0, 1, 10, 59), to: iso(2026, 0, 1, 11) })
    for (const no of ['', '26', '2026-13', '2026-00', '2025-02-29', '2026-01-01T24:00', 'today'])
      expect(dateRange(no)).toBeUndefined()
  })
})

describe('the completion of a filter', () => {
  const known = {
    tasks: ['capacity'],
    models: ['cmr', 'layered-cmr'],
    tags: ['figure 2'],
    params: ['learningRate', 'odd name'],
    metrics: ['accuracy']
  }
  const at = (filter: string, caret = filter.length): string[] =>
    completions(filter, caret, known).map(({ insert, from, to }) => filter.slice(0, from) + insert + filter.slice(to))

  it('offers fields, metrics and parameters by any part of their name', () => {
    expect(at('slots st')[0]).toBe('slots status:')
    expect(at('acc')).toEqual(['metric.accuracy '])
    expect(at('learn')).toEqual(['param.learningRate '])
    expect(at('not (odd')).toEqual(['not (param."odd name" '])
    expect(at('')).toEqual([])
  })

  it('offers the known values of a field, quoted where they need it', () => {
    expect(at('model:cmr')).toEqual(['model:layered-cmr '])
    expect(at('model = cm')).toEqual(['model = cmr ', 'model = layered-cmr '])
    expect(at('tag:fig')).toEqual(['tag:"figure 2" '])
    expect(at('status:do or a', 9)).toEqual(['status:done  or a'])
    expect(at('trials > 1')).toEqual([])
  })
})

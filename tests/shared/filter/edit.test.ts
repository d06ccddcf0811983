import { describe, expect, it } from 'vitest'
import { allOf, anyOf, valueOf, withValue, words } from '../../../src-shared/filter/edit.ts'
import type { Comparison, FieldName } from '../../../src-shared/filter/filter.ts'
import { parseFilter } from '../../../src-shared/filter/parse.ts'
import { printFilter } from '../../../src-shared/filter/print.ts'

const put = (text: string, field: FieldName, value: string | undefined, op?: Comparison): string =>
  printFilter(withValue(parseFilter(text), field, value, op))

describe('a filter that a form changes', () => {
  it('is held to a value, to another in its place, and to none again', () => {
    expect(put('', 'task', 'capacity')).toBe('task:capacity')
    expect(put('slots task:capacity tag:x', 'task', 'contiguity')).toBe('slots task:contiguity tag:x')
    expect(put('slots task:capacity tag:x', 'task', undefined)).toBe('slots tag:x')
    expect(put('task:capacity', 'task', undefined)).toBe('')
    expect(put('slots', 'task', undefined)).toBe('slots')
    expect(put('', 'tag', 'figure 2')).toBe('tag:"figure 2"')
    expect(put('', 'tag', 'not (this)')).toBe('tag:"not (this)"')
  })

  it('keeps what it is joined to whole', () => {
    expect(put('a or b', 'status', 'done')).toBe('(a or b) status:done')
    expect(put('not task:capacity', 'task', 'capacity')).toBe('not task:capacity task:capacity')
  })

  it('has a range of dates as two comparisons', () => {
    const both = put(put('', 'created', '2026-01-11', '>='), 'created', '2026-01-21', '<=')
    expect(both).toBe('created >= 2026-01-11 created <= 2026-01-21')
    expect(put(both, 'created', undefined, '>=')).toBe('created <= 2026-01-21')
  })

  it('says what every run must meet, and nothing where that is not one value', () => {
    const held = (text: string, field: FieldName, op?: Comparison) => valueOf(parseFilter(text), field, op)
    expect(held('tag:x slots', 'tag')).toBe('x')
    expect(held('tag:x', 'tag')).toBe('x')
    expect(held('tag:x or slots', 'tag')).toBeUndefined()
    expect(held('not tag:x', 'tag')).toBeUndefined()
    expect(held('tag:x tag:y', 'tag')).toBeUndefined()
    expect(held('tag ~ x', 'tag')).toBeUndefined()
    // Of two none is replaced.
    expect(put('tag:x tag:y', 'tag', 'z')).toBe('tag:x tag:y tag:z')
  })

  it('is made of plain words, whatever they look like', () => {
    expect(printFilter(words('  one  two '))).toBe('one two')
    expect(printFilter(words(' '))).toBe('')
    const odd = 'trials>3 or "x" (y) not'
    expect(parseFilter(printFilter(words(odd)))).toEqual(words(odd))
    expect(words(odd)).toMatchObject({ kind: 'and', terms: { length: 5 } })
  })

  it('joins filters and alternatives as they are read again', () => {
    for (const filter of [
      anyOf('status', ['done']),
      anyOf('status', ['queued', 'running']),
      allOf([]),
      allOf([words('a b'), anyOf('tag', ['x', 'y'])])
    ])
      expect(parseFilter(printFilter(filter))).toEqual(filter)
  })
})

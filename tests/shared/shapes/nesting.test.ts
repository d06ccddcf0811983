import { describe, expect, it } from 'vitest'
import { parseMarkdown } from '../../../src-shared/documents/markdown.ts'
import { markdownSchema, nestsDeep } from '../../../src-shared/shapes/nesting.ts'

describe('nesting in a text', () => {
  it.each([
    ['quotes', '>'],
    ['spaced quotes', ' > '],
    ['lists', '- '],
    ['numbers', '1. '],
    ['both', '> * ']
  ])('of %s has a limit, beyond which it is refused, and set as it was written where it is stored', (_, marker) => {
    const [some, many] = [20, 20_000].map((n) => `${marker.repeat(n)}a`)
    expect(markdownSchema.safeParse(some).success).toBe(true)
    expect(markdownSchema.safeParse(many).success).toBe(false)
    expect(parseMarkdown(many)).toEqual([{ kind: 'code', text: many }])
    expect(parseMarkdown(some)[0].kind).not.toBe('code')
  })
  it('does not count what opens nothing', () => {
    for (const text of [
      '---------',
      '-'.repeat(500),
      '1'.repeat(500),
      '*'.repeat(500),
      'a\n'.repeat(500),
      '> a\n'.repeat(500)
    ])
      expect(nestsDeep(text)).toBe(false)
  })
})

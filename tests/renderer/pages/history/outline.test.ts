import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Outline } from '../../../../src-renderer/pages/history/outline.ts'

describe('a list of groups', () => {
  it('has the members of an open group below it', () => {
    const outline = new Outline<string>().with(1, ['a', 'b'])
    expect([0, 1, 2, 3, 4].map((line) => outline.at(line))).toEqual([
      { group: 0 },
      { group: 1 },
      { group: 1, member: 0 },
      { group: 1, member: 1 },
      { group: 2 }
    ])
    expect(outline.member({ group: 1, member: 1 })).toBe('b')
    expect(outline.added).toBe(2)
    expect(outline.without(1).at(2)).toEqual({ group: 2 })
  })

  it('is, line by line, what it would be if it were written out', () => {
    const opened = fc.uniqueArray(fc.tuple(fc.nat(8), fc.array(fc.string(), { maxLength: 4 })), {
      selector: ([index]) => index
    })
    fc.assert(
      fc.property(opened, (groups) => {
        let outline = new Outline<string>()
        for (const [index, members] of groups) outline = outline.with(index, members)
        const written = Array.from({ length: 9 }, (_, group) => [
          { group },
          ...(groups.find(([index]) => index === group)?.[1] ?? []).map((_, member) => ({ group, member }))
        ]).flat()
        expect(written.map((_, line) => outline.at(line))).toEqual(written)
        expect(outline.added).toBe(written.length - 9)
        for (let group = 0; group < 9; group++) expect(outline.at(outline.lineOf(group))).toEqual({ group })
      })
    )
  })
})

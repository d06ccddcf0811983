import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importance, interactions, type Observation } from '../../../src-shared/findings/importance.ts'

const grid = (f: (a: number, b: string) => number): Observation[] =>
  [0, 1, 2].flatMap((a) => ['x', 'y'].flatMap((b) => [0, 1].map(() => ({ params: { a, b, c: 5 }, value: f(a, b) }))))

describe('the importance of parameters', () => {
  it('is one for the only cause and nothing for what does not vary', () => {
    const found = importance(
      grid((a) => a * a),
      'higher'
    )
    expect(found.map(({ param }) => param)).toEqual(['a', 'b'])
    expect(found[0]).toMatchObject({ share: 1, trend: 1, levels: 3, n: 12 })
    expect(found[1]).toMatchObject({ share: 0, trend: null, levels: 2 })
  })

  it('is epsilon squared of the one-way analysis of variance', () => {
    // Levels 1: 1, 2, 3 and 2: 4, 5, 9: SSB = 24, SSW = 16, MSW = 4, so (24 - 4) / 40.
    const values = [1, 2, 3, 4, 5, 9]
    const found = importance(
      values.map((value, i) => ({ params: { a: i < 3 ? 1 : 2 }, value })),
      'lower'
    )
    expect(found[0].share).toBeCloseTo(0.5, 12)
    expect(found[0].trend).toBeLessThan(0)
  })

  it('needs more observations than levels, and passes over what is no number', () => {
    expect(
      importance(
        [
          { params: { a: 1 }, value: 1 },
          { params: { a: 2 }, value: 2 }
        ],
        'higher'
      )
    ).toEqual([])
    const holes = [...grid((a) => a), { params: { a: 1 }, value: NaN }, { params: {}, value: 3 }]
    expect(importance(holes, 'higher')[0]).toMatchObject({ param: 'a', n: 12 })
  })

  it('is the same when the metric is negated and its direction turned round, and lies between 0 and 1', () => {
    const observation = fc.record({
      params: fc.record({
        a: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
        b: fc.constantFrom('x', 'y', 'z'),
        c: fc.boolean()
      }),
      value: fc.double({ noNaN: true, min: -1e6, max: 1e6 })
    })
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 40 }), (made) => {
        const found = importance(made, 'higher')
        const turned = importance(
          made.map(({ params, value }) => ({ params, value: -value })),
          'lower'
        )
        expect(turned).toEqual(found)
        for (const { share, trend } of found) {
          expect(share >= 0 && share <= 1).toBe(true)
          expect(Math.abs(trend ?? 0)).toBeLessThanOrEqual(1 + 1e-12)
        }
      })
    )
  })
})

describe('interactions', () => {
  it('of a full grid are the parts of its variance, by name, the largest first', () => {
    // a + 2b + 3ab with a of -1 and 1, b of -1, 0 and 1: 1, 8/3 and 6.
    const found = interactions(
      [-1, 1].flatMap((a) => [-1, 0, 1].map((b) => ({ params: { a, b, fixed: 1 }, value: a + 2 * b + 3 * a * b })))
    )!
    expect(found.map(({ params }) => params)).toEqual([['a', 'b'], ['b'], ['a']])
    expect(found.map(({ share }) => share)).toEqual(
      [6, 8 / 3, 1].map((v) => expect.closeTo(v / (1 + 8 / 3 + 6), 12) as number)
    )
    expect(found[0].corrected).toBeNull()
  })
  it('leave a parameter to the one that settles it, and need every combination', () => {
    const rows = ['x', 'y'].flatMap((model) =>
      [1, 2].map((n) => ({ params: { model, rate: model === 'x' ? 0.1 : 0.2, n }, value: n + (model === 'x' ? 1 : 0) }))
    )
    expect(interactions(rows)!.map(({ params }) => params)).toEqual(
      expect.arrayContaining([['n'], ['model'], ['model', 'n']])
    )
    expect(interactions(rows.slice(1))).toBeUndefined()
    expect(interactions(rows.filter(({ params }) => params.n === 1))).toBeUndefined()
  })
  it('take the spread between seeds off, and turn nothing with the direction or the unit', () => {
    const rows = [0, 1].flatMap((a) => [0, 1].map((b) => ({ params: { a, b }, value: a + 0.1 * b, variance: 0.01 })))
    const [first, , last] = interactions(rows)!
    expect(first).toMatchObject({ params: ['a'] })
    expect(first.corrected!).toBeGreaterThan(first.share)
    expect(last.corrected).toBe(0)
    const turned = interactions(rows.map((row) => ({ ...row, value: 5 - 10 * row.value, variance: 1 })))!
    turned.forEach(({ share, corrected }, i) => {
      expect(share).toBeCloseTo(interactions(rows)![i].share, 10)
      expect(corrected).toBeCloseTo(interactions(rows)![i].corrected!, 10)
    })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importance, type Observation } from '../../../src-shared/findings/importance.ts'

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

import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { varianceParts } from '../../../src-shared/statistics/variance-parts.ts'

/** Every point of the grid, the last factor changing fastest. */
function grid(levels: readonly number[]): number[][] {
  return levels.reduce<number[][]>(
    (points, n) => points.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])),
    [[]]
  )
}

describe('the parts of a variance', () => {
  it('are the sums of squares of an analysis of variance', () => {
    // statsmodels 0.13: anova_lm of y ~ C(p)*C(q) + C(p)*C(r) + C(q)*C(r), sums of squares over their total.
    const values = [0.03, 1.36, 1.22, -0.51, -0.3, -0.53, 0.57, -0.06, 0.75, -1.85, 1.57, -0.1]
    const expected = [
      0.0012219115001875878, 0.06340604014714354, 0.24567490727210062, 0.2238917841112944, 0.14647593814444593,
      0.30500228556095854, 0.014327133263869416
    ]
    const found = varianceParts([2, 3, 2], values, null)
    expect(found.map(({ factors }) => factors)).toEqual([[0], [1], [2], [0, 1], [0, 2], [1, 2], []])
    found.forEach(({ share }, i) => expect(share).toBeCloseTo(expected[i], 12))
    expect(found.every(({ corrected }) => corrected === null)).toBe(true)
  })
  it('have a closed form: a + 2b + 3ab over {-1, 1} and {-1, 0, 1} has 1, 8/3 and 6', () => {
    const values = grid([2, 3]).map(([i, j]) => {
      const [a, b] = [2 * i - 1, j - 1]
      return a + 2 * b + 3 * a * b
    })
    const total = 1 + 8 / 3 + 6
    expect(varianceParts([2, 3], values, null).map(({ share }) => share)).toEqual(
      [1, 8 / 3, 6].map((v) => expect.closeTo(v / total, 12) as number)
    )
  })
  it('take off what the spread between seeds explains: of nothing but noise little is left in the mean', () => {
    const random = seeded(4)
    const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    let [plain, corrected] = [0, 0]
    const tries = 300
    for (let t = 0; t < tries; t++) {
      // One factor that matters, with variance 1, and one that does not, under noise of variance .5.
      const values = grid([2, 4]).map(([i]) => 2 * i - 1 + Math.SQRT1_2 * gauss())
      const [, other, both] = varianceParts([2, 4], values, 0.5)
      plain += (other.share + both.share) / tries
      corrected += (other.corrected! + both.corrected!) / tries
    }
    expect(plain).toBeGreaterThan(0.25)
    expect(corrected).toBeLessThan(plain / 1.8)
  })
  it('do not change with the unit, a constant or the sign, and are nothing where nothing varies', () => {
    const values = [1, 4, 2, 8, 5, 7]
    const found = varianceParts([2, 3], values, 0.1)
    for (const other of [
      varianceParts(
        [2, 3],
        values.map((v) => -v),
        0.1
      ),
      varianceParts(
        [2, 3],
        values.map((v) => v + 1000),
        0.1
      ),
      varianceParts(
        [2, 3],
        values.map((v) => v * 1e200),
        null
      )
    ])
      other.forEach(({ share, corrected }, i) => {
        expect(share).toBeCloseTo(found[i].share, 10)
        if (Number.isFinite(corrected)) expect(corrected).toBeCloseTo(found[i].corrected!, 10)
      })
    expect(varianceParts([2, 2], [3, 3, 3, 3], 0).map(({ share }) => share)).toEqual([0, 0, 0])
  })
  it('refuse a grid with a gap', () => expect(() => varianceParts([2, 2], [1, 2, 3], null)).toThrow('every point'))
})

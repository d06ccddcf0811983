import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { friedman, rankBars } from '../../../src-shared/statistics/friedman.ts'
import { rangeQuantile, rangeTail } from '../../../src-shared/statistics/special.ts'

describe('Friedman and Nemenyi', () => {
  it('give what Demšar (2006) prints for four models over fourteen data sets', () => {
    // Its table 6, C4.5 with and without m and cf: AUC, higher is better.
    const auc = [
      [0.763, 0.768, 0.771, 0.798],
      [0.599, 0.591, 0.59, 0.569],
      [0.954, 0.971, 0.968, 0.967],
      [0.628, 0.661, 0.654, 0.657],
      [0.882, 0.888, 0.886, 0.898],
      [0.936, 0.931, 0.916, 0.931],
      [0.661, 0.668, 0.609, 0.685],
      [0.583, 0.583, 0.563, 0.625],
      [0.775, 0.838, 0.866, 0.875],
      [1, 1, 1, 1],
      [0.94, 0.962, 0.965, 0.962],
      [0.619, 0.666, 0.614, 0.669],
      [0.972, 0.981, 0.9751, 0.975],
      [0.957, 0.978, 0.946, 0.97]
    ]
    const found = friedman(auc, true)
    expect(found.meanRanks.map((rank) => rank.toFixed(3))).toEqual(['3.143', '2.000', '2.893', '1.964'])
    // Its chi² of 9.28 is without the correction for ties.
    const ties = 60 + 6 + 6 + 6
    expect(found.statistic * (1 - ties / (14 * 60))).toBeCloseTo(9.28, 1)
    expect(found.criticalDifference).toBeCloseTo(1.25, 2)
    expect(friedman(auc, true, 0.1).criticalDifference).toBeCloseTo(1.12, 2)
  })
  it('give the p values that scikit-posthocs tests for: R’s PMCMRplus', () => {
    const blocks = [
      [4, 3, 4, 4, 5, 6, 3],
      [1, 2, 3, 5, 6, 7, 7],
      [1, 2, 6, 4, 1, 5, 1]
    ]
    const { nemenyi } = friedman(blocks, false)
    expect(nemenyi[2].slice(0, 2)).toEqual([expect.closeTo(0.8414506, 7), expect.closeTo(0.8833015, 7)])
    expect(nemenyi[5].slice(0, 5)).toEqual(
      [0.2147827, 0.2597539, 0.9449086, 0.8833015, 0.8833015].map((p) => expect.closeTo(p, 7) as number)
    )
    expect(nemenyi[6][5]).toBeCloseTo(0.5511935, 7)
  })
  it('give scipy’s chi² and p, corrected for ties', () => {
    const found = friedman(
      [
        [4, 3, 2, 3],
        [2, 1, 3, 4],
        [5, 4, 4, 4],
        [1, 2, 2, 1],
        [3, 3, 5, 4]
      ],
      true
    )
    expect(found.statistic).toBeCloseTo(0.7857142857142817, 12)
    expect(found.p).toBeCloseTo(0.8528808476026976, 12)
  })
  it('find nothing where all are equal, and everything where all blocks rank alike', () => {
    expect(
      friedman(
        [
          [1, 1],
          [2, 2]
        ],
        true
      )
    ).toMatchObject({ statistic: 0, p: 1, f: 0, pF: 1, meanRanks: [1.5, 1.5] })
    expect(
      friedman(
        [
          [1, 2, 3],
          [1, 2, 3],
          [0, 5, 9]
        ],
        true
      )
    ).toMatchObject({ statistic: 6, f: Infinity, pF: 0 })
  })
  it('do not change with the unit, the order of blocks or models, and turn with the direction', () => {
    const block = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(block, { minLength: 2, maxLength: 6 }), (blocks) => {
        const found = friedman(blocks, true)
        const scaled = friedman(
          blocks.map((own) => own.map((x) => 0.1 * x + 0.3)),
          true
        )
        const turned = friedman(blocks.map((own) => own.map((x) => -x)).reverse(), false)
        const renamed = friedman(
          blocks.map(([a, b, c]) => [c, a, b]),
          true
        )
        for (const other of [scaled, turned, renamed]) expect(other.statistic).toBeCloseTo(found.statistic, 10)
        expect(scaled).toEqual(found)
        expect(renamed.meanRanks[1]).toBeCloseTo(found.meanRanks[0], 12)
        expect(renamed.nemenyi[1][2]).toBeCloseTo(found.nemenyi[0][1], 10)
      })
    )
  })
  it('refuse one model, one block and gaps', () => {
    expect(() => friedman([[1], [2]], true)).toThrow('two models')
    expect(() => friedman([[1, 2]], true)).toThrow('two tasks')
    expect(() => friedman([[1, 2], [1]], true)).toThrow('Every block')
    expect(() =>
      friedman(
        [
          [1, 2],
          [1, NaN]
        ],
        true
      )
    ).toThrow('not finite')
  })
  it('has bars over runs of ranks that lie closer than the difference', () => {
    expect(rankBars([1, 1.5, 2.6, 4], 1.2)).toEqual([
      [0, 1],
      [1, 2]
    ])
    expect(rankBars([1, 1.5, 2], 5)).toEqual([[0, 2]])
    expect(rankBars([1, 3], 2)).toEqual([])
  })
})

describe('the studentized range', () => {
  it.each([
    // Demšar (2006), table 5: q .05 of k models, divided by the root of two.
    [2, 1.96],
    [3, 2.343],
    [4, 2.569],
    [5, 2.728],
    [7, 2.949],
    [10, 3.164]
  ])('of %i models has the published quantile', (k, q) => expect(rangeQuantile(0.95, k) / Math.SQRT2).toBeCloseTo(q, 2))
  it('has scipy’s tails', () => {
    // scipy 1.10: studentized_range.sf(q, k, inf)
    expect(rangeTail(3, 3)).toBeCloseTo(0.08554257165495793, 12)
    expect(rangeTail(5.5, 10)).toBeCloseTo(0.003983420418207428, 12)
    expect(rangeTail(0.3, 4)).toBeCloseTo(0.9966286136678448, 12)
  })
})

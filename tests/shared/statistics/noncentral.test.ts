import { describe, expect, it } from 'vitest'
import { noncentralCdf, noncentralInterval } from '../../../src-shared/statistics/noncentral.ts'
import { tCdf, tQuantile } from '../../../src-shared/statistics/special.ts'

describe('the noncentral t', () => {
  it.each([
    // scipy 1.10: stats.nct.cdf(t, v, delta)
    [2.1, 4, 1.5, 0.6456369855365165],
    [0.5, 9, -1, 0.930093201838339],
    [6, 3, 4.2, 0.6793862817394345],
    [50, 4, 40, 0.6337998287497197],
    [1.2, 19, 0.3, 0.807355986295159],
    [-2, 7, 1, 0.004349775981635381],
    [12, 2.5, 9, 0.6076963328049583],
    [2, 1, 0.5, 0.7484855842392901],
    [2000, 4, 1500, 0.6898863561738574]
  ])('t = %f with %f degrees and noncentrality %f', (t, v, delta, p) =>
    expect(noncentralCdf(t, v, delta)).toBeCloseTo(p, 12)
  )
  it('is Student’s without a noncentrality', () => {
    for (const t of [-30, -1.3, 0, 0.2, 4, 500]) expect(noncentralCdf(t, 5, 0)).toBeCloseTo(tCdf(t, 5), 12)
  })
  it('has intervals that scipy’s brentq finds by its inversion, mirrored with the sign', () => {
    const { low, high } = noncentralInterval(3, 199)
    expect([low, high]).toEqual([expect.closeTo(1.014339679208664, 9), expect.closeTo(4.978285472808179, 9)])
    expect(noncentralInterval(40, 4).low).toBeCloseTo(13.829807992535118, 8)
    const mirrored = noncentralInterval(-3, 199)
    expect([mirrored.low, mirrored.high]).toEqual([-high, -low])
  })
  it('has an interval that begins at zero where the test just meets its level', () =>
    expect(noncentralInterval(tQuantile(0.975, 7), 7).low).toBeCloseTo(0, 9))
  it('stays finite for differences that hardly vary', () => {
    const { low, high } = noncentralInterval(1e9, 4)
    // A wide sample of t / S: 1e9 times the root of chi² quantiles over v.
    expect(low / 1e9).toBeCloseTo(Math.sqrt(0.484418557 / 4), 6)
    expect(high / 1e9).toBeCloseTo(Math.sqrt(11.143286782 / 4), 6)
  })
})

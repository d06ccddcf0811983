/**
 * The tests against exact arithmetic: scores are whole numbers over a whole number, so every sum and rank can be counted
 * in whole numbers, and every arrangement one by one.
 */
import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { pairedT, permutation, welch, wilcoxon } from '../../../src-shared/statistics/significance.ts'

/** Share of the 2^n sign assignments whose sum lies as far from the middle as the observed one. */
function countSigns(sizes: readonly bigint[], observed: bigint): number {
  let extreme = 0
  for (let signs = 0; signs < 2 ** sizes.length; signs++) {
    const total = sizes.reduce((all, size, i) => all + ((signs >> i) & 1 ? size : -size), 0n)
    if (total >= observed || -total >= observed) extreme++
  }
  return extreme / 2 ** sizes.length
}
const size = (x: bigint): bigint => (x < 0n ? -x : x)

/** Signed ranks, doubled so that the mean rank of ties is whole. */
function wilcoxonByCounting(d: readonly bigint[]): number {
  const kept = d.filter((x) => x !== 0n)
  const rank = (x: bigint): bigint =>
    BigInt(kept.filter((y) => size(y) < size(x)).length * 2 + kept.filter((y) => size(y) === size(x)).length + 1)
  const ranks = kept.map(rank)
  return countSigns(ranks, size(ranks.reduce((all, r, i) => all + (kept[i] > 0n ? r : -r), 0n)))
}
const permutationByCounting = (d: readonly bigint[]): number => countSigns(d, size(d.reduce((all, x) => all + x, 0n)))

/** Of the ways to choose a's values from all, those whose difference of means is as far from 0. */
function relabellingsByCounting(a: readonly bigint[], b: readonly bigint[]): number {
  const all = [...a, ...b]
  const total = all.reduce((x, y) => x + y, 0n)
  const contrast = (sumA: bigint): bigint => size(BigInt(all.length) * sumA - BigInt(a.length) * total)
  const observed = contrast(a.reduce((x, y) => x + y, 0n))
  let [extreme, count] = [0, 0]
  for (let chosen = 0; chosen < 2 ** all.length; chosen++) {
    const own = all.filter((_, i) => (chosen >> i) & 1)
    if (own.length !== a.length) continue
    count++
    if (contrast(own.reduce((x, y) => x + y, 0n)) >= observed) extreme++
  }
  return extreme / count
}

/** Random samples of wholes, some close together and some all over the range. */
function* draws(of: number, times: number): Generator<[a: number[], b: number[]]> {
  const random = seeded(of)
  const whole = (n: number): number => Math.floor(random() * n)
  for (let i = 0; i < times; i++) {
    const [n, spread] = [5 + whole(5), 1 + whole(of)]
    const low = whole(of - spread + 1)
    const sample = (): number[] => Array.from({ length: n }, () => low + whole(spread + 1))
    yield [sample(), sample()]
  }
}
const wholes = (values: readonly number[]): bigint[] => values.map(BigInt)
const differences = (a: readonly number[], b: readonly number[]): bigint[] => a.map((x, i) => BigInt(x - b[i]))

describe.each([10, 20, 24, 50, 100])('shares of %i questions', (of) => {
  const over = (values: readonly number[]): number[] => values.map((k) => k / of)
  it('have the signed-rank p of exact arithmetic', () => {
    for (const [a, b] of draws(of, 300))
      expect(wilcoxon(over(a), over(b)).p).toBeCloseTo(wilcoxonByCounting(differences(a, b)), 13)
  })
  it('have the permutation p of exact arithmetic, paired and not', () => {
    const random = seeded(1)
    for (const [a, b] of draws(of, 300))
      expect(permutation(over(a), over(b), true, { random }).p).toBeCloseTo(
        permutationByCounting(differences(a, b)),
        13
      )
    for (const [a, b] of draws(of, 40)) {
      const [x, y] = [a.slice(0, 5), b.slice(0, 4)]
      expect(permutation(over(x), over(y), false, { random }).p).toBeCloseTo(
        relabellingsByCounting(wholes(x), wholes(y)),
        13
      )
    }
  })
  it('have the t statistics of exact arithmetic', () => {
    for (const [a, b] of draws(of, 300)) {
      const d = differences(a, b)
      const n = BigInt(d.length)
      const [sum, squares] = [d.reduce((x, y) => x + y, 0n), d.reduce((x, y) => x + y * y, 0n)]
      // t² = (n - 1) S² / (n Q - S²)
      const [above, below] = [(n - 1n) * sum * sum, n * squares - sum * sum]
      const { statistic, p } = pairedT(over(a), over(b))
      if (sum === 0n) expect([statistic, p]).toEqual([0, 1])
      else if (below === 0n) expect([Math.abs(statistic), p]).toEqual([Infinity, 0])
      else expect(statistic ** 2 / (Number(above) / Number(below))).toBeCloseTo(1, 11)
    }
  })
})

describe('samples whose ties rounding breaks', () => {
  const a = [0.2, 0.3, 0.1, 0.5, 0.55, 0.4, 0.1, 0.2]
  const b = [0.15, 0.2, 0.05, 0.55, 0.5, 0.25, 0.05, 0.1]
  it('have the p of their ties', () => {
    expect(wilcoxon(a, b).p).toBe(0.046875)
    const [c, d] = [
      [0.4, 0.25, 0.05, 0.2, 0.25, 0.45],
      [0.35, 0.25, 0.1, 0.25, 0.3, 0.35]
    ]
    expect(permutation(c, d, true, { random: seeded(1) }).p).toBe(1)
  })
  it.each([5, 100])('%i values of .01 differ from no others', (n) => {
    const same = new Array<number>(n).fill(0.01)
    expect(welch(same, same)).toMatchObject({ p: 1, statistic: 0, difference: 0, low: 0, high: 0 })
    expect(welch(same, [...same, 0.01])).toMatchObject({ p: 1 })
    // .3 - .2 and .2 - .1 are one number.
    const third = [0.3 - 0.2, 0.1, 0.2 - 0.1]
    expect(welch(third, [0.1, 0.1])).toMatchObject({ p: 1, difference: 0 })
  })
  it('meet a margin that they meet exactly', () => {
    expect(pairedT([0.3, 0.4, 0.9], [0.2, 0.3, 0.8], { margin: 0.1 })).toMatchObject({ p: 1, difference: 0 })
    expect(pairedT([0.3, 0.4, 0.9], [0.2, 0.3, 0.8])).toMatchObject({ p: 0 })
  })
})

describe('numbers at the ends of the range', () => {
  // scipy.stats.ttest_rel([1, 2, 4], [-1, 1, 1.5]) and ttest_ind(..., equal_var=False).
  const [a, b] = [
    [1, 2, 4],
    [-1, 1, 1.5]
  ]
  it.each([1e-310, 1e-200, 1e-100, 1, 1e100, 1e160, 1e300])('have the t of any other unit: %d', (unit) => {
    const at = (values: readonly number[]): number[] => values.map((x) => x * unit)
    const digits = unit < 1e-305 ? 4 : 11
    const paired = pairedT(at(a), at(b))
    expect(paired.statistic).toBeCloseTo(4.157609203101499, digits)
    expect(paired.p).toBeCloseTo(0.05327073759374264, digits)
    const { statistic, p } = welch(at(a), at(b))
    expect(statistic).toBeCloseTo(1.5714285714285714, digits)
    expect(p).toBeCloseTo(0.19261643032596779, digits)
    expect(wilcoxon(at(a), at(b)).p).toBe(0.25)
    expect(permutation(at(a), at(b), true, { random: seeded(1) }).p).toBe(0.25)
  })
  it('are refused where their difference is none', () => {
    expect(() => pairedT([1.7e308, 1.6e308], [-1.7e308, -1.6e308])).toThrow('beyond the range')
  })
})

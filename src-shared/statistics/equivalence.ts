/**
 * Whether two models are practically the same: two one-sided tests (TOST). Sources: Schuirmann (1987); Lakens (2017); for
 * ranks Wellek (2010), ch. 5.
 */
import { StudioError } from '../shapes/errors.ts'
import { seeded } from './random.ts'
import { compare, significant } from './numbers.ts'
import { pairedT, permutation, welch, wilcoxon, type TestOptions, type TestResult } from './significance.ts'

export const testNames = ['paired-t', 'wilcoxon', 'permutation', 'welch'] as const
export type TestName = (typeof testNames)[number]

/** A test by its name. The resampling is fixed, so that the same values always give the same p. */
export function testBy(
  name: TestName,
  a: readonly number[],
  b: readonly number[],
  options: TestOptions = {}
): TestResult {
  switch (name) {
    case 'paired-t':
      return pairedT(a, b, options)
    case 'wilcoxon':
      return wilcoxon(a, b, options)
    case 'permutation':
      return permutation(a, b, true, { ...options, random: seeded(1) })
    case 'welch':
      return welch(a, b, options)
  }
}

export interface Equivalence {
  /** The larger p of the two one-sided tests: of a - b > -within, and of a - b < within. */
  p: number
  /** The difference with the interval that lies within the bounds where p is below the level: of 1 - 2 level. */
  difference: number
  low: number | null
  high: number | null
  within: number
  /** As a researcher would write it. */
  method: string
}

/**
 * Two one-sided tests of |a - b| < within. Equivalent at the level where p is below it.
 * @param within the largest difference that makes no difference; above zero, in the unit of the values
 * @throws StudioError bad-input for bounds that are not above zero, and as the test does
 */
export function equivalence(
  name: TestName,
  a: readonly number[],
  b: readonly number[],
  within: number,
  level = 0.05
): Equivalence {
  if (!(within > 0 && within < Infinity))
    throw new StudioError('bad-input', 'The bounds of practical equivalence must be above zero.', { field: 'within' })
  const whole = testBy(name, a, b, { level: 1 - 2 * level })
  const [above, below] = [
    testBy(name, a, b, { margin: -within, side: 'above' }),
    testBy(name, b, a, { margin: -within, side: 'above' })
  ]
  const method = `two one-sided tests within ±${Number(within.toPrecision(12))}, ${whole.method}`
  const { difference, low, high } = whole
  return { p: Math.max(above.p, below.p), difference, low, high, within, method }
}

/** `same`: within the bounds; `different`: beyond them; `open`: neither is shown. */
export type PracticalVerdict = 'same' | 'different' | 'open'

/**
 * How far beyond the bounds a - b lies: twice the smaller p of the one-sided tests of a - b > within and a - b < -within.
 */
export function beyondBounds(name: TestName, a: readonly number[], b: readonly number[], within: number): number {
  const [above, below] = [
    testBy(name, a, b, { margin: within, side: 'above' }),
    testBy(name, b, a, { margin: within, side: 'above' })
  ]
  return Math.min(1, 2 * Math.min(above.p, below.p))
}

/** From the p values (adjusted where they are of a family) of either claim. */
export function practicalVerdict(same: number, different: number, level = 0.05): PracticalVerdict {
  // Both cannot be below: where they tie by rounding neither is claimed.
  if (significant(same, level) && compare(same, different) < 0) return 'same'
  return significant(different, level) ? 'different' : 'open'
}

/** How many seeds it takes: for an interval of a wished width, and to tell two models apart. */
import { StudioError } from '../shapes/errors.ts'
import { tCritical } from './interval.ts'
import { deviation, mean } from './numbers.ts'
import { lgamma, normalCdf } from './special.ts'

/**
 * The smallest n for which 2 t(n-1, (1+level)/2) sd / sqrt(n) <= width, with the spread seen so far.
 * @returns null if even a million seeds are too few
 * @throws StudioError bad-input for a width that is not above zero
 */
export function requiredSeeds(sd: number, width: number, level = 0.95): number | null {
  if (!(width > 0) || !(sd >= 0))
    throw new StudioError('bad-input', 'The width of an interval must be above zero, and its spread known.')
  const wide = (n: number): boolean => (2 * tCritical(n - 1, level) * sd) / Math.sqrt(n) > width
  return firstWithout(wide)
}

const mostSeeds = 1_000_000

/** The smallest n from 2 on at which a condition that ends once no longer holds; null beyond a million. */
function firstWithout(holds: (n: number) => boolean): number | null {
  let [low, high] = [1, 2]
  while (holds(high)) {
    if (high >= mostSeeds) return null
    ;[low, high] = [high, high * 2]
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (holds(middle)) low = middle
    else high = middle
  }
  return high
}

/** Panels of the quadrature over the spread of a sample. */
const panels = 400

/**
 * P(T <= t) for Student's t with v degrees of freedom and noncentrality delta: the mean of Phi(t s - delta) over
 * s = sqrt(chi^2_v / v), by Simpson's rule on either side of s = 1.
 */
function noncentralCdf(t: number, v: number, delta: number): number {
  const density = (s: number): number =>
    s <= 0
      ? v === 1
        ? Math.sqrt(2 / Math.PI)
        : 0
      : Math.exp(Math.LN2 + (v / 2) * Math.log(v / 2) - lgamma(v / 2) + (v - 1) * Math.log(s) - (v * s * s) / 2)
  const reach = 12 / Math.sqrt(2 * v)
  const [from, to] = [Math.max(0, 1 - reach), 1 + reach]
  const step = (to - from) / panels
  let [sum, total] = [0, 0]
  for (let i = 0; i <= panels; i++) {
    const s = from + i * step
    const weight = (i === 0 || i === panels ? 1 : i % 2 ? 4 : 2) * density(s)
    total += weight
    sum += weight * normalCdf(t * s - delta)
  }
  return sum / total
}

/** The chance that a two-sided paired t test over n pairs finds a difference of `dz` standard deviations of the differences. */
export function pairedPower(dz: number, n: number, level = 0.05): number {
  const critical = tCritical(n - 1, 1 - level)
  const delta = dz * Math.sqrt(n)
  return 1 - noncentralCdf(critical, n - 1, delta) + noncentralCdf(-critical, n - 1, delta)
}

/**
 * The smallest number of seeds at which a paired t test finds the difference seen so far with the wished power, should
 * mean and spread of the differences stay what they are.
 * @param differences by seed, two or more
 * @param level of the test; a family of m tests is safe at level / m
 * @returns null without any difference, and where even a million seeds are too few
 */
export function seedsToTell(differences: readonly number[], { level = 0.05, power = 0.8 } = {}): number | null {
  if (differences.length < 2)
    throw new StudioError('bad-input', 'Two common seeds are needed to see how much the difference varies.')
  const [centre, sd] = [Math.abs(mean(differences)), deviation(differences)]
  if (centre === 0) return null
  if (sd === 0) return 2
  return firstWithout((n) => pairedPower(centre / sd, n, level) < power)
}

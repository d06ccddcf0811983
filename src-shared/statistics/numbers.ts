/**
 * What is equal, and sums that say so. Scores are k/n or short decimals: they tie in exact arithmetic, and not in binary.
 * Whatever a tie or a threshold decides goes through `compare`, whatever is added up through `sum` or `mean`.
 */

/** A few units in the last place: what reading a decimal, one subtraction and one rescaling may each round off. */
const relative = 16 * Number.EPSILON

const greatest = (values: Iterable<number>): number => {
  let most = 0
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value)
  return most
}

/** How far equal numbers may lie apart that were computed from these. */
export const tolerance = (...samples: readonly (readonly number[])[]): number =>
  relative * samples.reduce((most, sample) => Math.max(most, greatest(sample)), 0)

/**
 * -1, 0 or 1 as a < b, a = b, a > b, where numbers that differ by a few units in the last place are equal.
 * @param within how far apart is equal; for differences, that of the numbers that were subtracted
 */
export function compare(a: number, b: number, within = tolerance([a, b])): -1 | 0 | 1 {
  // Also for two that are infinite, whose difference is none.
  if (a === b || Math.abs(a - b) <= (within < Infinity ? within : 0)) return 0
  return a < b ? -1 : 1
}

/** Best first, in an order that leaves equals where they are. */
export const descending = (a: number, b: number): number => compare(b, a)

/** Whether a p value lies below the level. One that meets it does not. */
export const significant = (p: number, level = 0.05): boolean => compare(p, level) < 0

/**
 * Equal numbers made the same: each run of neighbours that lie no further apart than the tolerance has the value of its
 * least. Signs are kept, and what is no further from zero than the tolerance is zero.
 */
export function snapped(values: readonly number[], within: number): number[] {
  const order = values.map((_, i) => i).sort((i, j) => Math.abs(values[i]) - Math.abs(values[j]))
  const out = new Array<number>(values.length)
  let [last, own] = [0, 0]
  for (const i of order) {
    const size = Math.abs(values[i])
    if (size - last > within) own = size
    last = size
    out[i] = own === 0 ? 0 : Math.sign(values[i]) * own
  }
  return out
}

/** A power of two that brings the greatest of the numbers to about one where their squares would leave the range, else 1. */
export function unitOf(...samples: readonly (readonly number[])[]): number {
  const most = samples.reduce((all, sample) => Math.max(all, greatest(sample)), 0)
  if (most === 0 || (most > 1e-100 && most < 1e100)) return 1
  // The scale of the least numbers is itself out of range.
  return 2 ** -Math.max(-1022, Math.min(1022, Math.floor(Math.log2(most))))
}

/** Decimals of at most six places are whole millionths: their sums are exact. */
const millionths = 1e6
/** The sum in millionths, or undefined where a value is none or the sum is too large to be exact. */
function wholeSum(values: readonly number[]): number | undefined {
  let [sum, size] = [0, 0]
  for (const value of values) {
    const whole = Math.round(value * millionths)
    if (whole / millionths !== value) return undefined
    sum += whole
    size += Math.abs(whole)
  }
  return size <= Number.MAX_SAFE_INTEGER ? sum : undefined
}

/**
 * The exact sum of doubles, rounded once: partial sums that do not overlap. It does not depend on their order.
 * Source: Shewchuk (1997), Adaptive precision floating-point arithmetic.
 */
function roundedSum(values: Iterable<number>): number {
  const partials: number[] = []
  for (let x of values) {
    let kept = 0
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x]
      const high = x + y
      const low = y - (high - x)
      if (low !== 0) partials[kept++] = low
      x = high
    }
    partials.length = kept
    partials.push(x)
  }
  let i = partials.length - 1
  if (i < 0) return 0
  let high = partials[i]
  let low = 0
  while (i > 0) {
    const x = high
    const y = partials[--i]
    high = x + y
    low = y - (high - x)
    if (low !== 0) break
  }
  // Half way between two doubles, the parts below decide.
  if (i > 0 && Math.sign(low) === Math.sign(partials[i - 1])) {
    const twice = 2 * low
    const up = high + twice
    if (up - high === twice) high = up
  }
  return high
}

/** The sum: of decimals of at most six places exact, of others the exact sum of the doubles; rounded once. */
export function sum(values: readonly number[]): number {
  const whole = wholeSum(values)
  if (whole !== undefined) return whole / millionths
  const total = roundedSum(values)
  // Partial sums may leave the range where the sum does not.
  return Number.isNaN(total) ? roundedSum(values.map((value) => value / values.length)) * values.length : total
}

/** Numbers less a constant: what they have in common takes no digits from what parts them. */
export const lessBy = (values: readonly number[], constant: number): number[] =>
  values.map((value) => sum([value, -constant]))

/** The arithmetic mean, from the exact sum; the mean of equal values is that value, however many there are. */
export function mean(values: readonly number[]): number {
  const whole = wholeSum(values)
  if (whole !== undefined && millionths * values.length <= Number.MAX_SAFE_INTEGER)
    return whole / (millionths * values.length)
  const unit = unitOf(values)
  const scaled = unit === 1 ? values : values.map((value) => value * unit)
  const [least, most] = ends(scaled)
  return Math.min(most, Math.max(least, roundedSum(scaled) / values.length)) / unit
}

function ends(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return [least, most]
}

/** Standard deviation with n - 1, 0 where all values are equal; NaN for one value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return NaN
  const unit = unitOf(values)
  const scaled = unit === 1 ? values : values.map((value) => value * unit)
  const [least, most] = ends(scaled)
  if (compare(least, most) === 0) return 0
  const above = lessBy(scaled, least)
  const centre = mean(above)
  // Deviations of a small part of the values have squares of their own size.
  const own = above.map((value) => value - centre)
  const step = unitOf(own)
  return Math.sqrt(sum(own.map((value) => (value * step) ** 2)) / (values.length - 1)) / step / unit
}

/** So many values from min to max, equally far apart. */
export const evenly = ({ min, max }: { min: number; max: number }, count: number): number[] =>
  Array.from({ length: count }, (_, i) => min + ((max - min) * i) / (count - 1))

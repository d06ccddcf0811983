/** How many seeds an interval of a wished width takes. */
import { StudioError } from '../shapes/errors.ts'
import { tCritical } from './interval.ts'

/**
 * The smallest n for which 2 t(n-1, (1+level)/2) sd / sqrt(n) <= width, with the spread seen so far.
 * @returns null if even a million seeds are too few
 * @throws StudioError bad-input for a width that is not above zero
 */
export function requiredSeeds(sd: number, width: number, level = 0.95): number | null {
  if (!(width > 0) || !(sd >= 0))
    throw new StudioError('bad-input', 'The width of an interval must be above zero, and its spread known.')
  const wide = (n: number): boolean => (2 * tCritical(n - 1, level) * sd) / Math.sqrt(n) > width
  let [low, high] = [1, 2]
  while (wide(high)) {
    if (high >= 1_000_000) return null
    ;[low, high] = [high, high * 2]
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (wide(middle)) low = middle
    else high = middle
  }
  return high
}

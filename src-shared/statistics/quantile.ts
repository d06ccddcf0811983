/**
 * The quantile of a sample, interpolated linearly between its neighbours (type 7 of Hyndman & Fan, 1996).
 * @param sorted rising, at least one value
 * @param share 0 = the least, 1 = the greatest
 */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return below + (above - below) * (at % 1)
}

/**
 * The quantile of a sample, linear between order statistics (R's type 7); never between infinite ones.
 * @param sorted rising, at least one value
 * @param p 0 = the least, 1 = the greatest
 * Source: Hyndman & Fan (1996), Sample quantiles in statistical packages.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1)
  const [i, j] = [Math.floor(at), Math.ceil(at)]
  const [low, high] = [sorted[i], sorted[j]]
  return low === high || at === i ? low : low + (at - i) * (high - low)
}

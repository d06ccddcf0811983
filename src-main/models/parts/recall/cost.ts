import type { Cost, Workload } from '../../../../src-shared/cost/cost.ts'

/**
 * Cost of one studied and recalled list of n items with `layers` temporal contexts of n + 1 units: an item reads M^FC,
 * drifts, and learns both matrices; a recall reads M^CF and M^FC and drifts. Decisions are not counted.
 */
export function recallCost({ stored: n, queries }: Workload, layers: number): Cost {
  const units = n + 1
  const [product, driftFlops] = [2 * n * units, 6 * units]
  return {
    storeFlops: layers * n * (product + driftFlops + 4 * units),
    retrieveFlops: layers * queries * (2 * product + driftFlops),
    parameters: 0,
    state: layers * (2 * n * units + units)
  }
}

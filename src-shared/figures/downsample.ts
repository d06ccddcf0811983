/** Fewer points for the screen and for TeX without losing an extreme. SVG, CSV and JSON always carry all of them. */

/** A chart draws at most this many points of one series. */
export const maxPoints = 2000

/**
 * Split the points into limit/2 bins of equal count and keep the lowest and the highest of each, in their order, and
 * both ends. The same points always give the same answer, and no minimum or maximum is ever lost. A point without a
 * value is kept when its whole bin has none, so that gaps stay gaps.
 */
export function downsample<P extends { y: number | null }>(points: readonly P[], limit = maxPoints): readonly P[] {
  if (points.length <= limit) return points
  const inner = points.length - 2
  const bins = Math.max(1, Math.floor((limit - 2) / 2))
  const kept: P[] = [points[0]]
  for (let bin = 0; bin < bins; bin++) {
    const from = 1 + Math.floor((bin * inner) / bins)
    const to = 1 + Math.floor(((bin + 1) * inner) / bins)
    let low = -1
    let high = -1
    for (let i = from; i < to; i++) {
      const y = points[i].y
      if (y === null) continue
      if (low < 0 || y < (points[low].y as number)) low = i
      if (high < 0 || y > (points[high].y as number)) high = i
    }
    if (low < 0) kept.push(points[from])
    else if (low === high) kept.push(points[low])
    else kept.push(points[Math.min(low, high)], points[Math.max(low, high)])
  }
  kept.push(points[points.length - 1])
  return kept
}

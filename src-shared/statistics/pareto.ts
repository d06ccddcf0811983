/** Which of several options are worth considering when two things count. */
import { compare } from './numbers.ts'

export type Better = 'higher' | 'lower'

/**
 * For each point whether it lies on the Pareto front: no other is at least as good in both and better in one. Equal
 * points are on it together. A point with a value that is not finite never is, and beats none.
 */
export function paretoFront(points: readonly { x: number; y: number }[], betterX: Better, betterY: Better): boolean[] {
  const [signX, signY] = [betterX, betterY].map((better) => (better === 'higher' ? 1 : -1))
  const finite = points.map(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  const beats = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => {
    const [dx, dy] = [signX * compare(a.x, b.x), signY * compare(a.y, b.y)]
    return dx >= 0 && dy >= 0 && (dx > 0 || dy > 0)
  }
  return points.map((point, i) => finite[i] && !points.some((other, j) => finite[j] && beats(other, point)))
}

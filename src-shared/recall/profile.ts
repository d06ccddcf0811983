/**
 * The profile of the likelihood for one parameter: at each of its values the others are fitted anew.
 *
 *   l(v) = max over the other parameters of log L(v, others)
 *
 * Its interval holds every v with 2 (max l - l(v)) <= chi²_1(.95): where the drop of the likelihood would not reject v.
 * Between the values that were computed the signed root z(v) = ±sqrt(2 (max l - l(v))) is taken as straight, which it is
 * for a quadratic likelihood. Source: D. M. Bates & D. G. Watts (1988), Nonlinear regression analysis and its
 * applications, ch. 6; the drop after S. S. Wilks (1938).
 */
import { normalQuantile } from '../statistics/special.ts'
import { climb, type FitSettings, type SubjectFit } from './fit.ts'
import type { LikelihoodName, Sequences } from './likelihood.ts'
import { Objective } from './objective.ts'

export interface ProfilePoint {
  x: number
  logLikelihood: number
}

export interface Profile {
  /** By x, the highest point among them. */
  points: ProfilePoint[]
  best: ProfilePoint
  /** Ends of the 95 % interval; null where it goes beyond the values that were looked at. */
  low: number | null
  high: number | null
}

export type SubjectProfile = Profile & { subject: string }

/** The root of the 95 % point of chi² with one degree of freedom. */
const widest = normalQuantile(0.975)

const rootOf = (best: ProfilePoint, { logLikelihood }: ProfilePoint): number =>
  Math.sqrt(Math.max(0, 2 * (best.logLikelihood - logLikelihood)))

/** A profile from its points. */
export function profileOf(points: readonly ProfilePoint[]): Profile {
  const sorted = points.toSorted((a, b) => a.x - b.x)
  const top = sorted.reduce((best, point, i) => (point.logLikelihood > sorted[best].logLikelihood ? i : best), 0)
  const best = sorted[top]
  /** Where z reaches the 95 % point on the way from the top. */
  const end = (step: 1 | -1): number | null => {
    for (let i = top + step; i >= 0 && i < sorted.length; i += step) {
      const [inner, outer] = [rootOf(best, sorted[i - step]), rootOf(best, sorted[i])]
      if (outer < widest) continue
      const [from, to] = [sorted[i - step].x, sorted[i].x]
      return outer === Infinity ? to : from + ((to - from) * (widest - inner)) / (outer - inner)
    }
    return null
  }
  return { points: sorted, best, low: end(-1), high: end(1) }
}

/** How far the log-likelihood falls at the ends of an interval. */
export const widestDrop = widest ** 2 / 2

/** How near z must come to the 95 % point at an end that is computed, and how often that is tried. */
const [nearEnough, tries] = [0.01, 5]

/**
 * One subject's profile: outwards from the fitted value, each search from where the nearest one ended, and then at the
 * ends of the interval until these are reached.
 * @param fit of the same lists with the same settings
 * @param values at which it is computed, besides the fitted one
 */
export function profileSubject(
  { subject, lists }: Sequences,
  pool: number,
  fit: Pick<SubjectFit, 'params' | 'logLikelihood' | 'conditions'>,
  settings: FitSettings,
  name: LikelihoodName,
  values: readonly number[]
): SubjectProfile {
  const fitted = fit.params[name]
  const free = settings.free.filter((own) => own.name !== name)
  type Found = ProfilePoint & { at: Pick<SubjectFit, 'params' | 'conditions'> }
  const found: Found[] = [{ x: fitted, logLikelihood: fit.logLikelihood, at: fit }]
  const compute = (x: number): Found => {
    const objective = new Objective(lists, pool, { ...settings, free, fixed: { ...settings.fixed, [name]: x } })
    const { at } = found.reduce((a, b) => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a))
    const start = objective.from(at.params, at.conditions)
    const top = free.length
      ? climb(objective, start, { starts: 1, seed: settings.seed })
      : { x: start, value: -objective.at(start) }
    const point = { x, logLikelihood: -top.value, at: objective.params(top.x) }
    found.push(point)
    return point
  }
  for (const x of values.filter((x) => x > fitted).toSorted((a, b) => a - b)) compute(x)
  for (const x of values.filter((x) => x < fitted).toSorted((a, b) => b - a)) compute(x)
  const points = (): ProfilePoint[] => found.map(({ x, logLikelihood }) => ({ x, logLikelihood }))
  for (const side of ['low', 'high'] as const)
    for (let i = 0; i < tries; i++) {
      const { best, [side]: end } = profileOf(points())
      if (end === null || found.some(({ x }) => x === end)) break
      if (Math.abs(rootOf(best, compute(end)) - widest) < nearEnough) break
    }
  return { subject, ...profileOf(points()) }
}

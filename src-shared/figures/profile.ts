/**
 * Performance profiles: for every threshold the share of trials that score beyond it, of one task in its own unit
 * or of several on a common scale. Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice.
 */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { seeded } from '../statistics/random.ts'
import { performanceProfile, profileBand } from '../statistics/robust.ts'
import type { FigureAxis, FigurePoint, FigureSeries, FigureSpec, SeriesStyle } from './spec.ts'
import { metricAxis } from './measured.ts'
import { commonStrata, type Scores, type Stratum } from '../findings/strata.ts'

export interface ProfileNaming {
  labelOf(cell: CellResult): string
  styleOf(label: string, model: string): SeriesStyle
  title: string
}

const thresholds = 61
const draws = 1000

/**
 * The profile of every model over the strata that all of them have or, where no stratum has all models, of the
 * models that all strata have. One stratum keeps its metric's own scale; several
 * are put on the scale from chance (0; without a chance level the least possible) to the best possible score (1; where a
 * metric has no bounds, from the worst to the best trial of that task), higher better.
 *   P(tau) = mean over strata of mean over points of [score > tau]
 * The band resamples seeds within each stratum, a seed with all its points.
 * @returns undefined where no model has a finished trial
 */
export function profileFigure(strata: readonly Stratum[], naming: ProfileNaming): FigureSpec | undefined {
  const pooled = strata.length > 1
  const found = commonStrata(strata, naming.labelOf, pooled)
  if (!found) return undefined
  const { labels, common, remarks } = found
  const { metric } = strata[0]
  const lower = !pooled && metric.direction === 'lower'
  const axis = pooled ? pooledAxis : rawAxis(metric, common[0].all)
  const taus = steps(axis, pooled ? common.flatMap(({ all }) => all) : common[0].all)
  const seedCounts = common.flatMap(({ models }) => labels.map((label) => models.get(label)!.scores.length))
  const series = labels.map((label): FigureSeries => {
    const own = common.map(({ models }) => models.get(label)!.scores)
    return { label, style: naming.styleOf(label, found.models.get(label)!), points: profile(own, taus, lower) }
  })
  const sides = lower ? 'below' : 'above'
  return {
    title: naming.title,
    x: axis,
    y: { label: `Share of trials ${sides} τ`, scale: 'linear', range: [0, 1], direction: 'higher' },
    series,
    interval: 'band',
    asymmetric: true,
    method: methodOf(seedCounts, common.length),
    remarks: [
      ...(pooled
        ? common.map(({ stratum, scale }) => `${stratum.name} (${lowerFirst(stratum.metric.label)}): ${scale}`)
        : pointsRemark(common[0].points)),
      ...remarks
    ]
  }
}

/** Shares beyond each threshold with their band; strata count equally, and points within them. */
function profile(strata: readonly Scores[], taus: readonly number[], lower: boolean): FigurePoint[] {
  // Less than tau is more than -tau of what is turned round.
  const sign = lower ? -1 : 1
  const turned = strata.map((seeds) => seeds.map((scores) => scores.map((x) => sign * x)))
  const at = taus.map((tau) => sign * tau)
  const shares = performanceProfile(
    turned.map((seeds) => seeds.flat()),
    at
  )
  const n = Math.min(...strata.map((seeds) => seeds.length))
  const points = taus.map((x, t): FigurePoint => ({ x, y: shares[t], n }))
  if (n < 2) return points
  // Fixed, so that the same results always give the same band.
  const band = profileBand(turned, at, { random: seeded(1), draws })
  return points.map((point, t) => ({ ...point, ...band[t] }))
}

const pooledAxis: FigureAxis = {
  label: 'Threshold τ, score normalised: 0 = chance or worst, 1 = best',
  scale: 'linear'
}

function rawAxis(metric: MetricInfo, scores: readonly number[]): FigureAxis {
  const { range, unit } = metricAxis(metric)
  const flat = Math.min(...scores) === Math.max(...scores)
  return {
    label: `Threshold τ, ${lowerFirst(metric.label)}`,
    ...(unit && { unit }),
    scale: 'linear',
    // All equal: the step needs room on both sides.
    ...(range ? { range } : flat && { range: [scores[0] - 1, scores[0] + 1] as const })
  }
}

/** Evenly from end to end of the axis, and of what was scored. */
function steps(axis: FigureAxis, scores: readonly number[]): number[] {
  const low = Math.min(...scores, axis.range?.[0] ?? (axis === pooledAxis ? 0 : Infinity))
  const high = Math.max(...scores, axis.range?.[1] ?? (axis === pooledAxis ? 1 : -Infinity))
  return Array.from({ length: thresholds }, (_, i) =>
    Number((low + ((high - low) * i) / (thresholds - 1)).toPrecision(9))
  )
}

function methodOf(seeds: readonly number[], strata: number): string {
  const [low, high] = [Math.min(...seeds), Math.max(...seeds)]
  const n = `n = ${low === high ? low : `${low} to ${high}`} ${high === 1 ? 'seed' : 'seeds'}`
  const where = strata > 1 ? ` in each of ${strata} tasks` : ''
  if (high < 2) return `one seed${where}: no band (n = 1)`
  return `95 % ${strata > 1 ? 'stratified ' : ''}percentile bootstrap band over seeds, ${draws} draws, ${n}${where}`
}

const pointsRemark = (points: number): string[] =>
  points > 1 ? [`over ${points} points of the sweep, which count equally`] : []

const lowerFirst = (text: string): string => text.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())

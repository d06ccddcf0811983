/** Fits of several models to the same subjects, by what each of them says of itself. */
import { chiSquareTail } from '../statistics/special.ts'
import type { Fit, FitRequestOf } from './fit-request.ts'
import type { SubjectFit } from './fit.ts'

/** What a model is chosen by: the lower the better, and of the held-out likelihood the higher. */
export type Criterion = 'aic' | 'bic'

/**
 * Weights of models for one subject: w_m = exp(-(IC_m - min IC) / 2), normalised.
 * Source: E.-J. Wagenmakers & S. Farrell (2004), AIC model selection using Akaike weights.
 */
export function weights(criteria: readonly number[]): number[] {
  const least = Math.min(...criteria)
  const raw = criteria.map((value) => Math.exp(-(value - least) / 2))
  const sum = raw.reduce((a, b) => a + b, 0)
  return raw.map((w) => w / sum)
}

export interface ComparedFit {
  fit: Fit
  /** Summed over the subjects that all fits have. */
  logLikelihood: number
  aic: number
  bic: number
  /** Mean over subjects of their weights. */
  weight: Record<Criterion, number>
  /** Subjects whose weight by BIC is the largest here. */
  best: number
  /** Summed; undefined where a subject has none. */
  heldOut: number | undefined
}

export interface FitComparison {
  subjects: string[]
  fits: ComparedFit[]
  /** By subject, in the order of the fits. */
  weights: Record<Criterion, number[][]>
  /** Of every two fits one of which is nested in the other, by their places in `fits`. */
  ratios: (LikelihoodRatio & { inner: number; outer: number })[]
}

export interface RatioTest {
  /** 2 (log L of the outer fit - log L of the inner one), at least 0. */
  statistic: number
  /** Parameters that the outer fit has more. */
  df: number
  /** Tail of chi². */
  p: number
}
export interface LikelihoodRatio extends RatioTest {
  /** Of each subject alone; the test of all is of their sums. */
  subjects: (RatioTest & { subject: string })[]
}

type Ended = Pick<SubjectFit, 'subject' | 'logLikelihood' | 'aic'>

/** Parameters of a fit, from AIC = 2 k - 2 log L. */
const parametersOf = ({ aic, logLikelihood }: Ended): number => Math.round(aic / 2 + logLikelihood)

/**
 * The likelihood-ratio test of a fit against one that is nested in it, for the subjects that both have.
 * Source: S. S. Wilks (1938), The large-sample distribution of the likelihood ratio for testing composite hypotheses.
 */
export function likelihoodRatio(outer: readonly Ended[], inner: readonly Ended[]): LikelihoodRatio {
  const subjects = outer.flatMap((own) => {
    const other = inner.find(({ subject }) => subject === own.subject)
    if (!other) return []
    const statistic = Math.max(0, 2 * (own.logLikelihood - other.logLikelihood))
    const df = parametersOf(own) - parametersOf(other)
    return [{ subject: own.subject, statistic, df, p: tail(statistic, df) }]
  })
  const [statistic, df] = [
    subjects.reduce((sum, one) => sum + one.statistic, 0),
    subjects.reduce((sum, one) => sum + one.df, 0)
  ]
  return { statistic, df, p: tail(statistic, df), subjects }
}

const tail = (statistic: number, df: number): number => (df > 0 ? chiSquareTail(statistic, df) : 1)

type Asked = FitRequestOf<'likelihood'>

/** Whether every fit that the inner request can find, the outer one can find as well, and more. */
export function isNested(inner: Asked, outer: Asked): boolean {
  const free = (request: Asked, name: string) => request.free.find((own) => own.name === name)
  const by = (request: Asked): readonly string[] => request.byCondition ?? []
  const names = Object.keys(outer.fixed) as (keyof Asked['fixed'])[]
  const holds = names.every((name) => {
    const [mine, its] = [free(inner, name), free(outer, name)]
    if (!its) return !mine && inner.fixed[name] === outer.fixed[name]
    if (!mine) return inner.fixed[name] >= its.min && inner.fixed[name] <= its.max
    return mine.min >= its.min && mine.max <= its.max
  })
  const more = outer.free.length > inner.free.length || by(outer).length > by(inner).length
  return holds && more && by(inner).every((name) => by(outer).includes(name))
}

/** Finished likelihood fits of the same lists over the subjects that all of them have; undefined for fewer than two. */
export function compareFits(fits: readonly Fit[]): FitComparison | undefined {
  const done = fits.filter(
    ({ request, status, subjects }) => request.kind === 'likelihood' && status === 'done' && subjects.length
  )
  const lengthOf = ({ request }: Fit): number | undefined => ('length' in request ? request.length : undefined)
  const alike = done.filter((fit) => lengthOf(fit) === lengthOf(done[0]))
  if (alike.length < 2) return undefined
  const bySubject = alike.map(({ subjects }) => new Map(subjects.map((own) => [own.subject, own])))
  const subjects = [...bySubject[0].keys()].filter((subject) => bySubject.every((own) => own.has(subject)))
  if (!subjects.length) return undefined
  const of = (subject: string, by: Criterion): number[] => weights(bySubject.map((own) => own.get(subject)![by]))
  const all = { aic: subjects.map((subject) => of(subject, 'aic')), bic: subjects.map((subject) => of(subject, 'bic')) }
  const mean = (rows: readonly number[][], i: number): number =>
    rows.reduce((sum, row) => sum + row[i], 0) / rows.length
  const ratios = alike.flatMap((one, inner) =>
    alike.flatMap((other, outer) => {
      const [a, b] = [one.request, other.request]
      if (a.kind !== 'likelihood' || b.kind !== 'likelihood' || !isNested(a, b)) return []
      const own = (fit: Fit): Ended[] => fit.subjects.filter(({ subject }) => subjects.includes(subject))
      return [{ inner, outer, ...likelihoodRatio(own(other), own(one)) }]
    })
  )
  return {
    subjects,
    weights: all,
    ratios,
    fits: alike.map((fit, i) => {
      const own = subjects.map((subject) => bySubject[i].get(subject)!)
      const sum = (of: 'logLikelihood' | Criterion): number => own.reduce((total, one) => total + one[of], 0)
      const known = own.every(({ heldOut }) => heldOut !== undefined)
      return {
        fit,
        logLikelihood: sum('logLikelihood'),
        aic: sum('aic'),
        bic: sum('bic'),
        weight: { aic: mean(all.aic, i), bic: mean(all.bic, i) },
        best: all.bic.filter((row) => row[i] === Math.max(...row)).length,
        heldOut: known ? own.reduce((total, { heldOut }) => total + heldOut!, 0) : undefined
      }
    })
  }
}

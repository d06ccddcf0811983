/** Fitting the likelihood of free recall to one subject, comparing fits, and surfaces of the likelihood. */
import { multiStart } from '../statistics/nelder-mead.ts'
import { seeded } from '../statistics/random.ts'
import {
  drawSequence,
  logLikelihood,
  type LikelihoodName,
  type LikelihoodParams,
  type Sequence,
  type Sequences
} from './likelihood.ts'

/** A parameter that is searched for, between these ends. */
export interface Free<Name extends string = string> {
  name: Name
  min: number
  max: number
}

/**
 * What is fitted unless something else is asked for. Lcf is fixed, since only its ratio to T and P1 matters much; D and A
 * are fixed, since D scales Lfc and a list says little about A.
 */
export const defaultFree: readonly Free<LikelihoodName>[] = [
  { name: 'B_enc', min: 0.05, max: 0.99 },
  { name: 'B_start', min: 0, max: 1 },
  { name: 'B_rec', min: 0.05, max: 0.99 },
  { name: 'Lfc', min: 0, max: 10 },
  { name: 'P1', min: 0, max: 20 },
  { name: 'P2', min: 0.05, max: 5 },
  { name: 'T', min: 0.02, max: 10 },
  { name: 'X1', min: 0.0001, max: 0.3 },
  { name: 'X2', min: 0, max: 1 }
]

/** The first start of a search, and the values of what is fixed. */
export const startParams: LikelihoodParams = {
  B_enc: 0.6,
  B_start: 0.2,
  B_rec: 0.7,
  Lfc: 1,
  Lcf: 1,
  P1: 2,
  P2: 0.8,
  D: 1,
  A: 0,
  T: 0.4,
  X1: 0.01,
  X2: 0.3
}

export interface SubjectFit {
  subject: string
  params: LikelihoodParams
  logLikelihood: number
  points: number
  /** 2 k - 2 log L. */
  aic: number
  /** k ln(points) - 2 log L. */
  bic: number
  evaluations: number
  converged: boolean
}

export interface FitSettings {
  free: readonly Free<LikelihoodName>[]
  fixed: LikelihoodParams
  starts: number
  seed: number
}

/** Maximum likelihood for one subject. */
export function fitSubject(
  { subject, lists }: Sequences,
  pool: number,
  { free, fixed, starts, seed }: FitSettings
): SubjectFit {
  const params = (x: readonly number[]): LikelihoodParams => ({
    ...fixed,
    ...Object.fromEntries(free.map(({ name }, i) => [name, x[i]]))
  })
  const best = multiStart((x) => -logLikelihood(lists, pool, params(x)).logLikelihood, free, {
    starts,
    uniform: seeded(seed),
    start: free.map(({ name, min, max }) => Math.min(max, Math.max(min, fixed[name]))),
    tolerance: 1e-6
  })
  const { points } = logLikelihood(lists, pool, params(best.x))
  return {
    subject,
    params: params(best.x),
    logLikelihood: -best.value,
    points,
    ...criteria(-best.value, free.length, points),
    evaluations: best.evaluations,
    converged: best.converged
  }
}

/** AIC = 2 k - 2 log L, BIC = k ln(n) - 2 log L. */
export const criteria = (logL: number, k: number, n: number): { aic: number; bic: number } => ({
  aic: 2 * k - 2 * logL,
  bic: k * Math.log(n) - 2 * logL
})

/** As many lists as a subject has, recalled by the model with these parameters: for parameter recovery. */
export function simulateSubject(
  { subject, lists }: Sequences,
  pool: number,
  p: LikelihoodParams,
  seed: number
): Sequences {
  const uniform = seeded(seed)
  const drawn = lists.map(({ items }): Sequence => ({ items, recalls: drawSequence(items, pool, p, uniform) }))
  return { subject, lists: drawn }
}

/** Fits of several models to the same subjects, by what each of them says of itself. */
import type { Fit } from './fit-request.ts'

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
  return {
    subjects,
    weights: all,
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

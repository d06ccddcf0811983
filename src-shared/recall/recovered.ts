/** How well parameters are recovered. */
import type { SubjectFit } from './fit.ts'
import type { LikelihoodName, LikelihoodParams } from './likelihood.ts'
import type { ConditionFit } from './objective.ts'

export interface Recovered {
  pairs: { truth: number; found: number }[]
  /** Pearson's correlation; undefined when either side does not vary. */
  r: number | undefined
  /** Mean of found minus true. */
  bias: number
  rmse: number
}

export function recovered(pairs: readonly { truth: number; found: number }[]): Recovered {
  const n = pairs.length
  const mean = (of: (pair: (typeof pairs)[number]) => number): number => pairs.reduce((s, p) => s + of(p), 0) / n
  const [mt, mf] = [mean((p) => p.truth), mean((p) => p.found)]
  const [st, sf, both] = [
    mean((p) => (p.truth - mt) ** 2),
    mean((p) => (p.found - mf) ** 2),
    mean((p) => (p.truth - mt) * (p.found - mf))
  ]
  return {
    pairs: [...pairs],
    r: st > 0 && sf > 0 ? both / Math.sqrt(st * sf) : undefined,
    bias: mf - mt,
    rmse: Math.sqrt(mean((p) => (p.found - p.truth) ** 2))
  }
}

/** A fit to lists that known parameters recalled: these as `truth`, those of each condition as `truths`. */
export type RecoveredFit = Pick<SubjectFit, 'subject' | 'params' | 'conditions'> & {
  truth?: LikelihoodParams | undefined
  truths?: readonly ConditionFit[] | undefined
}

export interface Recovery extends Recovered {
  name: LikelihoodName
}

/** Of every parameter, over subjects; of one that each condition has for itself, over subjects and conditions. */
export function recoveries(
  names: readonly LikelihoodName[],
  fits: readonly RecoveredFit[],
  byCondition: readonly LikelihoodName[] = []
): Recovery[] {
  return names.map((name) => ({
    name,
    ...recovered(
      fits.flatMap(({ params, conditions, truth, truths }) => {
        if (!truth) return []
        if (!byCondition.includes(name)) return [{ truth: truth[name], found: params[name] }]
        return (conditions ?? []).flatMap((own) => {
          const made = truths?.find(({ condition }) => condition === own.condition)
          return made ? [{ truth: made.params[name], found: own.params[name] }] : []
        })
      })
    )
  }))
}

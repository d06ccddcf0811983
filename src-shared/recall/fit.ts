/** Fitting the likelihood of free recall to one subject, comparing fits, and surfaces of the likelihood. */
import { differentialEvolution } from '../statistics/differential-evolution.ts'
import { multiStart, nelderMead, type Minimum } from '../statistics/nelder-mead.ts'
import { seeded } from '../statistics/random.ts'
import {
  drawSequence,
  logLikelihood,
  type LikelihoodName,
  type LikelihoodParams,
  type Sequence,
  type Sequences
} from './likelihood.ts'
import type { SearchMethod } from './search-methods.ts'
import { Objective, type ConditionFit, type Free, type Searched } from './objective.ts'

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
  /** Log-likelihood of every list under parameters that were fitted without it; with folds only. */
  heldOut?: number
  /** Of each condition, where some parameters are free by condition; `params` then has their means. */
  conditions?: ConditionFit[]
}

export interface FitSettings extends Searched {
  method?: SearchMethod | undefined
  starts: number
  seed: number
  /** Parts in which each subject's lists are held out, one after the other. */
  folds?: number | undefined
}

/** A search ends when what it compares differs by less than this in log-likelihood; an evolution leaves the rest to a simplex. */
const [closeEnough, nearEnough] = [1e-6, 0.01]

/** The highest point of a log-likelihood; the first start is the given one. */
export function climb(
  objective: Pick<Objective, 'at' | 'bounds'>,
  start: readonly number[],
  { method = 'simplex', starts, seed }: Pick<FitSettings, 'method' | 'starts' | 'seed'>
): Minimum {
  const f = (x: readonly number[]): number => -objective.at(x)
  const uniform = seeded(seed)
  if (method === 'simplex') return multiStart(f, objective.bounds, { starts, uniform, start, tolerance: closeEnough })
  const ends = Array.from({ length: starts }, () =>
    differentialEvolution(f, objective.bounds, { uniform, start, members: 5, tolerance: nearEnough })
  )
  const best = ends.reduce((a, b) => (b.value < a.value ? b : a))
  const top = nelderMead(f, best.x, objective.bounds, { tolerance: closeEnough })
  const evaluations = ends.reduce((sum, end) => sum + end.evaluations, top.evaluations)
  return { ...(top.value <= best.value ? top : { ...best, converged: top.converged }), evaluations }
}

/** Maximum likelihood for one subject and, with folds, how well lists are predicted that the fit has not seen. */
export function fitSubject(sequences: Sequences, pool: number, settings: FitSettings): SubjectFit {
  const whole = maximise(sequences, pool, settings)
  const folds = Math.min(settings.folds ?? 0, sequences.lists.length)
  if (folds < 2) return whole
  // Every part has lists of every condition, as far as there are enough.
  const lists = [...Map.groupBy(sequences.lists, ({ condition }) => condition).values()].flat()
  let heldOut = 0
  for (let fold = 0; fold < folds; fold++) {
    const [own, out] = [lists.filter((_, i) => i % folds !== fold), lists.filter((_, i) => i % folds === fold)]
    heldOut += predicted(out, pool, maximise({ ...sequences, lists: own }, pool, settings))
  }
  return { ...whole, heldOut }
}

/** Log-likelihood of lists under a fit; of a condition that it has not seen under the means of those that it has. */
function predicted(lists: readonly Sequence[], pool: number, fit: SubjectFit): number {
  return [...Map.groupBy(lists, (list) => paramsOf(fit, list))].reduce(
    (sum, [params, own]) => sum + logLikelihood(own, pool, params).logLikelihood,
    0
  )
}

/** The parameters under which a fit sees a list. */
export const paramsOf = (
  { params, conditions }: Pick<SubjectFit, 'params' | 'conditions'>,
  { condition = '' }: Pick<Sequence, 'condition'>
): LikelihoodParams => conditions?.find((own) => own.condition === condition)?.params ?? params

function maximise({ subject, lists }: Sequences, pool: number, settings: FitSettings): SubjectFit {
  const objective = new Objective(lists, pool, settings)
  const best = climb(objective, objective.from(settings.fixed), settings)
  const { points } = objective
  return {
    subject,
    ...objective.params(best.x),
    logLikelihood: -best.value,
    points,
    ...criteria(-best.value, objective.bounds.length, points),
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
  p: LikelihoodParams | Pick<SubjectFit, 'params' | 'conditions'>,
  seed: number
): Sequences {
  const uniform = seeded(seed)
  const of = (list: Sequence): LikelihoodParams => ('params' in p ? paramsOf(p, list) : p)
  const drawn = lists.map((list): Sequence => ({
    ...list,
    recalls: drawSequence(list.items, pool, of(list), uniform)
  }))
  return { subject, lists: drawn }
}

/** 144 words and a few. */
const words =
  'amber anchor apple arrow basket beacon bell birch bottle bridge brush button cabin candle canyon carpet castle cedar chain chalk cherry cloud clover copper coral cotton cradle crown dagger desert drum eagle ember engine fabric falcon feather fern fiddle flag flute forest fossil fountain garden gate ginger glove grain granite guitar hammer harbor harp hazel helmet hinge honey island ivory jacket jasmine jewel kettle ladder lantern leather lemon lichen lily linen lizard lumber magnet maple marble meadow mirror mitten moss needle nettle oak oasis ocean olive orchard otter oyster paddle paper parrot pearl pebble pepper piano pillow pine planet plum pocket pony prism quarry quilt rabbit raven reed ribbon river robin rope saddle sail salmon sand scarf shell shovel silk silver sparrow spoon spring statue stone straw sugar swan table tent thistle thunder tiger timber torch tower trumpet tulip tunnel turtle valley velvet violin wagon walnut wheel whistle willow window wool yarn'.split(
    ' '
  )

/** Data that people could have given, as the CSV that is imported: 12 subjects with parameters of their own, 12 lists of 12 words. */
export function simulatedExample(): string {
  const uniform = seeded(2009)
  const [subjects, lists, items] = [12, 12, 12]
  const near = (value: number, spread: number): number => value + spread * (2 * uniform() - 1)
  const rows = ['subject,list,position,trial_type,item']
  for (let subject = 1; subject <= subjects; subject++) {
    const p: LikelihoodParams = {
      ...startParams,
      B_enc: near(0.65, 0.1),
      B_rec: near(0.75, 0.15),
      P1: near(4, 2),
      T: near(0.5, 0.15),
      X1: near(0.02, 0.015)
    }
    const order = shuffled(words, uniform)
    for (let list = 1; list <= lists; list++) {
      const studied = order.slice((list - 1) * items, list * items)
      const recalls = drawSequence(items, words.length, p, uniform)
      for (const [i, word] of studied.entries()) rows.push([subject, list, i + 1, 'study', word].join(','))
      for (const [i, item] of recalls.entries()) rows.push([subject, list, i + 1, 'recall', studied[item]].join(','))
    }
  }
  return `${rows.join('\n')}\n`
}

function shuffled<T>(list: readonly T[], uniform: () => number): T[] {
  const out = [...list]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1))
    ;[out[i], out[j]] = [out[j], out[i]]
  }
  return out
}

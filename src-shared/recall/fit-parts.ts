/** A fit to human free recall in parts, each of which one worker computes alone, and their answers. */
import type { StartFit, RecallCurves } from './fit-request.ts'
import type { FitSettings, SubjectFit } from './fit.ts'
import type { ConditionFit, Free } from './objective.ts'
import type { LikelihoodName, LikelihoodParams, Sequence, Sequences } from './likelihood.ts'
import type { SubjectProfile } from './profile.ts'
import type { SearchMethod } from './search-methods.ts'

export type FitPart =
  | {
      kind: 'subject'
      sequences: Sequences
      pool: number
      settings: FitSettings
      /** Fit lists that these parameters recall, in place of the subject's own. */
      truth?: Pick<SubjectFit, 'params' | 'conditions'>
    }
  | {
      kind: 'profile'
      sequences: Sequences
      pool: number
      settings: FitSettings
      fit: Pick<SubjectFit, 'params' | 'logLikelihood' | 'conditions'>
      name: LikelihoodName
      values: readonly number[]
    }
  | {
      kind: 'row'
      lists: readonly Sequence[]
      pool: number
      at: LikelihoodParams
      x: LikelihoodName
      values: readonly number[]
    }
  | {
      kind: 'start'
      start: number
      method?: SearchMethod | undefined
      model: string
      params: Readonly<Record<string, unknown>>
      free: readonly Free[]
      target: RecallCurves
      items: number
      lists: number
      evaluations: number
      seed: number
    }

export type FitAnswer =
  | { kind: 'subject'; fit: SubjectFit & { truth?: LikelihoodParams; truths?: ConditionFit[] } }
  | { kind: 'profile'; profile: SubjectProfile }
  | { kind: 'row'; values: number[] }
  | { kind: 'start'; fit: StartFit }

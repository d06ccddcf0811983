/** The likelihood of one subject's lists as a function of the numbers that are searched. */
import type { Bound } from '../statistics/nelder-mead.ts'
import { ListsLikelihood, type LikelihoodName, type LikelihoodParams, type Sequence } from './likelihood.ts'

/** A parameter that is searched for, between these ends. */
export interface Free<Name extends string = string> {
  name: Name
  min: number
  max: number
}

export interface Searched {
  free: readonly Free<LikelihoodName>[]
  fixed: LikelihoodParams
  /** Free parameters that each condition has for itself; the others are the same in all. */
  byCondition?: readonly LikelihoodName[] | undefined
}

/** The parameters of the lists of one condition, and what these lists say. */
export interface ConditionFit {
  condition: string
  params: LikelihoodParams
  logLikelihood: number
  points: number
}

/** Lists that say no condition. */
const unsaid = ''

export const conditionNames = (lists: readonly Sequence[]): string[] => [
  ...new Set(lists.map(({ condition }) => condition ?? unsaid))
]

export class Objective {
  /** What is searched: a free parameter, or one of a condition. */
  readonly bounds: readonly Bound[]
  readonly points: number
  readonly #slots: readonly { name: LikelihoodName; groups: readonly number[] }[]
  readonly #groups: readonly { condition: string; lists: ListsLikelihood; params: LikelihoodParams }[]
  readonly #split: boolean

  constructor(lists: readonly Sequence[], pool: number, { free, fixed, byCondition = [] }: Searched) {
    this.#split = byCondition.length > 0
    const grouped = this.#split
      ? Map.groupBy(lists, ({ condition }) => condition ?? unsaid)
      : new Map([[unsaid, lists]])
    this.#groups = [...grouped].map(([condition, own]) => ({
      condition,
      lists: new ListsLikelihood(own, pool),
      params: { ...fixed }
    }))
    this.points = this.#groups.reduce((sum, group) => sum + group.lists.points, 0)
    const all = this.#groups.map((_, i) => i)
    const slots = free.flatMap(({ name, min, max }) =>
      (byCondition.includes(name) ? all.map((i) => [i]) : [all]).map((groups) => ({ name, groups, min, max }))
    )
    this.#slots = slots
    this.bounds = slots.map(({ min, max }) => ({ min, max }))
  }

  #put(x: readonly number[]): void {
    for (let i = 0; i < this.#slots.length; i++) {
      const { name, groups } = this.#slots[i]
      for (const group of groups) this.#groups[group].params[name] = x[i]
    }
  }

  /** Summed log-likelihood. */
  at(x: readonly number[]): number {
    this.#put(x)
    let sum = 0
    for (const { lists, params } of this.#groups) sum += lists.at(params)
    return sum
  }

  /** A point within the bounds from parameters, for a search to start from. */
  from(params: LikelihoodParams, conditions: readonly Pick<ConditionFit, 'condition' | 'params'>[] = []): number[] {
    return this.#slots.map(({ name, groups }, i) => {
      const own = groups.length === 1 ? this.#groups[groups[0]].condition : undefined
      const value = (conditions.find(({ condition }) => condition === own)?.params ?? params)[name]
      return Math.min(this.bounds[i].max, Math.max(this.bounds[i].min, value))
    })
  }

  /** Parameters at a point; of what conditions have for themselves the means. */
  params(x: readonly number[]): { params: LikelihoodParams; conditions?: ConditionFit[] } {
    this.#put(x)
    const mean = { ...this.#groups[0].params }
    for (const { name } of this.#slots)
      mean[name] = this.#groups.reduce((sum, { params }) => sum + params[name], 0) / this.#groups.length
    if (!this.#split) return { params: mean }
    return {
      params: mean,
      conditions: this.#groups.map(({ condition, lists, params }) => ({
        condition,
        params: { ...params },
        logLikelihood: lists.at(params),
        points: lists.points
      }))
    }
  }
}

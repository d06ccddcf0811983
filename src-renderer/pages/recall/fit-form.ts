/** What a fit begins with: bounds and values that make sense before anyone has looked. */
import type { ModelInfo } from '../../../src-shared/shapes/catalog.ts'
import { defaultFree, startParams } from '../../../src-shared/recall/fit.ts'
import type { FitRequestOf } from '../../../src-shared/recall/fit-request.ts'
import { likelihoodNames, likelihoodParams, type LikelihoodName } from '../../../src-shared/recall/likelihood.ts'

/** One row of a form: fitted between min and max, or held at a value. */
export interface Row<Name extends string = string> {
  name: Name
  label: string
  free: boolean
  value: number
  min: number
  max: number
  /** Each condition has a value of its own. */
  byCondition?: boolean
}

export const likelihoodRows = (): Row<LikelihoodName>[] =>
  likelihoodNames.map((name) => {
    const free = defaultFree.find((own) => own.name === name)
    return {
      name,
      label: likelihoodParams[name].label,
      free: free !== undefined,
      value: startParams[name],
      min: free?.min ?? 0,
      max: free?.max ?? 2
    }
  })

/** The numbers of a model of free recall; at first drift and primacy are fitted. The lists of a fit have one source. */
export const modelRows = (model: ModelInfo): Row[] =>
  Object.entries(model.params).flatMap(([name, param]): Row[] => {
    if (param.type !== 'number') return []
    const { label, default: value, min, max } = param
    const low = Math.max(min, max <= 1 ? 0.05 : value / 4)
    const high = Math.min(max, max <= 1 ? 0.95 : value * 4 || 1)
    return [{ name, label, free: /^(beta(Encoding|Recall)(Temporal)?|phiS)$/.test(name), value, min: low, max: high }]
  })

/** What is wrong with a row, or undefined. */
export function rowProblem({ free, value, min, max }: Row): string | undefined {
  if (free) return Number.isFinite(min) && Number.isFinite(max) && min < max ? undefined : 'From must be below to.'
  return Number.isFinite(value) ? undefined : 'Give it a value.'
}

type Search = Pick<FitRequestOf<'likelihood'>, 'method' | 'starts' | 'seed'>

export function likelihoodRequest(
  dataset: string,
  rows: readonly Row<LikelihoodName>[],
  search: Search
): FitRequestOf<'likelihood'> {
  const own = rows.filter(({ free, byCondition }) => free && byCondition)
  return {
    kind: 'likelihood',
    dataset,
    ...(own.length > 0 && { byCondition: own.map(({ name }) => name) }),
    free: rows.filter(({ free }) => free).map(({ name, min, max }) => ({ name, min, max })),
    fixed: Object.fromEntries(rows.map(({ name, value }) => [name, value])) as FitRequestOf<'likelihood'>['fixed'],
    ...search
  }
}

export function statisticsRequest(
  dataset: string,
  model: ModelInfo,
  rows: readonly Row[],
  search: Search
): FitRequestOf<'statistics'> {
  const changed = rows.filter(({ name, free, value }) => {
    const param = model.params[name]
    return !free && param.type === 'number' && value !== param.default
  })
  return {
    kind: 'statistics',
    dataset,
    model: model.id,
    params: Object.fromEntries(changed.map(({ name, value }) => [name, value])),
    free: rows.filter(({ free }) => free).map(({ name, min, max }) => ({ name, min, max })),
    lists: 60,
    evaluations: 60 + 40 * rows.filter(({ free }) => free).length,
    ...search
  }
}

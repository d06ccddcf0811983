/** Which law belongs to which task and model, ready to be drawn beside the measurement. */
import type { ParamValues } from '../shapes/params.ts'
import { correlatedAssociator, deltaRule, linearAssociator } from './laws.ts'

export interface TheoryCurve {
  label: string
  /** The formula, as TeX. */
  tex: string
  metric: string
  /** The task parameter on the x axis. */
  axis: string
  y: (x: number) => number
}

type Law = (at: (name: string) => number) => Omit<TheoryCurve, 'metric' | 'axis' | 'y'> & { cosine: () => number }

/**
 * The curves that theory gives for the cosine of a model on a task, over each axis it depends on. Empty where no law
 * holds: another cue or source of pairs than the law speaks of, or a model without one.
 * @param params the model's complete parameters
 * @param taskParams the task's complete parameters; the one on the axis is replaced by x
 */
export function theoryCurves(
  taskId: string,
  modelKind: string,
  params: ParamValues,
  taskParams: ParamValues
): TheoryCurve[] {
  const found = lawOf(taskId, modelKind, params, taskParams)
  if (!found) return []
  return found.axes.map((axis) => {
    const atX =
      (x: number) =>
      (name: string): number =>
        name === axis ? x : Number(taskParams[name])
    const { label, tex } = found.law(atX(Number(taskParams[axis])))
    return { label, tex, metric: found.metric, axis, y: (x) => found.law(atX(x)).cosine() }
  })
}

function lawOf(
  taskId: string,
  kind: string,
  params: ParamValues,
  taskParams: ParamValues
): { law: Law; metric: string; axes: string[] } | undefined {
  if (taskId === 'contiguity' && kind === 'linear-associator')
    return { law: successor, metric: 'successor', axes: ['length', 'dim'] }
  if (taskId !== 'capacity' && taskId !== 'dimension') return undefined
  const { source, recall, writes } = taskParams
  const metric = 'cosine'
  if (kind === 'linear-associator' && recall !== 'partial') {
    if (source === 'independent')
      return { law: hebb(recall === 'noisy'), metric, axes: ['items', 'dim', ...(recall === 'noisy' ? ['sigma'] : [])] }
    if (source === 'orthonormal' && recall === 'exact') return { law: exact, metric, axes: ['items'] }
    if (source === 'correlated' && recall === 'exact')
      return { law: correlated, metric, axes: ['items', 'dim', 'correlation'] }
  }
  if (kind === 'delta-rule' && recall === 'exact' && params.beta === 1 && params.normalizeKeys === true) {
    if (source === 'orthonormal') return { law: exact, metric, axes: ['items'] }
    if (source === 'independent' && writes === 1) return { law: delta, metric, axes: ['items', 'dim'] }
  }
  if (kind === 'hopfield' && recall === 'exact' && source === 'orthonormal')
    return { law: atRightAngles(Number(params.beta)), metric, axes: ['items'] }
  return undefined
}

const hebb =
  (noisy: boolean): Law =>
  (at) => ({
    label: 'Theory',
    tex: noisy ? '\\frac1{\\sqrt{1+(N-1)(1+\\sigma^2)/d}}' : '\\frac1{\\sqrt{1+(N-1)/d}}',
    cosine: () => linearAssociator(at('items'), at('dim'), noisy ? at('sigma') : 0)
  })

const correlated: Law = (at) => ({
  label: 'Theory',
  tex: '\\frac1{\\sqrt{1+(N-1)\\left(r^2+(1-r^2)/d\\right)}}',
  cosine: () => correlatedAssociator(at('items'), at('dim'), at('correlation'))
})

const exact: Law = () => ({ label: 'Theory', tex: '1\\ \\text{(orthonormal keys)}', cosine: () => 1 })

/** Hopfield with orthonormal keys: weights e^beta and 1. */
const atRightAngles =
  (beta: number): Law =>
  (at) => ({
    label: 'Theory',
    tex: '\\frac1{\\sqrt{1+(N-1)\\,e^{-2\\beta}}}',
    cosine: () => 1 / Math.sqrt(1 + (at('items') - 1) * Math.exp(-2 * beta))
  })

const delta: Law = (at) => ({
  label: 'Theory',
  tex: '\\overline{b_j/\\sqrt{V a_j}},\\quad b\\leftarrow b\\left(1-\\tfrac1d\\right)',
  cosine: () => deltaRule(Math.round(at('items')), at('dim'))
})

/** A chain of n vectors is a list of n - 1 pairs. */
const successor: Law = (at) => ({
  label: 'Theory',
  tex: '\\frac1{\\sqrt{1+(n-2)/d}}',
  cosine: () => linearAssociator(at('length') - 1, at('dim'))
})

/** The curves that theory gives for a model on a task, from what their own files say, ready to be drawn beside the measurement. */
import type { ModelInfo, TaskInfo } from '../shapes/catalog.ts'
import { defaultsOf, type ParamValue, type ParamValues } from '../shapes/params.ts'
import type { FromParam, LawName, ModelTheory, Quantity, TaskTheory } from '../shapes/theory.ts'
import { correlatedAssociator, deltaRule, linearAssociator, orthonormalHopfield } from './laws.ts'

export interface TheoryCurve {
  /** The formula, as TeX. */
  tex: string
  metric: string
  /** The parameter on the x axis, of the task or of the model. */
  axis: string
  y: (x: number) => number
}

interface Law {
  /** What its curve can be drawn over. */
  over: readonly Quantity[]
  /** @param others the number of pairs less one: `N-1` */
  tex: (others: string) => string
  cosine: (at: (name: Quantity) => number) => number
}

const laws: Readonly<Record<LawName, Law>> = {
  associator: {
    over: ['pairs', 'dim'],
    tex: (others) => `\\frac1{\\sqrt{1+(${others})/d}}`,
    cosine: (at) => linearAssociator(at('pairs'), at('dim'))
  },
  'associator-noisy-cue': {
    over: ['pairs', 'dim', 'noise'],
    tex: (others) => `\\frac1{\\sqrt{1+(${others})(1+\\sigma^2)/d}}`,
    cosine: (at) => linearAssociator(at('pairs'), at('dim'), at('noise'))
  },
  'associator-correlated-keys': {
    over: ['pairs', 'dim', 'correlation'],
    tex: (others) => `\\frac1{\\sqrt{1+(${others})\\left(r^2+(1-r^2)/d\\right)}}`,
    cosine: (at) => correlatedAssociator(at('pairs'), at('dim'), at('correlation'))
  },
  exact: { over: ['pairs'], tex: () => '1\\ \\text{(orthonormal keys)}', cosine: () => 1 },
  'delta-rule': {
    over: ['pairs', 'dim'],
    tex: () => '\\overline{b_j/\\sqrt{V a_j}},\\quad b\\leftarrow b\\left(1-\\tfrac1d\\right)',
    cosine: (at) => deltaRule(Math.round(at('pairs')), at('dim'))
  },
  'softmax-orthonormal-keys': {
    over: ['pairs', 'beta'],
    tex: (others) => `\\frac1{\\sqrt{1+(${others})\\,e^{-2\\beta}}}`,
    cosine: (at) => orthonormalHopfield(at('pairs'), at('beta'))
  }
}

/**
 * The curves that theory gives for the cosine of a model on a task, over each axis it depends on. Empty where no law
 * holds: another cue or source of pairs than the law speaks of, or a model without one.
 * @param params the model's complete parameters
 * @param taskParams the task's complete parameters; the one on the axis is replaced by x
 */
export function theoryCurves(
  task: Pick<TaskInfo, 'params' | 'theory'>,
  model: Pick<ModelInfo, 'theory' | 'params'>,
  params: ParamValues,
  taskParams: ParamValues
): TheoryCurve[] {
  const { theory } = task
  // Trials from before a parameter was added have its default.
  const complete = { ...defaultsOf(model.params), ...params }
  const said = theory && model.theory?.find((one) => holds(one, theory, complete, taskParams))
  if (!said) return []
  const law = laws[said.law]
  const { pairs } = theory.quantities
  const tex = law.tex(`${(pairs && task.params[pairs.param]?.symbol) ?? 'N'}-${1 + (pairs?.less ?? 0)}`)
  const value = (name: Quantity, values: ParamValues): number => {
    const own = said.quantities?.[name]
    if (own !== undefined) return Number(params[own])
    const from = theory.quantities[name]
    return from ? Number(values[from.param]) - (from.less ?? 0) : NaN
  }
  return law.over.flatMap((quantity) => {
    const own = said.quantities?.[quantity]
    const axis = own ?? theory.quantities[quantity]?.param
    if (axis === undefined) return []
    const y = (x: number): number =>
      law.cosine((name) => (own !== undefined && name === quantity ? x : value(name, { ...taskParams, [axis]: x })))
    return [{ tex, metric: theory.metric, axis, y }]
  })
}

function holds(said: ModelTheory, { setting }: TaskTheory, params: ParamValues, taskParams: ParamValues): boolean {
  const now = (word: ParamValue | FromParam): ParamValue =>
    typeof word === 'object' && 'param' in word ? taskParams[word.param] : (word as ParamValue)
  return (
    Object.entries(said.setting).every(([word, value]) => now(setting[word as keyof typeof setting]) === value) &&
    Object.entries(said.params ?? {}).every(([name, value]) => params[name] === value)
  )
}

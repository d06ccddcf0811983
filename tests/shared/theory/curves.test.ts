import { describe, expect, it } from 'vitest'
import deltaRule from '../../../src-main/models/delta-rule.ts'
import hopfield from '../../../src-main/models/hopfield.ts'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import rag from '../../../src-main/models/rag.ts'
import capacity from '../../../src-main/tasks/capacity.ts'
import contiguity from '../../../src-main/tasks/contiguity.ts'
import { fillParams, type ParamValues } from '../../../src-shared/shapes/params.ts'
import type { AnyModel } from '../../../src-main/models/model.ts'
import type { AnyTask } from '../../../src-main/tasks/task.ts'
import { theoryCurves } from '../../../src-shared/theory/curves.ts'
import { mean, memoryOf, runTask, seeds } from '../../main/tasks/harness.ts'

const filled = (of: AnyModel | AnyTask, given: ParamValues): ParamValues =>
  fillParams(of.params, given, '', undefined, () => undefined).values

const cases: [string, AnyTask, AnyModel, ParamValues, ParamValues, string][] = [
  ['a Hebbian matrix', capacity, linearAssociator, {}, { items: 30 }, 'items'],
  [
    'a Hebbian matrix with noisy cues',
    capacity,
    linearAssociator,
    {},
    { items: 30, recall: 'noisy', sigma: 0.7 },
    'sigma'
  ],
  [
    'a Hebbian matrix with correlated keys',
    capacity,
    linearAssociator,
    {},
    { source: 'correlated', correlation: 0.3 },
    'correlation'
  ],
  ['the delta rule', capacity, deltaRule, {}, { items: 40 }, 'items'],
  ['the delta rule with orthonormal keys', capacity, deltaRule, {}, { items: 40, source: 'orthonormal' }, 'items'],
  [
    'a Hopfield network with orthonormal keys',
    capacity,
    hopfield,
    { beta: 1.5 },
    { items: 40, source: 'orthonormal' },
    'items'
  ],
  ['a chain in a Hebbian matrix', contiguity, linearAssociator, {}, { length: 12 }, 'length']
]

describe('theoryCurves', () => {
  it.each(cases)('holds for %s', async (_, task, model, modelParams, taskParams, axis) => {
    const dim = 64
    const params = filled(model, { ...modelParams, dim })
    const complete = filled(task, { ...taskParams, dim })
    const curve = theoryCurves(task, model, params, complete).find((c) => c.axis === axis)!
    const { metrics } = await runTask(task, { ...taskParams, dim }, seeds(40), memoryOf(model, params))
    expect(Math.abs(mean(metrics[curve.metric]) - curve.y(complete[axis] as number))).toBeLessThan(0.02)
  })
  it('runs over a parameter of the model too, where a law speaks of one', () => {
    const complete = filled(capacity, { items: 20, source: 'orthonormal' })
    const curves = theoryCurves(capacity, hopfield, filled(hopfield, { beta: 3 }), complete)
    expect(curves.map(({ axis }) => axis)).toEqual(['items', 'beta'])
    expect(curves[1].y(1)).toBeCloseTo(1 / Math.sqrt(1 + 19 * Math.exp(-2)), 12)
    expect(curves[1].y(3)).toBeCloseTo(curves[0].y(20), 12)
  })
  it('gives none where no law holds', () => {
    const complete = filled(capacity, { source: 'clustered' })
    expect(theoryCurves(capacity, linearAssociator, {}, complete)).toEqual([])
    // Values that share their input with the keys are not independent of them.
    expect(theoryCurves(capacity, linearAssociator, {}, filled(capacity, { source: 'projected' }))).toEqual([])
    expect(theoryCurves(capacity, rag, {}, filled(capacity, {}))).toEqual([])
    expect(theoryCurves(capacity, deltaRule, { beta: 0.5, normalizeKeys: true }, filled(capacity, {}))).toEqual([])
  })
  it('writes the number of pairs in the task’s own symbol', () => {
    const texOf = (task: AnyTask): string => theoryCurves(task, linearAssociator, {}, filled(task, {}))[0].tex
    expect(texOf(capacity)).toBe('\\frac1{\\sqrt{1+(N-1)/d}}')
    // A chain of n vectors is a list of n - 1 pairs.
    expect(texOf(contiguity)).toBe('\\frac1{\\sqrt{1+(n-2)/d}}')
  })
  it('claims the delta rule’s law neither for a chain nor for a list that is written twice', () => {
    const params = { beta: 1, normalizeKeys: true }
    expect(theoryCurves(contiguity, deltaRule, params, filled(contiguity, {}))).toEqual([])
    expect(theoryCurves(capacity, deltaRule, params, filled(capacity, { writes: 2 }))).toEqual([])
    expect(theoryCurves(capacity, deltaRule, params, filled(capacity, {}))).toHaveLength(2)
  })
  it('draws along the axis asked for', () => {
    const curves = theoryCurves(capacity, linearAssociator, {}, filled(capacity, { items: 20, dim: 64 }))
    expect(curves.map((c) => c.axis)).toEqual(['items', 'dim'])
    expect(curves[0].y(1)).toBe(1)
    expect(curves[1].y(19)).toBeCloseTo(Math.SQRT1_2, 12)
  })
})

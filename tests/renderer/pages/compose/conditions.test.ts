import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../../../../src-shared/catalog.ts'
import { expandGrid, type Axis, type Experiment } from '../../../../src-shared/experiment.ts'
import { boolean, number } from '../../../../src-shared/params.ts'
import linearAssociator from '../../../../src-main/models/linear-associator.ts'
import capacity from '../../../../src-main/tasks/capacity.ts'
import {
  conditionTargets,
  firstCondition,
  idleCondition,
  targetOf,
  usualTarget,
  type ConditionTarget
} from '../../../../src-renderer/pages/compose/conditions.ts'
import { blank, withTask } from '../../../../src-renderer/pages/compose/edit.ts'
import { sweepTargets } from '../../../../src-renderer/pages/compose/sweepable.ts'

const gain = number('Gain', 1, { help: '', min: 0, max: 2 })
const gated = boolean('Gated', false, { help: '' })
const model = (id: string, params: ModelInfo['params']): ModelInfo => ({
  ...linearAssociator,
  id,
  title: id,
  origin: 'built-in',
  params
})
const catalog = { models: [model('a', { gain, gated }), model('b', { gain })], tasks: [capacity] }
const experiment = (sweep: Axis[]): Experiment => ({
  ...withTask(blank, capacity),
  models: [
    { kind: 'a', params: {} },
    { kind: 'b', params: {} }
  ],
  sweep
})
function targets(axis: Axis, others: Axis[] = []): ConditionTarget[] {
  const whole = experiment([axis, ...others])
  return conditionTargets(axis, whole, sweepTargets(whole, catalog, { dim: 64 }))
}
const named = (list: readonly ConditionTarget[]): string[] => list.map(({ param }) => param)

describe('on what a sweep can depend', () => {
  it('is for a parameter of the task the task’s others, but not itself or a model’s', () => {
    const names = named(targets({ param: 'task.correlation', values: [0, 1] }))
    expect(names).toContain('task.source')
    expect(names).not.toContain('task.correlation')
    expect(names.every((name) => name.startsWith('task.'))).toBe(true)
  })
  it('is for a parameter of models also what these models have', () => {
    expect(named(targets({ param: 'a.gain', values: [1] }))).toEqual(expect.arrayContaining(['task.items', 'a.gated']))
    expect(named(targets({ param: 'b.gain', values: [1] }))).not.toContain('a.gated')
    expect(named(targets({ param: 'model.gain', values: [1] }))).toContain('a.gated')
  })
  it('is nothing that depends on it already, be it through others', () => {
    const when = (param: string) => ({ param, in: [1] })
    const axis: Axis = { param: 'task.correlation', values: [0, 1] }
    const writes: Axis = { param: 'task.writes', values: [1, 2], when: when('task.correlation') }
    const items: Axis = { param: 'task.items', values: [1, 2], when: when('task.writes') }
    const names = named(targets(axis, [writes, items]))
    expect(names).not.toContain('task.writes')
    expect(names).not.toContain('task.items')
    expect(named(targets(items, [writes, axis]))).toContain('task.writes')
  })
  it('names only what the grid accepts', () => {
    for (const param of ['task.correlation', 'a.gain', 'model.gain'])
      for (const target of targets({ param, values: [0, 1] })) {
        const axis: Axis = { param, values: [0, 1], when: firstCondition(target) }
        const { errors } = expandGrid(experiment([axis]), catalog)
        expect(
          errors.filter(({ field }) => field?.includes('when')),
          target.param
        ).toEqual([])
      }
  })
})

describe('what is asked about first', () => {
  const axis: Axis = { param: 'task.correlation', values: [0, 1] }
  const writes: Axis = { param: 'task.writes', values: [1, 2] }
  const source: Axis = { param: 'task.source', values: ['correlated', 'auto'] }
  it('is a choice that is swept, else a number that is, else a choice', () => {
    expect(usualTarget(targets(axis, [writes, source]))?.param).toBe('task.source')
    expect(usualTarget(targets(axis, [writes]))?.param).toBe('task.writes')
    expect(usualTarget(targets(axis))?.param).toBe('task.source')
    expect(usualTarget([])).toBeUndefined()
  })
})

describe('the values of a condition', () => {
  const of = (list: readonly ConditionTarget[], param: string): ConditionTarget =>
    list.find((target) => target.param === param)!
  it('of what is swept are those of its sweep alone', () => {
    const source: Axis = { param: 'task.source', values: ['correlated', 'auto'] }
    const list = targets({ param: 'task.correlation', values: [0, 1] }, [source])
    expect(of(list, 'task.source').choices).toEqual(['correlated', 'auto'])
  })
  it('are the options of a choice, yes and no, or what is swept; other numbers are typed', () => {
    const axis: Axis = { param: 'task.correlation', values: [0, 1] }
    const list = targets(axis, [{ param: 'task.items', from: 1, to: 3, steps: 3, scale: 'linear', integer: true }])
    expect(of(list, 'task.source').choices).toContain('correlated')
    expect(of(list, 'task.items').choices).toEqual([1, 2, 3])
    expect(of(list, 'task.writes').choices).toBeUndefined()
    expect(of(targets({ param: 'a.gain', values: [1] }), 'a.gated').choices).toEqual([true, false])
  })
  it('begin with one that occurs, so that the sweep is there at first', () => {
    const axis: Axis = { param: 'task.correlation', values: [0, 1] }
    const source: Axis = { param: 'task.source', values: ['correlated', 'auto'] }
    expect(firstCondition(of(targets(axis, [source]), 'task.source'))).toEqual({
      param: 'task.source',
      in: ['correlated']
    })
    expect(firstCondition(of(targets(axis), 'task.writes')).in).toEqual([1])
  })
  it('are said to be idle when they are always or never met', () => {
    const axis: Axis = { param: 'task.correlation', values: [0, 1] }
    const source: Axis = { param: 'task.source', values: ['correlated', 'auto'] }
    const target = of(targets(axis, [source]), 'task.source')
    expect(idleCondition({ param: 'task.source', in: ['auto'] }, target)).toBeUndefined()
    expect(idleCondition({ param: 'task.source', in: ['embedding'] }, target)).toMatch(/^Never/)
    expect(idleCondition({ param: 'task.source', in: ['auto', 'correlated'] }, target)).toMatch(/^Always/)
  })
  it('belong to the parameter that a file names in full or by its bare name', () => {
    const list = targets({ param: 'task.correlation', values: [0, 1] })
    expect(targetOf({ param: 'source', in: ['auto'] }, list)?.param).toBe('task.source')
    expect(targetOf({ param: 'task.nothing', in: ['auto'] }, list)).toBeUndefined()
  })
})

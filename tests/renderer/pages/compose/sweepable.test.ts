import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../../../../src-shared/shapes/catalog.ts'
import type { Experiment } from '../../../../src-shared/shapes/experiment.ts'
import { boolean, choice, integer, number } from '../../../../src-shared/shapes/params.ts'
import linearAssociator from '../../../../src-main/models/linear-associator.ts'
import capacity from '../../../../src-main/tasks/capacity.ts'
import { blank, withTask } from '../../../../src-renderer/pages/compose/edit.ts'
import {
  conditionTargets,
  effectMissing,
  firstSweep,
  sweepTargets
} from '../../../../src-renderer/pages/compose/sweepable.ts'

describe('a first proposal for a sweep', () => {
  it('is every option of a choice and both answers of a question', () => {
    expect(firstSweep(choice('Cue', 'a', ['a', 'b'], { help: '' }), 'a')).toEqual(['a', 'b'])
    expect(firstSweep(boolean('On', true, { help: '' }), true)).toEqual([false, true])
  })
  it('is half, the same and double within the bounds, once each', () => {
    expect(firstSweep(integer('N', 20, { help: '', min: 1, max: 100 }), 20)).toEqual([10, 20, 40])
    expect(firstSweep(number('r', 0.8, { help: '', min: 0, max: 1 }), undefined)).toEqual([0.4, 0.8])
    expect(firstSweep(integer('N', 0, { help: '', min: 0, max: 9 }), 0)).toEqual([0])
  })
})

describe('what can be swept', () => {
  const gain = number('Gain', 1, { help: '', min: 0, max: 2 })
  const model = (id: string, params: ModelInfo['params']): ModelInfo => ({
    ...linearAssociator,
    id,
    title: id,
    origin: 'built-in',
    params: { dim: linearAssociator.params.dim, ...params }
  })
  const catalog = { models: [model('a', { gain }), model('b', { gain }), model('c', {})], tasks: [capacity] }
  const experiment = {
    ...withTask(blank, capacity),
    models: ['a', 'b', 'c'].map((kind) => ({ kind, params: {} }))
  }

  it('is the task’s parameters, those that models share, and each model’s own, but no size that the task fixes', () => {
    const names = sweepTargets(experiment, catalog, { dim: 64 }).map(({ param }) => param)
    expect(names.filter((name) => !name.startsWith('task.'))).toEqual(['model.gain', 'a.gain', 'b.gain'])
    expect(names).toContain('task.items')
  })
  it('may depend on the task and on its own model, an axis of the task on the task alone', () => {
    const own = { models: [model('a', { gain, bias: gain }), model('b', { gain })], tasks: [capacity] }
    const targets = sweepTargets({ ...experiment, models: experiment.models.slice(0, 2) }, own, { dim: 64 })
    const of = (param: string): string[] => conditionTargets(param, targets).map((target) => target.param)
    expect(of('a.gain').filter((name) => !name.startsWith('task.'))).toEqual(['a.bias'])
    expect(of('b.gain').filter((name) => !name.startsWith('task.'))).toEqual([])
    expect(of('model.gain').filter((name) => !name.startsWith('task.'))).toEqual(['a.bias'])
    expect(of('task.items').every((name) => name.startsWith('task.') && name !== 'task.items')).toBe(true)
  })
  it('is a model’s own size where no task fixes it', () => {
    const names = sweepTargets(experiment, catalog, undefined).map(({ param }) => param)
    expect(names).toContain('model.dim')
  })
})

describe('a swept parameter without effect', () => {
  const catalog = { models: [], tasks: [capacity] }
  const noise = (experiment: Experiment): string | undefined =>
    effectMissing(
      experiment,
      catalog,
      sweepTargets(experiment, catalog, undefined).find(({ param }) => param === 'task.sigma')!
    )
  const exact = withTask(blank, capacity)
  it('says what it needs, until that is set or swept', () => {
    expect(noise(exact)).toBe('Cue: noisy')
    expect(noise({ ...exact, task: { ...exact.task, params: { recall: 'noisy' } } })).toBeUndefined()
    expect(noise({ ...exact, sweep: [{ param: 'task.recall', values: ['exact', 'noisy'] }] })).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { importWandb } from '../../../src-shared/exchange/wandb.ts'

const catalog = builtInRegistry().catalog()
const experiment = checkExperiment({
  format: 'engram-experiment/1',
  name: 'x',
  task: { kind: 'capacity' },
  models: [{ kind: 'hopfield', label: 'Net' }, { kind: 'linear-associator' }],
  sweep: [{ param: 'task.dim', values: [8] }],
  seeds: { count: 1 }
})
const read = (text: string) => importWandb(text, experiment, catalog, 'sweep.yaml')

describe('a W&B sweep file', () => {
  it('of method grid becomes axes, by bare and by full name', () => {
    const { experiment: found, notes } = read(`
program: train.py
method: grid
metric: { name: accuracy, goal: maximize }
parameters:
  items: { values: [5, 10] }
  Net.beta:
    value: 4
  task.dim: { min: 16, max: 18 }
`)
    expect(found.sweep).toEqual([
      { param: 'task.items', values: [5, 10] },
      { param: 'Net.beta', values: [4] },
      { param: 'task.dim', from: 16, to: 18, steps: 3, scale: 'linear', integer: true }
    ])
    expect(found.search).toBeUndefined()
    expect(notes).toEqual([expect.stringContaining('metric'), expect.stringContaining('program')])
    expect(expandGrid(found, catalog).grid!.cells).toHaveLength(12)
  })
  it('of method random or bayes becomes a random search over ranges', () => {
    const { experiment: found, notes } = read(
      JSON.stringify({
        method: 'bayes',
        run_cap: 7,
        early_terminate: { type: 'hyperband' },
        parameters: {
          beta: { distribution: 'log_uniform_values', min: 0.1, max: 10 },
          sigma: { min: 0, max: 0.5 },
          items: { distribution: 'q_uniform', min: 10, max: 45, q: 10 }
        }
      })
    )
    expect(found.search).toEqual({ method: 'random', count: 7, seed: 0 })
    expect(found.sweep).toEqual([
      { param: 'model.beta', from: 0.1, to: 10, steps: 10, scale: 'log', integer: false },
      { param: 'task.sigma', from: 0, to: 0.5, steps: 10, scale: 'linear', integer: false },
      // Only the upper half of what rounds to 10 lies in the range.
      {
        param: 'task.items',
        values: [10, 20, 30, 40],
        probabilities: [5, 10, 10, 10].map((part) => expect.closeTo(part / 35, 12))
      }
    ])
    expect(notes).toHaveLength(2)
    expect(notes[0]).toMatch(/^bayes became a random search/)
    const log = read('{method: random, parameters: {beta: {distribution: log_uniform, min: 0, max: 1}}}')
    expect(log.experiment.sweep[0]).toMatchObject({ from: 1, to: Math.E, scale: 'log' })
  })
  it('is refused with the parameter that is wrong', () => {
    const wrong =
      (parameters: string, method = 'random') =>
      () =>
        read(`{method: ${method}, parameters: {${parameters}}}`)
    expect(wrong('speed: {values: [1]}')).toThrow('Neither the task nor a model has a parameter "speed".')
    expect(wrong('items: {min: 3}')).toThrow('items: it needs value, values, or min and max.')
    expect(wrong('items: {min: 3, max: 3}')).toThrow('must lie below')
    expect(wrong('beta: {min: 0.1, max: 2, distribution: normal}')).toThrow('"normal" is not supported')
    expect(wrong('beta: {min: 0.1, max: 2.5}', 'grid')).toThrow('a grid needs values')
    expect(wrong('beta: {min: 0, max: 2, distribution: log_uniform_values}')).toThrow('above zero')
    expect(wrong('', 'hyperband')).toThrow('no W&B sweep')
    expect(() => read('method: [')).toThrow('neither YAML nor JSON')
    expect(() => read('just text')).toThrow('no W&B sweep')
  })
})

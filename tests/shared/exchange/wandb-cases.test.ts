import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { experimentOfWandb } from '../../../src-shared/exchange/wandb.ts'
import { drawnValues } from '../../../src-shared/grid/sweep.ts'

const catalog = builtInRegistry().catalog()
const read = (name: string) =>
  experimentOfWandb(readFileSync(join('tests/cases/wandb', name), 'utf8'), catalog, name).experiment
const written = (parameter: string, method = 'random', name = 'task.items') =>
  experimentOfWandb(`method: ${method}\nparameters:\n  ${name}: ${parameter}\n`, catalog, 'x.yaml').experiment.sweep[0]

describe('a W&B sweep as W&B documents it', () => {
  it('is of real numbers unless both bounds are written as whole ones', () => {
    expect(read('float-bounds.yaml').sweep).toEqual([
      { param: 'task.correlation', from: 0, to: 1, steps: 10, scale: 'linear', integer: false }
    ])
    expect(written('{min: 2, max: 9}')).toMatchObject({ integer: true })
    expect(written('{min: 0, max: 0.5}', 'random', 'task.correlation')).toMatchObject({ integer: false })
  })
  it('rounds to multiples of q, each as likely as the part of the range that becomes it', () => {
    expect(read('q-uniform-offset.yaml').sweep).toEqual([{ param: 'task.items', values: [10, 20] }])
    expect(written('{distribution: q_uniform, min: 10, max: 30, q: 10}')).toMatchObject({
      values: [10, 20, 30],
      probabilities: [0.25, 0.5, 0.25]
    })
    const log = read('docs-q-log-uniform-values.yaml').sweep[0] as { values: number[]; probabilities: number[] }
    expect(log.values).toEqual(Array.from({ length: 29 }, (_, i) => 32 + 8 * i))
    expect(log.probabilities[0]).toBeCloseTo(Math.log(36 / 32) / Math.log(8), 12)
    expect(log.probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12)
  })
  it('draws values with their probabilities', () => {
    const { sweep, search } = read('probabilities.yaml')
    expect(sweep).toEqual([{ param: 'task.items', values: [5, 10], probabilities: [0.9, 0.1] }])
    const drawn = drawnValues({ param: 'items', stream: 'task.items', ...(sweep[0] as { values: number[] }) }, search!)
    // 900 of 1000, five standard deviations either way.
    expect(Math.abs(drawn.filter((value) => value === 5).length - 900)).toBeLessThan(48)
  })
  it('draws the ends of a range of whole numbers as often as what lies between', () => {
    const range = { from: 1, to: 3, scale: 'linear' as const, integer: true }
    const drawn = drawnValues(
      { param: 'x', stream: 'x', values: [1, 2, 3], range },
      { method: 'random', count: 3000, seed: 1 }
    )
    for (const value of [1, 2, 3]) expect(Math.abs(drawn.filter((d) => d === value).length - 1000)).toBeLessThan(130)
  })
  it('has parameters inside parameters, merge keys and constants', () => {
    expect(read('nested.yaml').sweep).toEqual([{ param: 'task.items', values: [5, 10] }])
    const merged = 'method: random\nparameters:\n  task.items: &a {min: 2, max: 9}\n  task.dim: {<<: *a, min: 8}\n'
    expect(experimentOfWandb(merged, catalog, 'x.yaml').experiment.sweep[1]).toMatchObject({ from: 8, to: 9 })
    expect(written('{value: 7}')).toEqual({ param: 'task.items', values: [7] })
  })
  it('says that log_uniform takes exponents, and which distributions there are none of', () => {
    expect(() => read('log-uniform-misuse.yaml')).toThrow(/exponents of e.*log_uniform_values takes the values/)
    expect(() => read('normal.yaml')).toThrow(/"normal" is not supported/)
  })
  it('is YAML 1.1, whose numbers may begin with 0 or hold _, and whose y is a name', () => {
    expect(written('{min: 010, max: 0x20}')).toMatchObject({ from: 8, to: 32, integer: true })
    expect(written('{values: [1_000, 5]}')).toMatchObject({ values: [1000, 5] })
    expect(() => experimentOfWandb('method: random\nparameters: {y: {value: 1}}', catalog, 'x')).toThrow(/parameters y/)
  })
  it('refuses what it does not know by its name', () => {
    expect(() => written('{min: 5, max: 10, values: [1]}')).toThrow(/beside values there is no "min"/)
    expect(() => written('{min: "0,5", max: 1}')).toThrow(/decimals have a point here: 0\.5/)
    expect(() => written('{vals: [1]}')).toThrow(/no key "vals"/)
    expect(() => written('{values: [5, 10], probabilities: [0.5, 0.2]}')).toThrow(/add up to 0.7/)
    expect(() => written('{min: 2, max: 9, q: 2}')).toThrow(/q belongs to q_uniform/)
    expect(() => experimentOfWandb('method: random\nparams: {}\nparameters: {}', catalog, 'x')).toThrow(
      /no key "params"/
    )
  })
})

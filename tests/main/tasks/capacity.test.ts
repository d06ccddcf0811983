import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { withoutEffect, type Params } from '../../../src-shared/shapes/params.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import capacity from '../../../src-main/tasks/capacity.ts'
import { amnesia, dictionary, mean, memoryOf, runTask, seeds } from './harness.ts'

const linear = memoryOf(linearAssociator, { dim: 64 })

describe('capacity', () => {
  it('scores a perfect dictionary 1, whatever the source and the cue', async () => {
    for (const source of ['independent', 'orthonormal', 'auto', 'projected', 'clustered', 'correlated'])
      for (const recall of ['exact', 'noisy', 'partial']) {
        const { metrics, series } = await runTask(
          capacity,
          { items: 6, source, recall, share: 0.8, sigma: 0.1 },
          seeds(3),
          dictionary
        )
        expect(Array.from(metrics.accuracy), `${source} ${recall}`).toEqual([1, 1, 1])
        expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
        expect(mean(metrics.mse)).toBe(0)
        expect(series!['accuracy-by-position'].y[2]).toEqual([1, 1, 1, 1, 1, 1])
      }
  })
  it('counts the value of its cluster as right where all items of a cluster have one', async () => {
    const params = { items: 7, source: 'clustered', valuesPer: 'cluster', dim: 16 }
    for (const memory of [dictionary, amnesia]) {
      const { metrics } = await runTask(capacity, params, seeds(3), memory)
      // Who says nothing is given the first of the two values, which four of seven items have.
      expect(Array.from(metrics.accuracy)).toEqual(new Array(3).fill(memory === dictionary ? 1 : 4 / 7))
    }
    // Without spread every key is plus or minus s e_1: W q = 2 s^2 (v_A - v_B) for four items, up to the sign of the cue.
    const values: number[][][] = []
    const spied = (batch: number): Memory => {
      const memory = linear(batch)
      return {
        ...memory,
        store: (input) => (values.push(...(input.values.arraySync() as number[][][])), memory.store!(input))
      }
    }
    const { metrics } = await runTask(capacity, { ...params, items: 4, dim: 64, spread: 0, separation: 3 }, [5], spied)
    const [a, b, again] = values[0]
    expect(again).toEqual(a)
    const dot = (x: number[], y: number[]): number => x.reduce((sum, v, i) => sum + v * y[i], 0)
    const difference = a.map((v, i) => v - b[i])
    const cosine = (x: number[], y: number[]): number => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
    const wanted = (cosine(difference, a) - cosine(difference, b)) / 2
    expect(metrics.cosine[0]).toBeCloseTo(wanted, 5)
    expect(metrics.accuracy[0]).toBe(1)
  })
  it('does not depend on what says that it needs another kind of cue or of pairs', async () => {
    const params: Params = capacity.params
    const idle = Object.keys(params).filter((name) => withoutEffect(params[name], params, {}, () => false))
    expect(idle).toEqual(expect.arrayContaining(['sigma', 'share', 'correlation', 'separation', 'spread']))
    const usual = await runTask(capacity, { items: 20 }, seeds(2), linear)
    const changed = Object.fromEntries(
      idle.flatMap((name) => (params[name].type === 'number' ? [[name, params[name].default / 4]] : []))
    )
    const other = await runTask(capacity, { items: 20, ...changed }, seeds(2), linear)
    expect(other.metrics).toEqual(usual.metrics)
  })
  it('scores a memory that knows nothing at chance', async () => {
    const { metrics } = await runTask(capacity, { items: 8 }, seeds(4), amnesia)
    expect(Array.from(metrics.accuracy)).toEqual([1 / 8, 1 / 8, 1 / 8, 1 / 8])
    expect(mean(metrics.cosine)).toBe(0)
    expect(mean(metrics.mse)).toBeCloseTo(1, 0)
  })
  it('gives the linear associator 1 / sqrt(1 + (N-1)/d)', async () => {
    for (const items of [5, 20, 80]) {
      const { metrics } = await runTask(capacity, { items }, seeds(30), linear)
      expect(Math.abs(mean(metrics.cosine) - 1 / Math.sqrt(1 + (items - 1) / 64))).toBeLessThan(0.02)
    }
  })
  it('gives it 1 / sqrt(1 + (N-1)(1+sigma^2)/d) with a noisy cue', async () => {
    const { metrics } = await runTask(capacity, { items: 40, recall: 'noisy', sigma: 0.8 }, seeds(30), linear)
    expect(Math.abs(mean(metrics.cosine) - 1 / Math.sqrt(1 + (39 * 1.64) / 64))).toBeLessThan(0.02)
  })
  it('gives it 1 / sqrt(1 + (N-1)(r^2 + (1-r^2)/d)) with correlated keys', async () => {
    const { metrics } = await runTask(
      capacity,
      { items: 20, source: 'correlated', correlation: 0.4 },
      seeds(40),
      linear
    )
    expect(Math.abs(mean(metrics.cosine) - 1 / Math.sqrt(1 + 19 * (0.16 + 0.84 / 64)))).toBeLessThan(0.02)
  })
  it('gives it exact recall with orthonormal keys, and writes only scale it', async () => {
    const { metrics } = await runTask(capacity, { items: 64, source: 'orthonormal', writes: 3 }, seeds(2), linear)
    expect(mean(metrics.accuracy)).toBe(1)
    expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
    // Recalled is three times the value: mean square error 4 |v|^2 / d.
    expect(mean(metrics.mse)).toBeCloseTo(4, 0)
  })
  it('counts only what exceeds the threshold', async () => {
    const at = async (threshold: number): Promise<number> =>
      mean((await runTask(capacity, { items: 20, threshold }, seeds(10), linear)).metrics.accuracy)
    expect(await at(-1)).toBe(1)
    expect(await at(0.88)).toBeLessThan(0.9)
    expect(await at(0.999)).toBe(0)
  })
  it('refuses more orthonormal keys than dimensions', () =>
    expect(runTask(capacity, { items: 65, source: 'orthonormal' }, [0], linear)).rejects.toThrow('At most 64'))
  it('gives a trial the same numbers alone and in a batch', async () => {
    const all = await runTask(capacity, { items: 30, recall: 'partial' }, seeds(4), linear)
    const one = await runTask(capacity, { items: 30, recall: 'partial' }, [2], linear)
    for (const name of ['accuracy', 'cosine', 'mse']) expect(one.metrics[name][0]).toBeCloseTo(all.metrics[name][2], 5)
  })
  it('lets a NaN through, so that the trial is seen to diverge', async () => {
    const broken = (batch: number): Memory => ({
      ...amnesia(batch),
      retrieve: ({ queries }) => tf.fill(queries.shape, NaN)
    })
    const { metrics } = await runTask(capacity, { items: 4 }, [0], broken)
    for (const name of ['accuracy', 'cosine', 'mse']) expect(metrics[name][0]).toBeNaN()
  })
})

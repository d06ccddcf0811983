import type * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import dimension from '../../../src-main/tasks/dimension.ts'
import internalDimension from '../../../src-main/tasks/internal-dimension.ts'
import { amnesia, dictionary, mean, memoryOf, runTask, seeds } from './harness.ts'

describe('dimension', () => {
  it('rises with d as 1 / sqrt(1 + (N-1)/d) for the linear associator', async () => {
    for (const dim of [16, 64]) {
      const { metrics } = await runTask(dimension, { dim }, seeds(60), memoryOf(linearAssociator, { dim }))
      expect(Math.abs(mean(metrics.cosine) - 1 / Math.sqrt(1 + 19 / dim))).toBeLessThan(0.02)
    }
  })
  it('scores a dictionary 1 and amnesia at chance', async () => {
    expect(mean((await runTask(dimension, {}, seeds(2), dictionary)).metrics.accuracy)).toBe(1)
    expect(mean((await runTask(dimension, {}, seeds(2), amnesia)).metrics.accuracy)).toBeCloseTo(1 / 20, 10)
  })
})

describe('internal-dimension', () => {
  it('judges a memory in its own space', async () => {
    // Its space is the first 16 entries of a value.
    const narrow = (batch: number): Memory => {
      const inner = dictionary(batch)
      const project = (t: tf.Tensor): tf.Tensor => t.slice([0, 0, 0], [-1, -1, 16])
      return {
        ...inner,
        targets: project,
        retrieve(input) {
          const whole = inner.retrieve!(input)
          const cut = project(whole)
          whole.dispose()
          return cut
        }
      }
    }
    const { metrics } = await runTask(internalDimension, { dim: 64 }, seeds(3), narrow)
    expect(mean(metrics.accuracy)).toBe(1)
    expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
  })
})

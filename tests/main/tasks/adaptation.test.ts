import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import type { Memory } from '../../../src-main/models/model.ts'
import adaptation from '../../../src-main/tasks/adaptation.ts'
import { amnesia, dictionary, runTask, seeds } from './harness.ts'

/** Moves a share of the way to the value at each store: the error falls by (1 - share)^2 a step. */
function creeping(share: number): (batch: number) => Memory {
  return (batch) => {
    let state = tf.zeros([batch, 1, 64])
    return {
      store({ values }) {
        const next = tf.tidy(() => state.add(values.sub(state).mul(share)))
        state.dispose()
        state = next
      },
      retrieve: () => state.clone(),
      reset: () => {},
      dispose: () => state.dispose()
    }
  }
}

describe('adaptation', () => {
  it('sees a one-shot memory finish at the first step', async () => {
    const { metrics, series } = await runTask(adaptation, { maxSteps: 4 }, seeds(2), dictionary)
    expect(Array.from(metrics.elbow)).toEqual([1, 1])
    expect(Array.from(metrics.finalMse)).toEqual([0, 0])
    expect(series!.mse.x).toEqual([0, 1, 2, 3, 4])
    const start = series!.mse.y[0][0]
    expect(start).toBeGreaterThan(0.3)
    expect(Array.from(series!.mse.y[0])).toEqual([start, 0, 0, 0, 0])
    expect(metrics.area[0]).toBeCloseTo(start / 2, 6)
  })
  it('follows a geometric decay to its closed form', async () => {
    const { metrics, series } = await runTask(adaptation, { maxSteps: 20 }, seeds(3), creeping(0.25))
    for (let b = 0; b < 3; b++) {
      const y = series!.mse.y[b]
      for (let t = 0; t <= 20; t++) expect(y[t] / y[0]).toBeCloseTo(0.75 ** (2 * t), 5)
      // .75^(2t) <= .1 first at t = 5.
      expect(metrics.elbow[b]).toBe(5)
      expect(metrics.reached[b]).toBe(1)
    }
  })
  it('says of a memory that never learns that it did not', async () => {
    const { metrics } = await runTask(adaptation, { maxSteps: 7 }, [0], amnesia)
    expect(metrics.elbow[0]).toBe(8)
    expect(metrics.reached[0]).toBe(0)
  })
})

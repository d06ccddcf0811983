import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import type { Memory } from '../../../src-main/models/model.ts'
import sequence, { shuffledOrder } from '../../../src-main/tasks/sequence.ts'
import { amnesia, dictionary, mean, runTask, seeds, watched } from './harness.ts'

/** Ignores the cue and plays its list back from the start, one item per question. */
function tape(batch: number): Memory {
  let values: tf.Tensor | undefined
  let at = 0
  return {
    store: (input) => void (values = input.values.clone()),
    retrieve: () => values!.slice([0, at++ % values!.shape[1]!, 0], [-1, 1, -1]),
    reset: () => {},
    dispose: () => tf.dispose(values ?? tf.zeros([batch]))
  }
}

describe('sequence', () => {
  it('scores a dictionary 1 in any order, with no advantage of order', async () => {
    const { metrics, series } = await runTask(sequence, {}, seeds(4), dictionary)
    expect(mean(metrics.accuracy)).toBe(1)
    expect(mean(metrics.randomAccuracy)).toBe(1)
    expect(mean(metrics.orderAdvantage)).toBeCloseTo(0, 6)
    expect(series!['cosine-by-position'].x).toEqual([1, 2, 3, 4, 5, 6])
  })
  it('sees a tape that only plays forward: perfect in order, right out of order only where the orders meet', async () => {
    const { metrics } = await runTask(sequence, { length: 8, drift: 1 }, seeds(10), tape)
    const order = shuffledOrder(8)
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(mean(metrics.accuracy)).toBe(1)
    expect(mean(metrics.randomAccuracy)).toBeCloseTo(order.filter((item, i) => item === i).length / 8, 10)
    expect(mean(metrics.randomAccuracy)).toBeLessThan(0.5)
    // Two points of a random walk, i and j steps from its origin, have cosine sqrt(i/j).
    const cosines = order.map((item, i) => Math.sqrt(Math.min(item + 1, i + 1) / Math.max(item + 1, i + 1)))
    expect(Math.abs(mean(metrics.orderAdvantage) - (1 - mean(cosines)))).toBeLessThan(0.03)
  })
  it('drifts by the step asked for', async () => {
    let keys: Float32Array = new Float32Array()
    await runTask(
      sequence,
      { length: 50, drift: 0.1 },
      [3],
      watched(dictionary, (input) => (keys = input.keys.dataSync() as Float32Array))
    )
    let square = 0
    for (let i = 64; i < keys.length; i++) square += (keys[i] - keys[i - 64]) ** 2 / (keys.length - 64)
    expect(Math.abs(Math.sqrt(square) - 0.1)).toBeLessThan(0.004)
  })
  it('scores amnesia at chance', async () => {
    const { metrics } = await runTask(sequence, { length: 4 }, seeds(2), amnesia)
    expect(mean(metrics.accuracy)).toBe(1 / 4)
    expect(mean(metrics.randomAccuracy)).toBe(1 / 4)
  })
})

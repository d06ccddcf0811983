import { describe, expect, it } from 'vitest'
import composition from '../../../src-main/tasks/composition.ts'
import * as tf from '@tensorflow/tfjs'
import type { Memory } from '../../../src-main/models/model.ts'
import { amnesia, dictionary, mean, runTask, seeds } from './harness.ts'

/** Gives the cue back as it came. */
const echo = (batch: number): Memory => ({ ...amnesia(batch), retrieve: ({ queries }) => queries.clone() })
/** Every cell lit. */
const flash = (batch: number): Memory => ({ ...amnesia(batch), retrieve: ({ queries }) => tf.onesLike(queries) })

describe('composition', () => {
  it('sees a dictionary complete every picture without intrusions', async () => {
    const { metrics } = await runTask(composition, { share: 0.8 }, seeds(4), dictionary)
    expect(mean(metrics.accuracy)).toBe(1)
    expect(mean(metrics.completion)).toBe(1)
    expect(mean(metrics.intrusion)).toBe(0)
    expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
  })
  it('gives no completion to a memory that echoes the cue', async () => {
    const { metrics } = await runTask(composition, { share: 0.5 }, seeds(3), echo)
    expect(mean(metrics.completion)).toBe(0)
    expect(mean(metrics.intrusion)).toBe(0)
    // A cue of half the cells has cosine sqrt(1/2) with the whole.
    expect(Math.abs(mean(metrics.cosine) - Math.SQRT1_2)).toBeLessThan(0.02)
  })
  it('refuses a memory that answers in a space of its own', () =>
    expect(
      runTask(composition, {}, [0], (batch) => ({ ...echo(batch), targets: (values) => values.clone() }))
    ).rejects.toThrow('space of its own'))
  it('counts intrusions of a memory that lights everything', async () => {
    const { metrics } = await runTask(composition, {}, [0], flash)
    expect([metrics.completion[0], metrics.intrusion[0], metrics.correlation[0]]).toEqual([1, 1, 0])
  })
  it('always shows a cell and always leaves one out', async () => {
    for (const share of [0, 1]) {
      const { metrics } = await runTask(composition, { share }, [0, 1], echo)
      expect(mean(metrics.completion)).toBe(0)
      expect(mean(metrics.cosine)).toBeGreaterThan(0.2)
      expect(mean(metrics.cosine)).toBeLessThan(0.99)
    }
  })
})

import { describe, expect, it } from 'vitest'
import forgetting from '../../../src-main/tasks/forgetting.ts'
import { amnesia, dictionary, forgetful, mean, runTask, seeds } from './harness.ts'

describe('forgetting', () => {
  it('finds none in a dictionary, with stored and with held-out keys', async () => {
    for (const valuesPer of ['item', 'cluster']) {
      const { metrics } = await runTask(forgetting, { valuesPer, separation: 8 }, seeds(3), dictionary)
      for (const name of ['accuracyA1', 'accuracyA2', 'accuracyB']) expect(mean(metrics[name]), name).toBe(1)
      expect(mean(metrics.forgetting)).toBe(0)
      expect(mean(metrics.cosineForgetting)).toBe(0)
    }
  })
  it('finds all of it in a memory that keeps only its last list', async () => {
    const { metrics, traces } = await runTask(forgetting, {}, seeds(3), forgetful)
    expect(mean(metrics.accuracyA1)).toBe(1)
    expect(mean(metrics.accuracyA2)).toBe(0)
    expect(mean(metrics.forgetting)).toBe(1)
    expect(Math.abs(mean(metrics.cosineForgetting) - 1)).toBeLessThan(0.1)
    // Rows: after A, after B; columns: A, B. Keys of B find a value of A while B is unknown.
    expect(traces![0].perTrial[0]).toMatchObject({ shape: [2, 2], data: [1, 0, 0, 1] })
  })
  it('tests the training keys of a cluster beside fresh ones', async () => {
    // Clusters in one place: what keeps every pair knows the keys that it was taught, and of fresh ones half by chance.
    const params = { valuesPer: 'cluster', separation: 0, items: 20 }
    const { metrics } = await runTask(forgetting, params, seeds(6), dictionary)
    for (const name of ['trainA1', 'trainA2', 'trainB']) expect(mean(metrics[name]), name).toBe(1)
    expect(mean(metrics.accuracyA1)).toBe(1)
    expect(Math.abs(mean(metrics.accuracyA2) - 0.5)).toBeLessThan(0.2)
    const items = await runTask(forgetting, {}, seeds(2), forgetful)
    expect(items.metrics.trainA2).toEqual(items.metrics.accuracyA2)
  })
  it('scores amnesia at chance: the first of 2N equal candidates', async () => {
    const { metrics } = await runTask(forgetting, { items: 4 }, seeds(2), amnesia)
    expect(mean(metrics.accuracyA1)).toBe(1 / 4)
    expect(mean(metrics.accuracyB)).toBe(0)
    expect(mean(metrics.forgetting)).toBe(0)
  })
})

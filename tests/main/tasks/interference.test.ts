import { describe, expect, it } from 'vitest'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import interference from '../../../src-main/tasks/interference.ts'
import { amnesia, dictionary, forgetful, mean, memoryOf, runTask, seeds, watched } from './harness.ts'

describe('interference', () => {
  it('finds none in a dictionary with contexts, which is fully selective', async () => {
    const { metrics } = await runTask(interference, {}, seeds(8), dictionary)
    expect(mean(metrics.immediate)).toBeCloseTo(1, 5)
    expect(mean(metrics.interference)).toBeCloseTo(0, 5)
    expect(mean(metrics.accuracy)).toBe(1)
    expect(Math.abs(mean(metrics.selectivity) - 1)).toBeLessThan(0.15)
  })
  it('finds all of it in a memory that keeps only its last list', async () => {
    const { metrics } = await runTask(interference, {}, seeds(8), forgetful)
    expect(Math.abs(mean(metrics.interference) - 1)).toBeLessThan(0.15)
    expect(mean(metrics.accuracy)).toBe(0)
  })
  it('gives the linear associator 1 / sqrt(1 + 4/d) at once, less later, and no selectivity', async () => {
    const { metrics } = await runTask(interference, {}, seeds(40), memoryOf(linearAssociator, { dim: 64 }))
    expect(Math.abs(mean(metrics.immediate) - 1 / Math.sqrt(1 + 4 / 64))).toBeLessThan(0.01)
    expect(mean(metrics.interference)).toBeGreaterThan(0.2)
    expect(mean(metrics.selectivity)).toBeCloseTo(0, 5)
  })
  it('repeats the first three morning keys, with the noise asked for', async () => {
    const stored: Float32Array[] = []
    await runTask(
      interference,
      { noise: 0.2, afternoon: 6 },
      [1],
      watched(dictionary, ({ keys }) => stored.push(keys.dataSync() as Float32Array))
    )
    const [morning, afternoon] = stored
    for (let i = 0; i < 6; i++) {
      let square = 0
      for (let k = 0; k < 64; k++) square += (afternoon[i * 64 + k] - morning[(i % 3) * 64 + k]) ** 2 / 64
      expect(Math.sqrt(square)).toBeGreaterThan(0.12)
      expect(Math.sqrt(square)).toBeLessThan(0.28)
    }
  })
  it('scores amnesia zero', async () => {
    const { metrics } = await runTask(interference, {}, [0], amnesia)
    for (const name of ['interference', 'immediate', 'delayed', 'selectivity']) expect(metrics[name][0]).toBe(0)
  })
})

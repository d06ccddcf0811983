import { describe, expect, it } from 'vitest'
import granularity from '../../../src-main/tasks/granularity.ts'
import { amnesia, dictionary, mean, runTask, seeds, watched } from './harness.ts'

describe('granularity', () => {
  it('spaces the episodes in time and lets a dictionary find the middle one', async () => {
    let times: readonly number[] | undefined
    const { metrics } = await runTask(
      granularity,
      { spacing: 10 },
      seeds(5),
      watched(dictionary, (input) => (times = input.times))
    )
    expect(times).toEqual([0, 10, 20, 30, 40])
    expect(mean(metrics.accuracy)).toBe(1)
    expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
  })
  it('gives amnesia nothing for the middle one', async () => {
    const { metrics } = await runTask(granularity, {}, seeds(2), amnesia)
    expect(mean(metrics.accuracy)).toBe(0)
    expect(mean(metrics.cosine)).toBe(0)
  })
})

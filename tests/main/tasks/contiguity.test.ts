import { describe, expect, it } from 'vitest'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import contiguity from '../../../src-main/tasks/contiguity.ts'
import { amnesia, dictionary, mean, memoryOf, runTask, seeds } from './harness.ts'

describe('contiguity', () => {
  it('gives the linear associator 1 / sqrt(1 + 1/d) to the successor and nothing to the predecessor', async () => {
    const { metrics } = await runTask(
      contiguity,
      { length: 3, dim: 32 },
      seeds(80),
      memoryOf(linearAssociator, { dim: 32 })
    )
    expect(Math.abs(mean(metrics.successor) - 1 / Math.sqrt(1 + 1 / 32))).toBeLessThan(0.01)
    expect(Math.abs(mean(metrics.predecessor))).toBeLessThan(0.06)
  })
  it('gives a dictionary its successor exactly, with a curve over every lag', async () => {
    const { metrics, series, traces } = await runTask(contiguity, { length: 5 }, seeds(2), dictionary)
    expect(mean(metrics.successor)).toBeCloseTo(1, 5)
    expect(series!.lag.x).toEqual([-3, -2, -1, 0, 1, 2, 3, 4])
    expect(series!.lag.y[1][4]).toBeCloseTo(1, 5)
    const [matrix] = traces![0].perTrial as { shape: number[]; data: number[] }[]
    expect(matrix.shape).toEqual([4, 5])
    // Row 0 is cue A; its successor B is column 1.
    expect(matrix.data[1]).toBeCloseTo(1, 5)
    expect(metrics.self[0]).toBeCloseTo((matrix.data[0] + matrix.data[6] + matrix.data[12] + matrix.data[18]) / 4, 5)
  })
  it('gives a memory that knows nothing zero', async () => {
    const { metrics } = await runTask(contiguity, {}, [0], amnesia)
    expect(metrics.successor[0]).toBe(0)
    expect(metrics.asymmetry[0]).toBe(0)
  })
})

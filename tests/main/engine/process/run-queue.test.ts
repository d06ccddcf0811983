import { describe, expect, it } from 'vitest'
import { batchesOf } from '../../../../src-main/engine/process/run-queue.ts'
import type { RunJob } from '../../../../src-main/engine/protocol.ts'

const cell = { use: 0, label: 'a', model: 'a', params: {}, taskParams: {}, point: {} }
/** Sizes of the batches, in the order in which they are computed. */
function sizes(seeds: number, cores: number, { trains = true, cells = 1, bytes = 1 } = {}): number[] {
  const list = Array.from({ length: seeds }, (_, i) => i)
  const job: RunJob = {
    ...{ runId: 'r', task: 't', generator: 'philox', backend: 'wasm' },
    cells: Array.from({ length: cells }, (_, index) => ({ ...cell, index, seeds: list }))
  }
  const weights = job.cells.map(() => ({ flops: 1, bytes }))
  const batches = batchesOf(job, weights, cores, trains)
  const all = batches.flatMap(({ batch }) => batch.seeds.map((seed) => `${batch.cell.index} ${seed}`))
  expect(new Set(all).size).toBe(seeds * cells)
  expect(all).toHaveLength(seeds * cells)
  return batches.map(({ batch }) => batch.seeds.length)
}

describe('the seeds of one model in training', () => {
  it('are spread over all cores as evenly as they divide', () => {
    expect(sizes(5, 2)).toEqual([3, 2])
    expect(sizes(8, 2)).toEqual([4, 4])
    expect(sizes(8, 4)).toEqual([2, 2, 2, 2])
    expect(sizes(10, 4)).toEqual([3, 3, 3, 1])
    expect(sizes(5, 2, { cells: 2 })).toEqual([3, 3, 2, 2])
  })
  it('are not cut to one alone, which would be computed as two', () => {
    expect(sizes(2, 2)).toEqual([2])
    expect(sizes(3, 8)).toEqual([3])
    expect(sizes(1, 8)).toEqual([1])
  })
  it('are at most eight to a batch, and fewer where memory is short', () => {
    expect(sizes(20, 1)).toEqual([7, 7, 6])
    expect(sizes(8, 1, { bytes: 2 ** 28 })).toEqual([2, 2, 2, 2])
  })
})

it('trials that are not trained come four batches to a core, small ones together', () => {
  expect(sizes(5, 2, { trains: false })).toEqual([4, 1])
  expect(sizes(400, 2, { trains: false, cells: 1 }).every((size) => size <= 32)).toBe(true)
})

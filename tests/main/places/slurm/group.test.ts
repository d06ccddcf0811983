import { describe, expect, it } from 'vitest'
import { grouped, tasksFor } from '../../../../src-main/places/slurm/group.ts'
import { random } from '../../../support/random.ts'

/** A trial's time where its arithmetic is nothing. */
const overhead = 1e6
const weight = ({ flops, seeds }: { flops: number; seeds: number[] }): number => flops + overhead * seeds.length

/** The least that the longest of so many groups can take, by trying all divisions. */
function best(weights: readonly number[], groups: number): number {
  const sums = new Array<number>(groups).fill(0)
  const place = (at: number): number => {
    if (at === weights.length) return Math.max(...sums)
    let least = Infinity
    for (let group = 0; group < groups; group++) {
      sums[group] += weights[at]
      least = Math.min(least, place(at + 1))
      sums[group] -= weights[at]
    }
    return least
  }
  return place(0)
}

describe('batches grouped into array tasks', () => {
  it('are each in one group, and no group takes more than 4/3 - 1/3m of the best division’s', () => {
    const next = random(5)
    for (let round = 0; round < 60; round++) {
      const cuts = Array.from({ length: 1 + Math.floor(next() * 7) }, () => ({
        flops: Math.floor(next() ** 3 * 1e8),
        seeds: Array.from({ length: 1 + Math.floor(next() * 4) }, (_, i) => i)
      }))
      const groups = 1 + Math.floor(next() * 3)
      const found = grouped(cuts, groups)
      expect(found.flat().sort((a, b) => a - b)).toEqual([...cuts.keys()])
      const longest = Math.max(...found.map((places) => places.reduce((sum, i) => sum + weight(cuts[i]), 0)))
      const bound = (4 / 3 - 1 / (3 * groups)) * best(cuts.map(weight), groups)
      expect(longest).toBeLessThanOrEqual(bound * (1 + 1e-12))
    }
  })

  it('leave no group empty, keep their order, and share ties evenly', () => {
    const same = Array.from({ length: 7 }, () => ({ flops: 0, seeds: [0] }))
    expect(grouped(same, 3)).toEqual([
      [0, 3, 6],
      [1, 4],
      [2, 5]
    ])
    expect(grouped(same.slice(0, 1), 5)).toEqual([[0]])
    expect(grouped([], 2)).toEqual([])
  })

  it('are as many tasks as somebody says, up to one for each batch, or a hundred', () => {
    expect([tasksFor(500, undefined), tasksFor(7, undefined), tasksFor(7, 3), tasksFor(7, 30), tasksFor(1, 1)]).toEqual(
      [100, 7, 3, 7, 1]
    )
  })
})

import { describe, expect, it } from 'vitest'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import { compositions, correlation, draw, structures } from '../../../src-main/tasks/parts/patterns.ts'
import structure from '../../../src-main/tasks/structure.ts'
import { amnesia, dictionary, mean, memoryOf, runTask, seeds } from './harness.ts'

const picture = (cells: Float32Array, columns: number): string[] =>
  Array.from({ length: cells.length / columns }, (_, r) =>
    Array.from(cells.subarray(r * columns, (r + 1) * columns), (x) => (x ? '#' : '.')).join('')
  )

describe('the pictures', () => {
  it('look as they are called', () => {
    const show = (name: string): string[] => picture(draw(structures[name], 5, 5), 5)
    expect(show('diagonal')).toEqual(['#....', '.#...', '..#..', '...#.', '....#'])
    expect(show('cross')).toEqual(['..#..', '..#..', '#####', '..#..', '..#..'])
    expect(show('border')).toEqual(['#####', '#...#', '#...#', '#...#', '#####'])
    expect(show('checkerboard')).toEqual(['#.#.#', '.#.#.', '#.#.#', '.#.#.', '#.#.#'])
    expect(picture(draw(structures.ring, 8, 8), 8)).toEqual([
      '........',
      '..####..',
      '.#....#.',
      '.#....#.',
      '.#....#.',
      '.#....#.',
      '..####..',
      '........'
    ])
    expect(picture(draw(compositions.T, 3, 5), 5)).toEqual(['#####', '..#..', '..#..'])
    expect(picture(draw(compositions.L, 3, 5), 5)).toEqual(['#....', '#....', '#####'])
  })
})

describe('correlation', () => {
  it("is Pearson's, and 0 without contrast", () => {
    expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12)
    expect(correlation([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12)
    expect(correlation([1, 2], [5, 5])).toBe(0)
  })
})

describe('structure', () => {
  it('scores a dictionary 1 on everything and shows no difference', async () => {
    const { metrics, traces } = await runTask(structure, { rows: 6, columns: 9 }, seeds(2), dictionary)
    expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
    expect(mean(metrics.correlation)).toBeCloseTo(1, 10)
    expect(mean(metrics.peaks)).toBe(1)
    expect(traces!.map((t) => t.name)).toHaveLength(15)
    const difference = traces!.find((t) => t.name === 'ring/difference')!.perTrial[1] as {
      shape: number[]
      data: number[]
    }
    expect(difference.shape).toEqual([6, 9])
    expect(difference.data.every((x) => x === 0)).toBe(true)
  })
  it('scores amnesia zero', async () => {
    const { metrics } = await runTask(structure, {}, [0], amnesia)
    for (const name of ['cosine', 'correlation', 'peaks']) expect(metrics[name][0]).toBe(0)
  })
  it('shows what a Hebbian matrix mixes in: sum over pictures of their overlap', async () => {
    const { traces } = await runTask(structure, {}, [0], memoryOf(linearAssociator, { dim: 64 }))
    const all = Object.values(structures).map((shape) => draw(shape, 8, 8))
    const expected = Array.from({ length: 64 }, (_, k) =>
      all.reduce((sum, v) => sum + v[k] * v.reduce((overlap, x, i) => overlap + x * all[1][i], 0), 0)
    )
    const got = traces!.find((t) => t.name === 'cross/retrieved')!.perTrial[0] as { shape: number[]; data: number[] }
    got.data.forEach((x, k) => expect(x).toBeCloseTo(expected[k], 3))
  })
})

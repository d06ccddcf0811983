import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../src-shared/contract/parts.ts'

const run = (id: string, cells: number, seeds: number) => ({ id, trials: cells * seeds, seeds })
const parts = (...runs: ReturnType<typeof run>[]) => [...partsOf(runs, 100)]

describe('the parts in which runs are read', () => {
  it('hold small runs together, up to so many trials', () => {
    expect(parts()).toEqual([])
    expect(parts(run('a', 4, 10), run('b', 6, 10), run('c', 1, 1))).toEqual([{ ids: ['a', 'b'] }, { ids: ['c'] }])
  })

  it('cut a large run between its cells, in its place among the others', () => {
    expect(parts(run('a', 1, 1), run('b', 5, 40), run('c', 1, 1))).toEqual([
      { ids: ['a'] },
      { ids: ['b'], cells: { from: 0, count: 2 } },
      { ids: ['b'], cells: { from: 2, count: 2 } },
      { ids: ['b'], cells: { from: 4, count: 2 } },
      { ids: ['c'] }
    ])
  })

  it('are never less than a cell', () => {
    expect(parts(run('a', 2, 1000))).toEqual([
      { ids: ['a'], cells: { from: 0, count: 1 } },
      { ids: ['a'], cells: { from: 1, count: 1 } }
    ])
  })
})

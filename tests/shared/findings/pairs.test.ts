import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { pairBySeed } from '../../../src-shared/findings/pairs.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (
  seeds: number[],
  values: (number | null)[],
  statuses: CellResult['statuses'] = seeds.map(() => 'done')
): CellResult => cellResult('m', values, { metric: 'cosine', seeds, statuses })

describe('pairBySeed', () => {
  it('matches trials by seed, whatever their order, and names the unmatched', () =>
    expect(pairBySeed(cell([1, 2, 3], [10, 20, 30]), cell([3, 4, 1], [33, 44, 11]), 'cosine')).toEqual({
      seeds: [1, 3],
      a: [10, 30],
      b: [11, 33],
      unmatched: [2, 4]
    }))
  it('leaves a seed out that diverged on one side', () =>
    expect(pairBySeed(cell([1, 2], [1, 2], ['done', 'diverged']), cell([1, 2], [3, 4]), 'cosine')).toEqual({
      seeds: [1],
      a: [1],
      b: [3],
      unmatched: [2]
    }))
})

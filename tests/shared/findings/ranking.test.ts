import { describe, expect, it } from 'vitest'
import { rank } from '../../../src-shared/findings/ranking.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (model: string, values: (number | null)[]): CellResult =>
  cellResult(model, values, { lost: 'failed', elapsedMs: values.map((v) => (v === null ? null : 1 + v)) })
const accuracy = { name: 'accuracy', direction: 'higher' as const }

describe('ranking models at a point', () => {
  const close = cell('close', [0.92, 0.88, 0.94, 0.9])
  const best = cell('best', [0.9, 0.92, 0.94, 0.91])
  const bad = cell('bad', [0.5, 0.51, 0.49, 0.52])

  it('marks the best and what the paired test cannot tell from it', () => {
    const verdicts = rank([close, best, bad], accuracy).map((r) => r.verdict)
    expect(verdicts).toEqual(['not different', 'best', 'different'])
  })

  it('corrects after Holm: the larger p stays, the smaller is doubled', () => {
    // differences best - close: -.02, .04, 0, .01: t = .0075 / (.02500 / 2) = .6, df 3, p = .5908 (t table)
    const ranked = rank([close, best, bad], accuracy)
    expect(ranked[0].p).toBeCloseTo(0.5908, 3)
    expect(ranked[2].p).toBeLessThan(0.001)
  })

  it('turns with the direction of the metric', () => {
    expect(rank([best, bad], { name: 'accuracy', direction: 'lower' }).map((r) => r.verdict)).toEqual([
      'different',
      'best'
    ])
    expect(rank([best, bad], { name: 'accuracy', direction: 'none' }).map((r) => r.verdict)).toEqual([
      'untested',
      'untested'
    ])
  })

  it('says how many seeds only one side finished, and tests nothing on one pair', () => {
    const ranked = rank([best, cell('part', [0.1, null, 0.1, 0.2])], accuracy)
    expect(ranked[1]).toMatchObject({ pairs: 3, unmatched: 1 })
    expect(rank([best, cell('one', [0.1])], accuracy)[1]).toMatchObject({ verdict: 'untested', pairs: 1 })
    expect(rank([best, cell('none', [null])], accuracy)[1].verdict).toBe('untested')
  })

  it('compares compute time as it compares any metric', () => {
    const ranked = rank([best, bad], { name: 'elapsedMs', direction: 'lower' })
    expect(ranked.map((r) => r.verdict)).toEqual(['different', 'best'])
  })
})

it('equal means are all best, however their seeds are ordered', () => {
  const cells = [cell('a', [0.6, 0.7, 0.8]), cell('b', [0.7, 0.8, 0.6]), cell('c', [0.5, 0.6, 0.7])]
  expect(rank(cells, accuracy).map(({ verdict }) => verdict)).toEqual(['best', 'best', 'different'])
})

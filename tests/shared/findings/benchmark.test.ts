import { describe, expect, it } from 'vitest'
import { benchmark } from '../../../src-shared/findings/benchmark.ts'
import type { Stratum } from '../../../src-shared/findings/strata.ts'
import type { Direction } from '../../../src-shared/shapes/catalog.ts'
import { cellResult } from '../../support/cell-result.ts'

const labelOf = ({ label }: { label: string }): string => label
/** Scores of each model by seed, on a task. */
function task(
  name: string,
  scores: Record<string, number[]>,
  over: { direction?: Direction; unit?: number } = {}
): Stratum {
  const { direction = 'higher', unit = 1 } = over
  return {
    name,
    metric: {
      name: 'x',
      label: 'X',
      tex: '',
      help: '',
      direction,
      range: direction === 'higher' ? [0, unit] : [-unit, 0]
    },
    taskParams: {},
    cells: Object.entries(scores).map(([label, values]) =>
      cellResult(
        label,
        values.map((v) => v * unit * (direction === 'higher' ? 1 : -1)),
        { metric: 'x', runId: name }
      )
    )
  }
}
const scores = [
  { a: [0.9, 0.8, 0.85], b: [0.5, 0.6, 0.55], c: [0.2, 0.3, 0.1] },
  { a: [0.7, 0.9, 0.8], b: [0.6, 0.4, 0.5], c: [0.5, 0.3, 0.4] },
  { a: [0.6, 0.6, 0.6], b: [0.7, 0.7, 0.7], c: [0.1, 0.2, 0] }
]
const strata = scores.map((own, i) => task(`task ${i}`, own))

describe('a benchmark over tasks', () => {
  it('aggregates scores, ranks tasks and says how probable it is to be better', () => {
    const found = benchmark(strata, labelOf)!
    expect(found.rows.map(({ model, mean }) => [model, Number(mean.estimate.toFixed(6))])).toEqual([
      ['a', 0.75],
      ['b', 0.583333],
      ['c', 0.233333]
    ])
    expect(found.rows[0].median.estimate).toBeCloseTo(0.8, 12)
    expect(found.rows[0].optimalityGap.estimate).toBeCloseTo(0.25, 12)
    // Ranks 1 1 2, 2 2 1, 3 3 3.
    expect(found.ranks).toMatchObject({ of: 'tasks', blocks: 3, statistic: expect.closeTo(14 / 3, 12) as number })
    expect(found.ranks!.models.map(({ rank }) => rank)).toEqual([4 / 3, 5 / 3, 3])
    const [ab] = found.pairs
    expect(ab).toMatchObject({ a: 'a', b: 'b', improvement: { estimate: expect.closeTo(2 / 3, 12) as number } })
    expect(ab.posterior!.above).toBeGreaterThan(0.5)
    expect(found.tasks[0]).toMatchObject({ name: 'task 0', seeds: [3, 3] })
  })
  it('does not change with the unit or the direction of a metric, the order of seeds or the names of models', () => {
    const found = benchmark(strata, labelOf)!
    const turned = scores.map((own, i) =>
      task(`task ${i}`, own, { direction: i === 1 ? 'lower' : 'higher', unit: 10 ** i })
    )
    const other = benchmark(turned, labelOf)!
    other.rows.forEach((row, i) => expect(row.iqm.estimate).toBeCloseTo(found.rows[i].iqm.estimate, 10))
    expect(other.ranks!.models).toEqual(found.ranks!.models)
    expect(other.pairs.map(({ improvement }) => improvement)).toEqual(found.pairs.map(({ improvement }) => improvement))
    const reversed = scores.map((own, i) =>
      task(
        `task ${i}`,
        Object.fromEntries(Object.entries(own).map(([label, values]) => [`z${label}`, [...values].reverse()]))
      )
    )
    const renamed = benchmark(reversed, labelOf)!
    expect(renamed.rows.map(({ median }) => median)).toEqual(found.rows.map(({ median }) => median))
    expect(renamed.pairs.map(({ pNemenyi, improvement }) => [pNemenyi, improvement])).toEqual(
      found.pairs.map(({ pNemenyi, improvement }) => [pNemenyi, improvement])
    )
  })
  it('of one task ranks its seeds', () => {
    const found = benchmark([strata[0]], labelOf)!
    expect(found.ranks).toMatchObject({ of: 'seeds', blocks: 3, f: Infinity })
    expect(found.ranks!.models.map(({ rank }) => rank)).toEqual([1, 2, 3])
  })
  it('has no ranks of one model, and nothing of no score', () => {
    expect(benchmark([task('t', { a: [0.1, 0.2] })], labelOf)).toMatchObject({ ranks: null, pairs: [] })
    expect(benchmark([task('t', { a: [] })], labelOf)).toBeUndefined()
    expect(benchmark([], labelOf)).toBeUndefined()
  })
  it('leaves out tasks that not every model has, and says so', () => {
    const found = benchmark([...strata, task('task 3', { a: [0.1, 0.2] })], labelOf)!
    expect(found.tasks).toHaveLength(3)
    expect(found.remarks.join()).toContain('task 3')
  })
})

/** What may be changed about results without changing what is found. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testNames, type TestName } from '../../../src-shared/statistics/equivalence.ts'
import { compareAll, type MetricComparison } from '../../../src-shared/findings/comparison.ts'
import { judge } from '../../../src-shared/findings/prediction.ts'
import { rankTable } from '../../../src-shared/findings/rank-table.ts'
import { rank } from '../../../src-shared/findings/ranking.ts'
import type { Direction } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'

interface Sample {
  /** [model][seed] */
  values: number[][]
  test: TestName
}
const cell = (label: string, seeds: number[], values: number[]): CellResult => ({
  runId: 'r',
  label,
  model: label,
  params: {},
  point: { items: 5 },
  seeds,
  statuses: values.map(() => 'done'),
  metrics: { m: values },
  elapsedMs: values.map(() => null)
})
const labelOf = ({ label }: CellResult): string => label
const names = ['alpha', 'beta', 'gamma', 'delta']

interface Change {
  value?: (x: number) => number
  direction?: Direction
  order?: (seeds: readonly number[]) => number[]
  name?: (label: string) => string
}
/** A sample as it is written under a change. */
function cellsOf(
  { values }: Sample,
  { value = (x) => x, order = (s) => [...s], name = (l) => l }: Change = {}
): CellResult[] {
  const seeds = order(Array.from(values[0].keys()))
  return values.map((own, i) =>
    cell(
      name(names[i]),
      seeds,
      seeds.map((seed) => value(own[seed]))
    )
  )
}
/** What is found of a sample under a change of how it is written. */
function found(sample: Sample, change: Change = {}) {
  const { values, test } = sample
  const { direction = 'higher', name = (l: string) => l } = change
  const cells = cellsOf(sample, change)
  const metric = { name: 'm', direction }
  const [comparison]: MetricComparison[] = compareAll(cells, [metric], { labelOf, test })
  const ranked = rank(cells, metric)
  const table = rankTable(cells, metric, labelOf)!
  return {
    ps: [...comparison.tests.flatMap(({ p, pHolm }) => [p!, pHolm!]), ...ranked.map(({ p }) => p ?? -1)],
    said: {
      best: comparison.best.map((label) => names.findIndex((own) => name(own) === label)),
      rows: comparison.rows.map(({ best }) => best),
      letters: names.slice(0, values.length).map((own) => comparison.groups[name(own)]),
      verdicts: ranked.map(({ verdict }) => verdict),
      ranks: names.slice(0, values.length).map((own) => table.rows.find(({ label }) => label === name(own))!.rank)
    }
  }
}

/** What was found of samples without a change: every change below is tried on the same ones. */
const unchanged = new Map<string, ReturnType<typeof found>>()
function asItIs(sample: Sample): ReturnType<typeof found> {
  const key = JSON.stringify(sample)
  const there = unchanged.get(key) ?? found(sample)
  unchanged.set(key, there)
  return there
}

function same(sample: Sample, change: Change): void {
  const [before, after] = [asItIs(sample), found(sample, change)]
  expect(after.said).toEqual(before.said)
  expect(after.ps).toHaveLength(before.ps.length)
  after.ps.forEach((p, i) => expect(Math.abs(p - before.ps[i])).toBeLessThanOrEqual(1e-12))
}

/** Shares of few questions, which tie, decimals, and any numbers. */
const score = fc.oneof(
  fc.constantFrom(10, 20, 24, 50, 100).chain((of) => fc.constant((k: number) => Math.min(k, of) / of)),
  fc.constant((k: number) => k / 200)
)
const samples = fc
  .record({
    seeds: fc.integer({ min: 2, max: 9 }),
    models: fc.integer({ min: 2, max: 4 }),
    most: fc.constantFrom(2, 6, 24),
    of: score,
    test: fc.constantFrom(...testNames)
  })
  .chain(({ seeds, models, most, of, test }) =>
    fc
      .array(fc.array(fc.integer({ min: 0, max: most }), { minLength: seeds, maxLength: seeds }), {
        minLength: models,
        maxLength: models
      })
      .map((ks): Sample => ({ values: ks.map((own) => own.map(of)), test }))
  )
const seed = Date.now()
const holds = (property: (sample: Sample) => void): void => {
  fc.assert(fc.property(samples, property), { numRuns: 150, seed })
}

describe('verdicts, ranks, letters and p values do not change', () => {
  it('when a metric is negated and less of it is better', () =>
    holds((sample) => same(sample, { value: (x) => -x, direction: 'lower' })))
  it.each([100, 1 / 3, 24, 1e-9, 1e9, Math.PI, 1e-200])('when it is multiplied by %d', (factor) =>
    holds((sample) => same(sample, { value: (x) => x * factor }))
  )
  it.each([0.1, 1, -7.3, 1 / 3])('when %d is added', (constant) =>
    holds((sample) => same(sample, { value: (x) => x + constant }))
  )
  it('when seeds come in another order', () => {
    holds((sample) => same(sample, { order: (seeds) => [...seeds].reverse() }))
    holds((sample) => same(sample, { order: (seeds) => [...seeds.slice(1), seeds[0]] }))
  })
  it('when models are renamed', () =>
    holds((sample) => same(sample, { name: (label) => [...label].reverse().join('') })))
  it('of many pairs, whose signs are drawn', () => {
    const values = [0, 1, 2].map((model) => Array.from({ length: 20 }, (_, seed) => ((seed * 7 + model * 5) % 24) / 24))
    for (const change of [
      { value: (x: number) => -x, direction: 'lower' },
      { value: (x: number) => x * 24 },
      { value: (x: number) => x + 0.1 },
      { order: (seeds: readonly number[]) => [...seeds].reverse() }
    ] satisfies Change[])
      same({ values, test: 'permutation' }, change)
  })
})

it('verdicts on predictions do not change with the unit, a constant or the order of seeds', () => {
  const changes: [(x: number) => number, boolean][] = [
    [(x) => x, true],
    [(x) => x * 24, false],
    [(x) => x / 3, true],
    [(x) => x + 0.1, false],
    [(x) => x - 7.3, true]
  ]
  fc.assert(
    fc.property(samples, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), ({ values }, from, margin) => {
      const verdicts = changes.map(([value, reversed]) => {
        const order = (seeds: readonly number[]): number[] => (reversed ? [...seeds].reverse() : [...seeds])
        const cells = cellsOf({ values, test: 'paired-t' }, { value, order })
        const [low, high] = [value(from / 24), value((from + 8) / 24)]
        const by = value(margin / 24) - value(0)
        return [
          judge({ metric: 'm', at: {}, intervals: { alpha: [low, high] } }, cells).verdict,
          judge({ metric: 'm', at: {}, order: ['alpha', 'beta'], margin: Math.max(0, by) }, cells).verdict
        ]
      })
      for (const verdict of verdicts) expect(verdict).toEqual(verdicts[0])
    }),
    { numRuns: 200 }
  )
})

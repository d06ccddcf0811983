/** The block of a report that aggregates models over the tasks of its runs. */
import { describe, expect, it } from 'vitest'
import { exportReport } from '../../../src-shared/documents/report-files.ts'
import type { ReportData } from '../../../src-shared/documents/report-data.ts'
import { resolveBlock, type Resolved } from '../../../src-shared/documents/resolve-blocks.ts'
import { blockSchema, type Block } from '../../../src-shared/shapes/report.ts'
import { cellResult } from '../../support/cell-result.ts'
import { latexProblems } from '../text/latex-structure.ts'
import { hostile, input } from '../support.ts'

/** Scores in [0, 1] of three models by seed, in two runs: no chance level, so that a score is the accuracy itself. */
const scores = {
  R1: { hebb: [0.9, 0.8, 0.85], slots: [0.5, 0.6, 0.55], third: [0.2, 0.3, 0.1] },
  R2: { hebb: [0.7, 0.7, 0.7], slots: [0.6, 0.5, 0.4], third: [0.3, 0.2, 0.4] }
}

function data(rename: (label: string) => string = (label) => label): ReportData {
  const one = input()
  const [{ run, ...rest }] = one.runs
  return {
    ...one,
    catalog: { ...one.catalog, tasks: one.catalog.tasks.map((task) => ({ ...task, mainMetric: 'accuracy' })) },
    runs: (['R1', 'R2'] as const).map((id) => ({
      ...rest,
      series: [],
      run: { ...run, id, name: id, labels: Object.keys(scores[id]).map(rename) }
    })),
    cells: (['R1', 'R2'] as const).flatMap((runId) =>
      Object.entries(scores[runId]).map(([label, values]) => cellResult(rename(label), values, { runId }))
    )
  }
}
const block = (given: Record<string, unknown> = {}): Block =>
  blockSchema.parse({ id: 'b', kind: 'benchmark', runs: ['R1', 'R2'], ...given })
function benchmarkOf(part: Resolved): Extract<Resolved, { kind: 'benchmark' }> {
  if (part.kind !== 'benchmark') throw new Error(part.kind)
  return part
}
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const report = (blocks: Block[]) => ({
  id: 'r',
  title: 'Over tasks',
  created: '2026-01-01T00:00:00.000Z',
  changed: '2026-01-01T00:00:00.000Z',
  blocks
})

describe('a block over tasks', () => {
  it('has a figure of the aggregates with their intervals: the means are those of the tasks’ means', () => {
    const { aggregates, tables, ranks } = benchmarkOf(resolveBlock(block(), data()))
    expect(aggregates.x.categories).toEqual(['Median ↑', 'IQM ↑', 'Mean ↑', 'Optimality gap ↓'])
    expect(aggregates.series.map(({ label }) => label)).toEqual(tables[0].rows.map(([label]) => label))
    for (const { label, points } of aggregates.series) {
      const own = (['R1', 'R2'] as const).map((id) => scores[id][label as keyof (typeof scores)['R1']])
      const [median, , average, gap] = points
      // Of two tasks the median is the mean of their means; nothing lies above 1, so that the gap is what is missing to 1.
      expect(median.y).toBeCloseTo(mean(own.map(mean)), 12)
      expect(average.y).toBeCloseTo(mean(own.map(mean)), 12)
      expect(gap.y).toBeCloseTo(1 - mean(own.map(mean)), 12)
      for (const { y, low, high } of points) {
        expect(low).toBeLessThanOrEqual(y!)
        expect(high).toBeGreaterThanOrEqual(y!)
      }
    }
    // Side by side within their aggregate.
    const at = aggregates.series.map(({ points }) => points[1].x)
    expect(new Set(at).size).toBe(3)
    for (const x of at) expect(Math.round(x)).toBe(1)
    expect(ranks!.models.map(({ model, rank }) => [model, rank])).toEqual([
      ['hebb', 1],
      ['slots', 2],
      ['third', 3]
    ])
  })
  it('takes the region of practical equivalence and what is hidden from the block', () => {
    const wide = benchmarkOf(resolveBlock(block({ rope: 0.5 }), data()))
    expect(wide.tables[1].note).toContain('below 0.5 are practically none')
    const without = benchmarkOf(resolveBlock(block({ hidden: ['third'] }), data()))
    expect(without.tables[0].rows.map(([label]) => label)).toEqual(['hebb', 'slots'])
  })
  it('says what it needs where one model is left', () => {
    expect(resolveBlock(block({ hidden: ['slots', 'third'] }), data())).toMatchObject({ kind: 'missing' })
  })
  it('stands in a report as HTML with its tables, its figure and the diagram of ranks', () => {
    const { content } = exportReport('html', report([block({ caption: 'Both tasks.' })]), data())
    expect(content).toContain('<h2>Over tasks</h2>')
    expect(content).toContain('Both tasks.')
    for (const words of ['Aggregates over 2 tasks', 'Pairs of models', 'Optimality gap', 'CD = '])
      expect(content).toContain(words)
  })
  it('stands in a report as LaTeX with the diagram drawn: one rule a line of it, every model at its rank', () => {
    const { content } = exportReport('latex', report([block()]), data())
    expect(latexProblems(content)).toEqual([])
    const diagram = content.slice(content.indexOf('x=0.53pt'))
    for (const words of ['hebb 1.00', 'slots 2.00', '3.00 third']) expect(diagram).toContain(`{${words}}`)
    // Axis, critical difference, three ticks, two strokes a model, and the bars.
    expect(diagram.slice(0, diagram.indexOf('tikzpicture')).match(/\\draw/g)!.length).toBeGreaterThanOrEqual(
      1 + 1 + 3 + 6
    )
    expect(content.match(/\\begin\{tikzpicture\}/g)).toHaveLength(2)
  })
  it.each([hostile, '50 % & more_{x} \\input{y} $z$ #1 ~^'])('is whole whatever its models are called: %j', (name) => {
    const named = data((label) => `${name} ${label}`)
    for (const format of ['html', 'latex'] as const) {
      const { content } = exportReport(format, report([block()]), named)
      if (format === 'latex') expect(latexProblems(content)).toEqual([])
      else expect(content.replace(/<script[^>]*>[^]*?<\/script>/g, '')).not.toContain('<img')
    }
  })
})

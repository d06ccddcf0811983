import { describe, expect, it } from 'vitest'
import type { Run } from '../../../src-shared/shapes/run.ts'
import { resolveBlock } from '../../../src-shared/documents/blocks.ts'
import { blockSchema } from '../../../src-shared/documents/report.ts'
import { metricFigures, resultsByTask } from '../../../src-shared/figures/task-results.ts'
import { input } from '../support.ts'

/** The run, its points drawn at random or from a grid. */
function given(search: boolean) {
  const data = input()
  const [one] = data.runs
  const experiment = {
    ...one.run.experiment,
    ...(search && { search: { method: 'random', count: 2, seed: 0 } as const })
  }
  const run: Run = { ...one.run, experiment }
  const runs = [{ ...one, run, predictions: [] }]
  const cells = data.cells.flatMap((cell) => [cell, { ...cell, point: { items: 10 } }])
  return { ...data, runs, cells }
}

describe.each([
  ['drawn at random', true],
  ['of a grid', false]
] as const)('points %s', (_, search) => {
  it('are drawn alike in a report of runs and in a composed one', () => {
    const data = given(search)
    const [results] = resultsByTask(data)
    const [own] = metricFigures(results, results.metrics[0])
    const block = blockSchema.parse({ id: 'b', kind: 'figure', runs: ['R1'] })
    const composed = resolveBlock(block, data)
    expect(own.scatter ?? false).toBe(search)
    expect(composed).toMatchObject({ kind: 'figure', spec: { series: own.series } })
    expect(composed.kind === 'figure' && (composed.spec.scatter ?? false)).toBe(search)
    expect(own.series[0].points.map(({ x }) => x)).toEqual([5, 10])
  })
})

/** Recency and contiguity in immediate, delayed and continual-distractor recall: the ready example with its predictions. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../../src-shared/findings/prediction.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { experimentSchema, seedsOf } from '../../../src-shared/shapes/experiment.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../../src-main/engine/worker/runner.ts'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { cellResult } from '../../support/cell-result.ts'
import { mean } from './harness.ts'

const file = join(import.meta.dirname, '../../../resources/experiments/distraction.json')
const experiment = experimentSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
const registry = builtInRegistry()
const { grid, errors } = expandGrid(experiment, registry.catalog())

describe('the ready example of distraction', () => {
  let cells: CellResult[] = []
  beforeAll(async () => {
    await useBackend('cpu')
    const deps = {
      registry,
      vectors: () => {
        throw new Error('no vectors are asked for')
      },
      checkCancelled: () => undefined
    }
    const seeds = seedsOf(experiment)
    cells = await Promise.all(
      grid!.cells.map(async (cell, index) => {
        const outcomes = await runBatch(registry.task('free-recall'), { ...cell, index }, seeds, 'philox', deps)
        const of = (metric: string) => outcomes.map(({ metrics }) => metrics[metric])
        return {
          ...cellResult(cell.label, of('recency'), { metric: 'recency' }),
          point: cell.point,
          metrics: Object.fromEntries(['recency', 'lag-rank', 'recalled'].map((metric) => [metric, of(metric)]))
        }
      })
    )
  }, 60_000)

  it('has the classic predictions registered, all of which are confirmed', () => {
    expect(errors).toEqual([])
    const said = experiment.predictions!.map((prediction) => [
      prediction.metric,
      prediction.at.schedule,
      judge(prediction, cells).verdict
    ])
    expect(said).toEqual([
      ['recency', 'immediate', 'confirmed'],
      ['recency', 'delayed', 'confirmed'],
      ['recency', 'continual', 'confirmed'],
      ['lag-rank', 'immediate', 'confirmed'],
      ['lag-rank', 'delayed', 'confirmed'],
      ['lag-rank', 'continual', 'confirmed']
    ])
  })
  it.each(['TCM', 'CMR'])('%s recalls fewer words with distraction between them, as people do', (label) => {
    const recalled = (schedule: string) =>
      mean(cells.find((cell) => cell.label === label && cell.point.schedule === schedule)!.metrics.recalled as number[])
    expect(recalled('continual')).toBeLessThan(recalled('delayed'))
    expect(recalled('continual')).toBeLessThan(recalled('immediate'))
  })
})

/** What a trial is said to cost before it runs, for every ready example: nothing can be scheduled by a number that is none. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { costOfCell, trainingBytes } from '../../../../src-main/engine/worker/cell-cost.ts'
import { expandGrid } from '../../../../src-shared/grid/expand.ts'
import { parseExperiment } from '../../../../src-shared/shapes/experiment.ts'
import { fillParams } from '../../../../src-shared/shapes/params.ts'
import { registry } from '../../../support/drive-memory.ts'

const folder = new URL('../../../../resources/experiments/', import.meta.url)
const examples = readdirSync(folder).filter((file) => file.endsWith('.json'))

describe.each(examples)('%s', (file) => {
  it('has a finite cost and takes finite memory at every point of its grid', () => {
    const experiment = parseExperiment(readFileSync(new URL(file, folder), 'utf8'), file)
    const task = registry.task(experiment.task.kind)
    for (const cell of expandGrid(experiment, registry.catalog()).grid!.cells) {
      const { training } = task.workload(cell.taskParams)
      for (const [name, value] of Object.entries(
        registry.model(cell.model).simulate ? {} : costOfCell(registry, task, cell)
      ))
        expect(Number.isFinite(value), `${cell.label} ${name}`).toBe(true)
      expect(task.needs.training === true).toBe(training !== undefined)
      if (training) expect(trainingBytes(cell.taskParams, training.longest)).toBeGreaterThan(0)
    }
  })
})

it('a stack has as many weights as it asks for, also where the task has no parameter called length', () => {
  const task = registry.task('copy')
  const { values } = fillParams(
    task.params,
    { copyLength: 5, vocabulary: 7, dim: 8, layers: 1, expansion: 1 },
    '',
    undefined,
    () => undefined
  )
  const params = registry.fill('attention', { dim: 8, heads: 2 })
  const { parameters } = costOfCell(registry, task, { model: 'attention', params, taskParams: values })
  // Embedding, positions, head with bias; attention with biases; the mix of the token shift; the network with biases.
  expect(parameters).toBe(7 * 8 + 10 * 8 + 7 * 8 + 7 + (4 * 64 + 4 * 8) + 8 + (2 * 64 + 16))
})

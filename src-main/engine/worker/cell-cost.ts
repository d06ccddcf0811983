/** What one trial of a cell costs: its memory's own counts, or those of the whole stack where a task trains one. */
import type { Cost } from '../../../src-shared/cost/cost.ts'
import type { Cell } from '../../../src-shared/grid/cell.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import type { AnyTask } from '../../tasks/task.ts'
import type { Registry } from './registry.ts'
import { stackCost } from './training/language-model.ts'

/** The parameters that every task that trains has (tasks/parts/training.ts). */
interface Training {
  dim: number
  layers: number
  expansion: number
  vocabulary: number
  batchSize: number
}

export function costOfCell(
  registry: Registry,
  task: AnyTask,
  cell: Pick<Cell, 'model' | 'params' | 'taskParams'>
): Cost {
  const load = task.workload(cell.taskParams)
  const { tokens = 0, training } = load
  if (!training) return registry.cost(cell.model, cell.params, load)
  const { longest, turn } = training
  const plan = { ...sizes(cell.taskParams), length: longest, ...(turn !== undefined && { turn }) }
  const { parameters, stateBytes, flopsPerToken } = stackCost(registry, cell, plan)
  return {
    storeFlops: 0,
    retrieveFlops: 0,
    forwardFlops: flopsPerToken * tokens * training.sequences,
    parameters,
    state: stateBytes / 4
  }
}

/**
 * Bytes that a trial in training holds at once: in each layer about sixty vectors of every token and eight numbers for
 * each pair of tokens, kept for the way back.
 * @param length tokens of the longest sequence
 */
export function trainingBytes(params: ParamValues, length: number): number {
  const { dim, layers, batchSize } = sizes(params)
  return 4 * batchSize * layers * length * (60 * dim + 8 * length)
}

const sizes = (params: ParamValues): Training => params as unknown as Training

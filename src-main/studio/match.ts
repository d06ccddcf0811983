/** Equal cost: the size at which each model of an experiment costs what one of them does. */
import { type Catalog, findModel } from '../../src-shared/shapes/catalog.ts'
import type { CallOutput } from '../../src-shared/contract/index.ts'
import type { Cost } from '../../src-shared/cost/cost.ts'
import { errorOf, StudioError } from '../../src-shared/shapes/errors.ts'
import { checkExperiment, modelLabels, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../src-shared/grid/expand.ts'
import { taskDims, type Cell } from '../../src-shared/grid/cell.ts'
import { boundSize } from '../../src-shared/shapes/params.ts'
import { isKnown, trialFlops } from './plan.ts'

export type Quantity = 'parameters' | 'state' | 'flops'

const quantityOf: Record<Quantity, (cost: Cost) => number> = {
  parameters: (cost) => cost.parameters,
  // Four bytes a number.
  state: (cost) => 4 * cost.state,
  flops: trialFlops
}
/** Values tried in one round; two rounds narrow 10,000 sizes down to one or two. */
const tries = 33
/** A size that stays further off than this factor is no match. */
const furthest = 1.25

type Costs = (task: string, cells: Cell[]) => Promise<Cost[]>

/**
 * For every other model of the experiment, the value of one of its own sizes at which it comes nearest to what the
 * reference costs, at the first point of the grid. Sizes that the task fixes, and swept ones, are left alone.
 * @throws StudioError bad-input for an experiment that cannot run or a reference it does not have
 */
export async function matchModels(
  json: unknown,
  reference: string,
  by: Quantity,
  catalog: Catalog,
  costsOf: Costs
): Promise<CallOutput<'experiment.match'>> {
  const experiment = checkExperiment(json)
  const { grid, errors } = expandGrid(experiment, catalog)
  if (!grid) throw errorOf(errors[0])
  const labels = modelLabels(experiment.models)
  const of = quantityOf[by]
  const firstCell = (label: string): Cell | undefined => grid.cells.find((cell) => cell.label === label)
  const known = firstCell(reference)
  if (!known) throw new StudioError('bad-input', `There is no model "${reference}" here.`, { field: 'reference' })
  const task = experiment.task.kind
  const cost = of((await costsOf(task, [known]))[0])
  const counted = (label: string, cost: number): number => {
    if (isKnown(cost)) return cost
    throw new StudioError('not-supported', `What ${label} costs in ${by} is not known; match by something else.`, {
      field: 'by'
    })
  }
  const target = counted(reference, cost)
  const models: CallOutput<'experiment.match'>['models'] = []
  for (const label of labels) {
    if (label === reference) continue
    const cell = firstCell(label)!
    const now = counted(label, of((await costsOf(task, [cell]))[0]))
    let best: { param: string; value: number; cost: number } | undefined
    for (const param of sizesOf(cell, experiment, catalog)) {
      const found = await nearest(param, cell, target, of, task, catalog, costsOf)
      if (found && (!best || off(found.cost, target) < off(best.cost, target) * 0.999)) best = { param, ...found }
    }
    models.push({ label, now, match: best && off(best.cost, target) < Math.log(furthest) ? best : null })
  }
  return { target, models }
}

/** How far a cost is from the target, as a ratio's logarithm. */
const off = (cost: number, target: number): number =>
  cost > 0 && target > 0 ? Math.abs(Math.log(cost / target)) : cost === target ? 0 : Infinity

/** Whole-number parameters that neither the task nor the sweep decides. */
function sizesOf(cell: Cell, experiment: Experiment, catalog: Catalog): string[] {
  const dims = taskDims(cell.taskParams)
  const params = findModel(catalog, cell.model).params
  const swept = new Set(experiment.sweep.map(({ param }) => param.slice(param.lastIndexOf('.') + 1)))
  return Object.entries(params).flatMap(([name, param]) =>
    param.type === 'integer' && !swept.has(name) && !(param.from && boundSize(param.from, dims) !== undefined)
      ? [name]
      : []
  )
}

/** Equal ratios between the bounds, then every value between the neighbours of the best. */
async function nearest(
  name: string,
  cell: Cell,
  target: number,
  of: (cost: Cost) => number,
  task: string,
  catalog: Catalog,
  costsOf: Costs
): Promise<{ value: number; cost: number } | undefined> {
  const param = findModel(catalog, cell.model).params[name]
  if (param.type !== 'integer') return undefined
  let [low, high] = [Math.max(1, param.min), param.max]
  let best: { value: number; cost: number } | undefined
  for (let round = 0; round < 4 && low <= high; round++) {
    const values = spread(low, high)
    const costs = await costsOf(
      task,
      values.map((value) => ({ ...cell, params: { ...cell.params, [name]: value } }))
    ).catch(() => undefined)
    if (!costs) return best
    const found = costs.map(of)
    if (found[0] === found.at(-1)) return undefined
    const at = found.reduce((top, cost, i) => (off(cost, target) < off(found[top], target) ? i : top), 0)
    best = { value: values[at], cost: found[at] }
    ;[low, high] = [values[Math.max(0, at - 1)], values[Math.min(values.length - 1, at + 1)]]
    if (high - low < 2 || values.length === high - low + 1) break
  }
  return best
}

function spread(low: number, high: number): number[] {
  if (high - low < tries) return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  return [...new Set(Array.from({ length: tries }, (_, i) => Math.round(low * (high / low) ** (i / (tries - 1)))))]
}

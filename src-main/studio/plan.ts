/** From an experiment as it comes in to a grid that can run, and what that grid costs. */
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { CallOutput } from '../../src-shared/contract/index.ts'
import type { Cost } from '../../src-shared/cost/cost.ts'
import { errorOf, toErrorData, type ErrorData } from '../../src-shared/shapes/errors.ts'
import { checkExperiment, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../src-shared/grid/expand.ts'
import type { Cell, Grid } from '../../src-shared/grid/cell.ts'

/** What only this studio can say about a grid: whether the data it asks for are here. */
export type MoreChecks = (grid: Grid) => ErrorData[]

function checkedGrid(experiment: Experiment, catalog: Catalog, more: MoreChecks): ReturnType<typeof expandGrid> {
  const expanded = expandGrid(experiment, catalog)
  const errors = expanded.grid ? more(expanded.grid) : []
  return errors.length ? { errors } : expanded
}

/** @throws StudioError the first thing that is wrong, with its field */
export function planned(json: unknown, catalog: Catalog, more: MoreChecks): { experiment: Experiment; grid: Grid } {
  const experiment = checkExperiment(json)
  const { grid, errors } = checkedGrid(experiment, catalog, more)
  if (grid) return { experiment, grid }
  throw errorOf(errors[0])
}

/** What of weights files does not fit the models that name them: the engine knows. */
export type MisfitsOf = (task: string, grid: Grid) => Promise<ErrorData[]>

/** Asks the engine what a trial of each cell costs. */
export type CostsOf = (task: string, cells: Cell[]) => Promise<Cost[]>

/** Size and cost of the grid, or every error of the experiment. */
export async function plan(
  json: unknown,
  catalog: Catalog,
  more: MoreChecks,
  costsOf: CostsOf,
  misfitsOf: MisfitsOf
): Promise<CallOutput<'experiment.plan'>> {
  const nothing = { trials: 0, cells: 0, tuningTrials: 0, flopsPerTrial: {}, storage: {}, totalFlops: 0 }
  let experiment: Experiment
  try {
    experiment = checkExperiment(json)
  } catch (error) {
    return { errors: [toErrorData(error)], ...nothing }
  }
  const { grid, errors } = checkedGrid(experiment, catalog, more)
  if (!grid) return { errors, ...nothing }
  const misfits = await misfitsOf(experiment.task.kind, grid)
  if (misfits.length) return { errors: misfits, ...nothing }
  const { cells, seeds, trials, tuning } = grid
  const all = await costsOf(experiment.task.kind, [...cells, ...(tuning?.cells ?? [])])
  const [costs, tried] = [all.slice(0, cells.length), all.slice(cells.length)]
  const byModel = [...Map.groupBy(costs.keys(), (i) => cells[i].label)].map(
    ([label, places]) => [label, places.map((i) => costs[i])] as const
  )
  return {
    errors: [],
    trials,
    cells: cells.length,
    tuningTrials: tuning?.trials ?? 0,
    flopsPerTrial: Object.fromEntries(
      byModel
        .map(([label, list]) => [label, sum(list.map(trialFlops)) / list.length] as const)
        .filter(([, flops]) => isKnown(flops))
    ),
    storage: Object.fromEntries(
      byModel
        .map(([label, list]) => {
          const parameters = Math.max(...list.map(({ parameters }) => parameters))
          return [label, { parameters, stateBytes: Math.max(...list.map(stateBytes)) }] as const
        })
        .filter(([, { parameters, stateBytes }]) => isKnown(parameters + stateBytes))
    ),
    totalFlops:
      sum(costs.map(trialFlops).filter(isKnown)) * seeds.length +
      sum(tried.map(trialFlops).filter(isKnown)) * (tuning?.seeds.length ?? 0)
  }
}

/** What one trial computes: its stores, its retrievals, its forward calls. */
export const trialFlops = (cost: Cost): number => cost.storeFlops + cost.retrieveFlops + (cost.forwardFlops ?? 0)

/** What a user's own Python computes may be beyond counting. */
export const isKnown = (count: number): boolean => !Number.isNaN(count)

/** The studio computes in float32. */
const stateBytes = ({ state }: Cost): number => 4 * state

/** What a trial of each cell of a stored run costs; nothing when its experiment no longer fits the catalog. */
export async function runCosts(
  run: { id: string; experiment: Experiment },
  catalog: Catalog,
  costsOf: CostsOf
): Promise<CallOutput<'runs.costs'>> {
  const { grid } = expandGrid(run.experiment, catalog)
  if (!grid) return []
  const costs = await costsOf(run.experiment.task.kind, grid.cells)
  return grid.cells
    .map(({ label, point }, i) => ({
      runId: run.id,
      label,
      point,
      flops: trialFlops(costs[i]),
      parameters: costs[i].parameters,
      stateBytes: stateBytes(costs[i])
    }))
    .filter(({ flops, parameters, stateBytes }) => isKnown(flops + parameters + stateBytes))
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)

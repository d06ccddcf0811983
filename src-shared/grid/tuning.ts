/**
 * What an experiment tries before its report seeds run. Tuning is a grid of its own: that of the experiment with the tuned
 * parameters as further axes, over the tuning seeds. Its cells are then told for which cell of the report each is tried.
 */
import type { TaskInfo } from '../shapes/catalog.ts'
import type { ErrorData } from '../shapes/errors.ts'
import { defaultPoints, type Experiment } from '../shapes/experiment.ts'
import type { Point } from '../shapes/point.ts'
import type { Cell, Grid, TuningCell, TuningGrid } from './cell.ts'
import { canonical } from './identity.ts'

const bare = (param: string): string => param.slice(param.lastIndexOf('.') + 1)

/** The experiment whose grid is what is tried. */
export function tuningExperiment(experiment: Experiment): Experiment {
  const { tuning } = experiment
  if (!tuning) return experiment
  const { task, sweep } = experiment
  const params = { ...task.params, ...(tuning.steps !== undefined && { steps: tuning.steps }) }
  return {
    ...experiment,
    task: { ...task, params },
    sweep: [...sweep, ...tuning.params],
    seeds: tuning.seeds,
    predictions: undefined
  }
}

/** An error of that grid, in the words of the experiment's file. @param axes that the experiment sweeps itself */
export function tuningError(error: ErrorData, axes: number): ErrorData {
  const [, index, rest] = /^sweep\.(\d+)\.(.*)$/.exec(error.field ?? '') ?? []
  if (index !== undefined && Number(index) >= axes)
    return { ...error, field: `tuning.params.${Number(index) - axes}.${rest}` }
  return { ...error, field: 'tuning' }
}

/** The cells of the tried grid, each with the cell that it is tried for; or why it cannot be tuned like this. */
export function tuningGrid(experiment: Experiment, grid: Grid, tried: Grid): TuningGrid | { errors: ErrorData[] } {
  const { tuning, search } = experiment
  const refuse = (field: string, message: string): { errors: ErrorData[] } => ({
    errors: [{ code: 'bad-input', message, field }]
  })
  if (!tuning) return refuse('tuning', 'Nothing is tuned.')
  if (search) return refuse('search', 'What is tuned needs every combination of the sweep, not points drawn at random.')
  const { task } = grid
  const metric = tuning.metric ?? task.mainMetric
  const info = task.metrics.find(({ name }) => name === metric)
  if (!info) return refuse('tuning.metric', `${task.title} has no metric "${metric}".`)
  if (info.direction === 'none') return refuse('tuning.metric', `Neither high nor low ${info.label} is best.`)
  const unfit = stepsError(experiment, task)
  if (unfit) return refuse('tuning.steps', unfit)

  const names = tuning.params.map(({ param }) => bare(param))
  const tuned = tunedOfTask(tuning)
  const place = (use: number, point: Cell['point']): string => canonical([use, point])
  const placed = new Map(grid.cells.map((cell, i) => [place(cell.use, cell.point), i]))
  const cells = tried.cells.map((cell): TuningCell => {
    const mine = ([name]: [string, unknown]): boolean => names.includes(name)
    const entries = Object.entries(cell.point)
    const point = Object.fromEntries(entries.filter((entry) => !mine(entry)))
    return {
      ...cell,
      point,
      values: Object.fromEntries(entries.filter(mine)),
      tuned,
      for: placed.get(place(cell.use, point)) ?? -1
    }
  })
  const each = Map.groupBy(cells, (cell) => cell.for)
  if (each.has(-1)) return refuse('tuning', 'A sweep that depends on a tuned parameter cannot be tuned.')
  const counts = new Set(grid.cells.map((_, i) => each.get(i)?.length ?? 0))
  if (counts.size > 1)
    return refuse(
      'tuning.params',
      `Every model must try as many points, but they would try ${[...counts].sort((a, b) => a - b).join(' or ')}: tune a parameter that all of them have, or as many values of each.`
    )
  const common = { metric, direction: info.direction, seeds: tried.seeds }
  // What is proposed step by step is not known yet.
  if (tuning.tuner === 'optuna')
    return { ...common, cells: [], trials: grid.cells.length * (tuning.points ?? defaultPoints) * tried.seeds.length }
  return { ...common, cells, trials: tried.trials }
}

/** The parameters of the task among what is tuned. */
export const tunedOfTask = ({ params }: Pick<NonNullable<Experiment['tuning']>, 'params'>): string[] =>
  params.flatMap(({ param }) => (param.startsWith('task.') ? [bare(param)] : []))

/** Why tuning cannot take fewer steps here. */
function stepsError({ tuning, sweep }: Experiment, { title, params }: TaskInfo): string | undefined {
  if (tuning?.steps === undefined) return undefined
  if (!Object.hasOwn(params, 'steps')) return `${title} takes no training steps.`
  const twice = [...sweep, ...tuning.params].some(({ param }) => param === 'task.steps')
  return twice ? 'The steps are swept or tuned themselves; leave this out.' : undefined
}

/**
 * The experiment whose grid holds a proposed point for one cell of the report: every axis stands at its place of the sweep.
 * @param values of the tuned parameters, by bare names
 */
export function proposedExperiment(experiment: Experiment, { point }: Pick<Cell, 'point'>, values: Point): Experiment {
  const whole = tuningExperiment(experiment)
  const at: Point = { ...point, ...values }
  const sweep = whole.sweep.flatMap(({ param }) =>
    Object.hasOwn(at, bare(param)) ? [{ param, values: [at[bare(param)]] }] : []
  )
  return { ...whole, tuning: undefined, sweep }
}

/** A report cell as tuning leaves it: with the values of the winner, and its own steps. */
export function settledCell(cell: Cell, winner: TuningCell): Cell {
  const { steps } = cell.taskParams
  return {
    ...cell,
    params: winner.params,
    taskParams: { ...winner.taskParams, ...(winner.values.steps === undefined && steps !== undefined && { steps }) },
    tuned: winner.tuned
  }
}

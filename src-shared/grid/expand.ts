/** From an experiment to its grid: every cell, or every reason why there is none. */
import { type Catalog, misfit, modelIn, type ModelInfo, taskIn } from '../shapes/catalog.ts'
import { errorOf, type ErrorData } from '../shapes/errors.ts'
import { limits, modelLabels, seedsOf, type Axis, type Experiment } from '../shapes/experiment.ts'
import { fillParams, type Param } from '../shapes/params.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import { taskDims, type Cell, type Grid, type TuningCell } from './cell.ts'
import { openingErrors } from './opening.ts'
import { predictionErrors } from './predictions.ts'
import { conditioned, distinct, drawnPoints, gridPoints } from './sweep.ts'
import { proposedExperiment, tunedOfTask, tuningError, tuningExperiment, tuningGrid } from './tuning.ts'
import { count, plural } from '../text/numbers.ts'

/** The values of an axis, ranges written out. Log ranges are equal ratios, ends included. */
export function axisValues(axis: Axis): AxisValue[] {
  // A value that is given twice is one point; with probabilities the place of each matters.
  if ('values' in axis) return axis.probabilities ? [...axis.values] : [...new Set(axis.values)]
  const { from, to, steps, scale, integer } = axis
  const out: number[] = []
  for (let i = 0; i < steps; i++) {
    const t = i / (steps - 1)
    const value = scale === 'log' ? from * (to / from) ** t : from + (to - from) * t
    out.push(integer ? Math.round(value) : Number(value.toPrecision(12)))
  }
  return [...new Set(out)]
}

/**
 * Expand an experiment over the catalog, and what is tuned before it. Collects every error instead of stopping at the
 * first; the grid is present only when there is none.
 */
export function expandGrid(experiment: Experiment, catalog: Catalog): { grid?: Grid; errors: ErrorData[] } {
  const plain = expandCells(experiment, catalog)
  if (!plain.grid || !experiment.tuning) return plain
  const tried = expandCells(tuningExperiment(experiment), catalog)
  const errors = tried.errors.map((error) => tuningError(error, experiment.sweep.length))
  if (!tried.grid) return { errors }
  const tuning = tuningGrid(experiment, plain.grid, tried.grid)
  return 'errors' in tuning ? tuning : { grid: { ...plain.grid, tuning }, errors }
}

/**
 * The cell of a point that is proposed for a cell of the report.
 * @throws StudioError bad-input for values that the task or the model refuses
 */
export function proposedCell(
  experiment: Experiment,
  catalog: Catalog,
  report: { cell: Cell; index: number },
  values: Point
): TuningCell {
  const { grid, errors } = expandCells(proposedExperiment(experiment, report.cell, values), catalog)
  const cell = grid?.cells.find(({ use }) => use === report.cell.use)
  if (!cell || !experiment.tuning) throw errorOf(tuningError(errors[0], Object.keys(report.cell.point).length))
  return {
    ...cell,
    ...{ point: report.cell.point, values, for: report.index, tuned: tunedOfTask(experiment.tuning) }
  }
}

function expandCells(experiment: Experiment, catalog: Catalog): { grid?: Grid; errors: ErrorData[] } {
  const errors: ErrorData[] = []
  const refuse = (field: string, message: string): void => void errors.push({ code: 'bad-input', message, field })
  const task = taskIn(catalog, experiment.task.kind)
  if (!task) {
    refuse(
      'task.kind',
      `There is no task "${experiment.task.kind}"; known are ${catalog.tasks.map((t) => t.id).join(', ')}.`
    )
    return { errors }
  }
  const known = (kind: string): ModelInfo['params'] | undefined => modelIn(catalog, kind)?.params
  const labels = modelLabels(experiment.models)
  const models = experiment.models.map((use, i) => {
    const info = modelIn(catalog, use.kind)
    if (!info)
      refuse(
        `models.${i}.kind`,
        `There is no model "${use.kind}"; known are ${catalog.models.map((m) => m.id).join(', ')}.${notLoaded(catalog)}`
      )
    const reason = info && misfit(task, info)
    if (reason) refuse(`models.${i}.kind`, reason)
    return info
  })
  const axes = experiment.sweep.map((axis, i) => {
    const dot = axis.param.lastIndexOf('.')
    const [owner, param] = [axis.param.slice(0, dot), axis.param.slice(dot + 1)]
    const at = `sweep.${i}.param`
    if (dot <= 0) refuse(at, `Name a swept parameter as task.NAME, model.NAME or LABEL.NAME, not "${axis.param}".`)
    if ('from' in axis && axis.scale === 'log' && (axis.from <= 0 || axis.to <= 0))
      refuse(`sweep.${i}.from`, 'A log range needs both ends above zero.')
    const onTask = owner === 'task'
    const indices = onTask
      ? []
      : models.flatMap((m, j) =>
          m && Object.hasOwn(m.params, param) && (owner === 'model' || owner === labels[j]) ? [j] : []
        )
    if (dot > 0 && (onTask ? !Object.hasOwn(task.params, param) : indices.length === 0))
      refuse(
        at,
        onTask ? `${task.title} has no parameter "${param}".` : `No model here has the parameter "${axis.param}".`
      )
    const condition = axis.when && {
      param: axis.when.param.slice(axis.when.param.lastIndexOf('.') + 1),
      in: axis.when.in
    }
    if (condition) {
      const owners = [task.params, ...indices.map((j) => (models[j] as ModelInfo).params)]
      const declared = owners.filter((params) => Object.hasOwn(params, condition.param)).map((p) => p[condition.param])
      const never = condition.in.find((value) => !declared.some((one) => couldBe(one, value)))
      if (condition.param === param || !declared.length)
        refuse(`sweep.${i}.when`, `"${axis.when!.param}" is no parameter on which "${axis.param}" could depend.`)
      else if (never !== undefined)
        refuse(`sweep.${i}.when`, `"${axis.when!.param}" is never "${never}", so "${axis.param}" would not be swept.`)
    }
    return {
      param,
      onTask,
      indices,
      values: axisValues(axis),
      stream: axis.param,
      ...(condition && { when: condition }),
      ...('from' in axis && { range: axis }),
      ...('probabilities' in axis && axis.probabilities && { probabilities: axis.probabilities })
    }
  })
  const taken = new Set<string>()
  for (const [i, axis] of axes.entries())
    for (const owner of axis.onTask ? [-1, ...models.keys()] : axis.indices) {
      if (taken.has(`${owner}.${axis.param}`)) refuse(`sweep.${i}.param`, `"${axis.param}" is swept twice.`)
      taken.add(`${owner}.${axis.param}`)
    }
  for (const [i, axis] of experiment.sweep.entries())
    if ('probabilities' in axis && axis.probabilities && axis.probabilities.length !== axis.values.length)
      refuse(
        `sweep.${i}.probabilities`,
        `${axis.values.length} values have ${axis.probabilities.length} probabilities; each needs one.`
      )
  const seeds = seedsOf(experiment)
  if (errors.length) return { errors }

  const taskAxes = axes.filter((a) => a.onTask)
  const axesOf = models.map((_, j) => axes.filter((a) => a.indices.includes(j)))
  const size = (list: typeof axes): number => list.reduce((n, a) => n * a.values.length, 1)
  const { search } = experiment
  const trials = axesOf.reduce((sum, own) => sum + (search?.count ?? size(own) * size(taskAxes)), 0) * seeds.length
  if (trials > limits.trials) {
    refuse('sweep', `This grid has ${plural(trials, 'trial')}; at most ${count(limits.trials)} are allowed.`)
    return { errors }
  }
  /** The points of a model's own axes at a point of the task's. */
  const modelPoints = (j: number, taskPoint: Point): Point[] => {
    const own = axesOf[j]
    const fixed = (name: string): unknown =>
      taskPoint[name] ?? experiment.models[j].params[name] ?? models[j]?.params[name]?.default ?? fixedTask(name)
    if (!search || !drawn) return gridPoints(own, fixed)
    const key = JSON.stringify(taskPoint)
    const here = drawnPoints(own, search).filter((_, i) => JSON.stringify(drawn[i]) === key)
    return distinct(here.map((point) => conditioned(point, own, fixed)))
  }
  const cells: Cell[] = []
  const seen = new Set<string>()
  /** What is wrong with a value that is swept is told where the sweep stands. */
  const atSweep = (error: ErrorData): ErrorData => {
    const [, own, name] = /^(task|models\.\d+)\.params\.([^.]+)$/.exec(error.field ?? '') ?? []
    const i = axes.findIndex(
      ({ param, onTask, indices }) =>
        param === name && (own === 'task' ? onTask : indices.includes(Number(own?.slice('models.'.length))))
    )
    return i < 0 ? error : { ...error, field: `sweep.${i}.${'range' in axes[i] ? 'from' : 'values'}` }
  }
  const report = (list: ErrorData[]): void => {
    for (const error of list.map(atSweep)) {
      const key = `${error.field} ${error.message}`
      if (!seen.has(key)) errors.push(error)
      seen.add(key)
    }
  }
  const fixedTask = (name: string): unknown => experiment.task.params[name] ?? task.params[name]?.default
  const drawn = search && drawnPoints(taskAxes, search).map((point) => conditioned(point, taskAxes, fixedTask))
  for (const taskPoint of drawn ? distinct(drawn) : gridPoints(taskAxes, fixedTask)) {
    const filledTask = fillParams(
      task.params,
      { ...experiment.task.params, ...taskPoint },
      'task.params',
      undefined,
      known
    )
    report(filledTask.errors)
    if (filledTask.errors.length) continue
    for (const [j, use] of experiment.models.entries())
      for (const modelPoint of modelPoints(j, taskPoint)) {
        const filled = fillParams(
          (models[j] as ModelInfo).params,
          { ...use.params, ...modelPoint },
          `models.${j}.params`,
          taskDims(filledTask.values),
          known
        )
        report(filled.errors)
        cells.push({
          use: j,
          label: labels[j],
          model: use.kind,
          params: filled.values,
          taskParams: filledTask.values,
          point: { ...taskPoint, ...modelPoint },
          ...(use.weights !== undefined && { weights: use.weights })
        })
      }
  }
  if (!errors.length)
    errors.push(
      ...openingErrors(experiment.opens ?? {}, task),
      ...predictionErrors(experiment.predictions ?? [], task, cells)
    )
  return errors.length ? { errors } : { grid: { task, cells, seeds, trials: cells.length * seeds.length }, errors }
}

/** Whether a parameter can have this value at all. */
function couldBe(declared: Param, value: AxisValue): boolean {
  switch (declared.type) {
    case 'choice':
      return declared.options.includes(value as string)
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
    case 'number':
      return typeof value === 'number' && value >= declared.min && value <= declared.max
    default:
      return false
  }
}

/** The files of the user's folder that a missing model may be in. */
function notLoaded({ notLoaded = [] }: Catalog): string {
  return notLoaded.length
    ? ` Not loaded: ${notLoaded.map(({ file, message }) => `${file} (${message})`).join('; ')}`
    : ''
}

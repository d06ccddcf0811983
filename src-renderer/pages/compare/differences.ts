/** What was set differently: parameters of models and tasks, and where the runs were made. */
import { type Catalog, modelIn, taskIn, type TaskInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult, Run } from '../../../src-shared/shapes/run.ts'
import { axisValues } from '../../../src-shared/grid/expand.ts'
import { seedsOf } from '../../../src-shared/shapes/experiment.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import { canonical } from '../../../src-shared/grid/identity.ts'
import { sweptAxes, taskParams } from '../../../src-shared/findings/results.ts'
import { seedsText } from '../../../src-shared/text/seeds.ts'
import { bytes } from '../../../src-shared/text/numbers.ts'
import { defaultsOf, type Params } from '../../../src-shared/shapes/params.ts'

export interface Difference {
  group: 'Model' | 'Task' | 'Run'
  /** Dotted path of the parameter. */
  name: string
  label: string
  unit?: string
  /** One per column; undefined where it does not apply. */
  values: (string | undefined)[]
  differs: boolean
}

export interface Column {
  label: string
  run: Run
  /** Any cell of the model: its parameters, less those that were swept. */
  cell: CellResult
}

type Entry = Omit<Difference, 'values' | 'differs'> & { value: string }

/** The first cell of every label, in their order. */
export function firstOfEach(
  cells: readonly CellResult[],
  labelOf: (cell: CellResult) => string
): { label: string; model: string; cell: CellResult }[] {
  const first = new Map<string, CellResult>()
  for (const cell of cells) if (!first.has(labelOf(cell))) first.set(labelOf(cell), cell)
  return [...first].map(([label, cell]) => ({ label, model: cell.model, cell }))
}

/** A row per setting, in the order model, task, run. A setting differs when two columns that have it disagree, or when one lacks it. */
export function differences(columns: readonly Column[], catalog: Catalog): Difference[] {
  const rows = new Map<string, Difference>()
  for (const [i, column] of columns.entries())
    for (const { value, ...entry } of settings(column, catalog)) {
      const key = `${entry.group} ${entry.name}`
      const row = rows.get(key) ?? { ...entry, values: columns.map(() => undefined), differs: false }
      row.values[i] = value
      rows.set(key, row)
    }
  const order = ['Model', 'Task', 'Run']
  return [...rows.values()]
    .map((row) => ({ ...row, differs: new Set(row.values).size > 1 }))
    .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
}

function settings({ run, cell }: Column, catalog: Catalog): Entry[] {
  const task = taskIn(catalog, run.task)
  const swept = new Set(Object.keys(cell.point))
  const model = modelIn(catalog, cell.model)
  const { provenance: p, experiment } = run
  const fact = (name: string, value: string): Entry => ({ group: 'Run', name, label: name, value })
  return [
    { group: 'Model', name: 'kind', label: 'Model', value: model?.title ?? cell.model },
    // A run from before a parameter was added has it at its default.
    ...flat({ ...defaultsOf(model?.params), ...cell.params }, model?.params, 'Model', swept),
    { group: 'Task', name: 'kind', label: 'Task', value: task?.title ?? run.task },
    ...flat(taskParams(run, task), task?.params, 'Task', swept),
    ...experiment.sweep.map((axis): Entry => ({
      group: 'Task',
      name: `sweep.${axis.param}`,
      label: `Sweep of ${axis.param}`,
      value: axisValues(axis).map(String).join(', ')
    })),
    fact('Seeds', seedsText(seedsOf(experiment))),
    fact('Generator', experiment.generator),
    fact('Backend', p.adapter ? `${p.backend} (${p.adapter})` : p.backend),
    fact('CPU', p.cpu),
    fact('CPU cores', String(p.cores)),
    fact('Memory', bytes(p.memoryBytes)),
    fact('System', p.os),
    fact('Node', p.node),
    ...Object.entries(p.libraries).map(([name, version]) => fact(name, version)),
    fact('Studio version', p.version),
    fact('Code version', p.commit)
  ]
}

/**
 * Results of several runs on common axes: where one run swept a parameter of the task, the others lie at the value they
 * had it at.
 */
export function placed<R extends { runId: string; point: Point }>(
  results: readonly R[],
  runs: readonly Run[],
  task: TaskInfo | undefined
): R[] {
  const axes = sweptAxes(results).filter(({ name }) => task && Object.hasOwn(task.params, name))
  const paramsOf = new Map(runs.map((run) => [run.id, taskParams(run, task)]))
  return results.map((result) => {
    const own: Point = {}
    for (const { name } of axes) {
      const value = paramsOf.get(result.runId)?.[name]
      const scalar = typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
      if (result.point[name] === undefined && scalar) own[name] = value
    }
    return Object.keys(own).length ? { ...result, point: { ...own, ...result.point } } : result
  })
}

function flat(
  params: Readonly<Record<string, unknown>>,
  declared: Params | undefined,
  group: Entry['group'],
  leaveOut: ReadonlySet<string>
): Entry[] {
  return Object.entries(params).flatMap(([name, value]) => {
    if (leaveOut.has(name)) return []
    const info = declared?.[name]
    return [
      {
        group,
        name,
        label: info?.label ?? name,
        ...(info?.unit && { unit: info.unit }),
        value: typeof value === 'object' && value !== null ? canonical(value) : String(value)
      }
    ]
  })
}

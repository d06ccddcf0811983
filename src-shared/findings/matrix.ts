/** Runs of several tasks as one matrix: model by task, each with its mean, interval and rank. */
import { type Catalog, type MetricInfo, taskIn, type TaskInfo } from '../shapes/catalog.ts'
import type { CellResult, Run } from '../shapes/run.ts'
import { meanInterval, type Interval } from '../statistics/interval.ts'
import { compare, mean } from '../statistics/numbers.ts'
import { midRanks } from '../statistics/significance.ts'
import { scaleOf } from './results.ts'
import { pooledScale } from './scales.ts'
import { doneValues } from './summary.ts'

export interface MatrixCell extends Interval {
  /** 1 is best; equals share their mean rank. null for a metric without a direction. */
  rank: number | null
  /** Trials that diverged or failed: never averaged in. */
  lost: number
}

export interface SuiteMatrix {
  tasks: { runId: string; task: TaskInfo; metric: MetricInfo }[]
  /** Best mean rank first; `cells` in the order of the tasks. */
  rows: { label: string; model: string; cells: (MatrixCell | undefined)[]; meanRank: number | null }[]
}

/**
 * Each task by its main metric. Where a run has several points, a seed counts by its mean over the points that all its
 * trials finished, so that the interval is one over seeds. Models are told apart by their label; ranks hold within a
 * task, their mean over the tasks that tested the model.
 */
export function suiteMatrix(runs: readonly Run[], cells: readonly CellResult[], catalog: Catalog): SuiteMatrix {
  const tasks = runs.flatMap((run) => {
    const task = taskIn(catalog, run.task)
    const metric = task?.metrics.find(({ name }) => name === task.mainMetric)
    return task && metric ? [{ runId: run.id, task, metric }] : []
  })
  const models = new Map(cells.map((cell) => [cell.label, cell.model]))
  const columns = tasks.map(({ runId, metric }) => {
    const found = new Map<string, MatrixCell>()
    for (const label of models.keys()) {
      const own = cells.filter((cell) => cell.runId === runId && cell.label === label)
      const values = bySeed(own, metric.name)
      const lost = own.reduce((n, c) => n + c.statuses.filter((s) => s !== 'done' && s !== 'missing').length, 0)
      if (values.length)
        found.set(label, {
          ...meanInterval(values, pooledScale(own.map((cell) => scaleOf(cell, metric.name)))),
          rank: null,
          lost
        })
    }
    rankAll([...found.values()], metric)
    return found
  })
  const rows = [...models].map(([label, model]) => {
    const own = columns.map((column) => column.get(label))
    const ranks = own.flatMap((cell) => (cell && cell.rank !== null ? [cell.rank] : []))
    const meanRank = ranks.length ? mean(ranks) : null
    return { label, model, cells: own, meanRank }
  })
  rows.sort((a, b) => compare(a.meanRank ?? Infinity, b.meanRank ?? Infinity) || a.label.localeCompare(b.label, 'en'))
  return { tasks, rows }
}

/** One value per seed that finished every point. */
function bySeed(cells: readonly CellResult[], metric: string): number[] {
  const lists = new Map<number, number[]>()
  for (const cell of cells) {
    const { seeds, values } = doneValues(cell, metric)
    seeds.forEach((seed, i) => lists.set(seed, [...(lists.get(seed) ?? []), values[i]]))
  }
  return [...lists.values()].filter((list) => list.length === cells.length).map(mean)
}

function rankAll(cells: readonly MatrixCell[], { direction }: MetricInfo): void {
  if (direction === 'none') return
  const ranks = midRanks(cells.map(({ mean }) => (direction === 'higher' ? -mean : mean)))
  cells.forEach((cell, i) => (cell.rank = ranks[i]))
}

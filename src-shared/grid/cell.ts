/** What a grid is made of: cells, each a model at a point, and their seeds. */
import type { TaskInfo } from '../shapes/catalog.ts'
import type { Dims, ParamValues } from '../shapes/params.ts'
import type { Point } from '../shapes/point.ts'

/** All trials of one model at one point: they differ only in their seed, so they run as one batch. */
export interface Cell {
  /** Index into `experiment.models`. */
  use: number
  label: string
  model: string
  params: ParamValues
  taskParams: ParamValues
  point: Point
  weights?: string
  /**
   * Parameters of the task that tuning has set. They are no part of what the task draws: models whose rates differ still
   * meet the same data.
   */
  tuned?: readonly string[]
}

/** A cell with one of the points that tuning tries. */
export interface TuningCell extends Cell {
  /** Index of the cell that it is tried for. */
  for: number
  /** The values tried, by bare names; they are in `params` and `taskParams` too. */
  values: Point
}

/** What every model tries before its report seeds run. */
export interface TuningGrid {
  metric: string
  direction: 'higher' | 'lower'
  cells: TuningCell[]
  seeds: number[]
  trials: number
}

export interface Grid {
  task: TaskInfo
  cells: Cell[]
  seeds: number[]
  /** Cells times seeds. */
  trials: number
  tuning?: TuningGrid
}

/** Sizes that a task's parameters fix: those of its parameters that are named like a size. */
export function taskDims(params: ParamValues): Dims {
  const size = (key: string): number | undefined => (typeof params[key] === 'number' ? params[key] : undefined)
  return {
    dim: size('dim') ?? (size('rows') ?? 8) * (size('columns') ?? 8),
    ...(size('valueDim') !== undefined && { valueDim: size('valueDim') }),
    ...(size('contextDim') !== undefined && { contextDim: size('contextDim') }),
    ...(size('rows') !== undefined && { rows: size('rows') }),
    ...(size('columns') !== undefined && { columns: size('columns') })
  } as Dims
}

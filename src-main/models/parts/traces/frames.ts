/** What a memory holds over time: a few of its states, each shown as a small matrix. */
import type { Trace } from '../../model.ts'
import type { TraceValue } from '../../../../src-shared/shapes/outcome.ts'

const mostFrames = 16
/** Of all frames of a trace together, so that it stays small enough to keep with every trial. */
const mostNumbers = 8192
const significantDigits = 4
/** Sides of a frame at most; beyond it neighbours are averaged. */
const [mostRows, mostColumns] = [32, 32]
const mostHeads = 8

/** One state. */
export interface Frame {
  /** When: "after token 32 of 64". */
  label: string
  /** [rows, columns]; NaN where there is nothing. */
  data: ArrayLike<number>
}

/** Steps, from 0, of which frames are kept: at most sixteen of so many, evenly spaced, the last one among them. */
export function framedSteps(length: number): number[] {
  const step = Math.ceil(length / mostFrames)
  return Array.from({ length: step ? Math.ceil(length / step) : 0 }, (_, i) => length - 1 - i * step).reverse()
}

export interface FrameShape {
  rows: number
  columns: number
  /** Whether neighbouring rows may be averaged where there are many; entries of their own may not. */
  keepRows?: boolean
}

/** One trial's frames: thinned and averaged to what a trace may hold. Labels name the frames, the rows, the columns. */
export function framesValue(frames: readonly Frame[], { rows, columns, keepRows = false }: FrameShape): TraceValue {
  const height = keepRows ? 1 : Math.ceil(rows / mostRows)
  const shownRows = Math.ceil(rows / height)
  const width = Math.ceil(columns / Math.max(1, Math.min(mostColumns, Math.floor(mostRows ** 2 / shownRows))))
  const shownColumns = Math.ceil(columns / width)
  const fitting = Math.max(2, Math.floor(mostNumbers / (shownRows * shownColumns)))
  const step = Math.ceil(frames.length / Math.min(fitting, mostFrames + 1))
  const shown = frames.filter((_, i) => (frames.length - 1 - i) % step === 0)
  return {
    shape: [shown.length, shownRows, shownColumns],
    data: shown.flatMap(({ data }) => averaged(data, rows, columns, height, width)),
    labels: [...shown.map(({ label }) => label), ...namesOf(rows, height), ...namesOf(columns, width)]
  }
}

/** Numbers from 1, or the ranges that were averaged. */
function namesOf(count: number, size: number): string[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const [first, last] = [i * size + 1, Math.min(count, (i + 1) * size)]
    return first === last ? String(first) : `${first}–${last}`
  })
}

function averaged(data: ArrayLike<number>, rows: number, columns: number, height: number, width: number): number[] {
  const out: number[] = []
  for (let top = 0; top < rows; top += height)
    for (let left = 0; left < columns; left += width) {
      let [sum, count] = [0, 0]
      for (let r = top; r < Math.min(rows, top + height); r++)
        for (let c = left; c < Math.min(columns, left + width); c++) {
          sum += data[r * columns + c]
          count++
        }
      out.push(Number((sum / count).toPrecision(significantDigits)))
    }
  return out
}

/** States of a whole batch at one moment: [B, H, rows, columns] flat. */
export interface BatchFrame {
  label: string
  data: ArrayLike<number>
}

export interface MatrixTraces {
  name: string
  title: string
  /** What rows and columns are. */
  axes: readonly [string, string]
  batch: number
  heads: number
  rows: number
  columns: number
}

/** A trace of frames for each head of memories that are matrices. */
export function matrixTraces(frames: readonly BatchFrame[], shape: MatrixTraces): Trace[] {
  const { name, title, axes, batch, heads, rows, columns } = shape
  const size = rows * columns
  return Array.from({ length: Math.min(heads, mostHeads) }, (_, h) => ({
    name: heads > 1 ? `${name}.${h}` : name,
    title: heads > 1 ? `${title}, head ${h + 1}` : title,
    kind: 'frames',
    axes,
    perTrial: Array.from({ length: batch }, (_, b) =>
      framesValue(
        frames.map(({ label, data }) => ({
          label,
          data: Array.from({ length: size }, (_, i) => data[(b * heads + h) * size + i])
        })),
        { rows, columns }
      )
    )
  }))
}

/** Pictures on a grid of rows x columns, flattened row by row: 1 where the picture is, 0 elsewhere. */
import { integer } from '../../../src-shared/shapes/params.ts'

/** A grid that the models take over. */
export const gridParams = {
  rows: integer('Rows', 8, { help: 'Rows of the grid.', min: 3, max: 64 }),
  columns: integer('Columns', 8, { help: 'Columns of the grid.', min: 3, max: 64 })
}

type Shape = (r: number, c: number, rows: number, columns: number) => boolean

const diagonal: Shape = (r, c, rows, columns) =>
  rows <= columns ? r === Math.floor((c * rows) / columns) : c === Math.floor((r * columns) / rows)
const cross: Shape = (r, c, rows, columns) => r === rows >> 1 || c === columns >> 1

/** The pictures of the experiment `structure`. */
export const structures: Readonly<Record<string, Shape>> = {
  diagonal,
  cross,
  border: (r, c, rows, columns) => r === 0 || c === 0 || r === rows - 1 || c === columns - 1,
  checkerboard: (r, c) => (r + c) % 2 === 0,
  ring: (r, c, rows, columns) => {
    // A circle one cell wide, stretched to the grid; lengths in cells of the shorter side.
    const side = Math.min(rows, columns)
    const [y, x] = [((2 * r + 1) / rows - 1) * (side / 2), ((2 * c + 1) / columns - 1) * (side / 2)]
    return Math.abs(Math.hypot(x, y) - 0.34 * side) <= 0.5
  }
}

/** The pictures of the experiment `composition`. */
export const compositions: Readonly<Record<string, Shape>> = {
  line: (r, _, rows) => r === rows >> 1,
  corner: (r, c) => r === 0 || c === 0,
  cross,
  T: (r, c, _, columns) => r === 0 || c === columns >> 1,
  L: (r, c, rows) => c === 0 || r === rows - 1
}

/** The picture as rows * columns numbers. */
export function draw(shape: Shape, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) =>
    shape(Math.floor(i / columns), i % columns, rows, columns) ? 1 : 0
  )
}

/** The same pictures for every trial: [B * count * rows * columns]. */
export function drawAll(
  shapes: Readonly<Record<string, Shape>>,
  rows: number,
  columns: number,
  batch: number
): Float32Array {
  const one = Object.values(shapes).flatMap((shape) => [...draw(shape, rows, columns)])
  const all = new Float32Array(batch * one.length)
  for (let b = 0; b < batch; b++) all.set(one, b * one.length)
  return all
}

/** Pearson's correlation; 0 when either side does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length
  let [ma, mb] = [0, 0]
  for (let i = 0; i < n; i++) {
    ma += a[i] / n
    mb += b[i] / n
  }
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    ab += (a[i] - ma) * (b[i] - mb)
    aa += (a[i] - ma) ** 2
    bb += (b[i] - mb) ** 2
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}

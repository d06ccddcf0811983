import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { cueParams } from './parts/cues.ts'
import { capacityAt95, listParams, listTask, recallList } from './parts/list.ts'
import { gridParams } from './parts/patterns.ts'
import { rows as asRows, withTensors } from './parts/tensors.ts'

/**
 * Matrix capacity: structured matrices in a memory of matrices and in one of vectors.
 *
 * N patterns on a grid, each its own value: first every single row, then every single column, the diagonal, and after
 * these random patterns at right angles to all before them for as long as the grid has room (then plain random). All
 * have length sqrt(d), d = rows * columns. Store them at once and recall each by itself (exact, with noise, in part).
 * With equal slots true-matrix and true-episodic have equal parameters; they read alike and differ in how they write.
 */
export default defineTask({
  id: 'matrix-capacity',
  title: 'Matrix capacity',
  family: 'Recall',
  summary: 'Does a memory of matrices hold more structured patterns than one of vectors?',
  protocol: [
    'Make N patterns on the grid: rows, columns, the diagonal, then random ones at right angles to these.',
    'Store the whole list in one call, each pattern as its own value.',
    'Recall every pattern by itself: exact, with noise, or in part.',
    'Compare what comes back with all patterns: the nearest should be its own.',
    'Compare memories with the same number of slots: they hold the same number of parameters.'
  ],
  diagram: [
    { kind: 'draw', title: 'Patterns', lines: ['rows, columns, diagonal', 'then orthogonal random'] },
    { kind: 'study', title: 'Study', lines: ['p₁ → p₁', 'p₂ → p₂', '… N patterns in one call'] },
    { kind: 'cue', title: 'Cue', lines: ['p̃ᵢ: exact, noisy or part', 'p̃ᵢ → rᵢ'] },
    { kind: 'judge', title: 'Judge', lines: ['nearest of N patterns', '= pᵢ ?'] }
  ],
  source: 'Matrix against vector memory comparison of the source documents',
  params: {
    items: integer('Patterns', 20, { help: 'Patterns in the list.', min: 1, max: 4000, symbol: 'N', scale: 'log' }),
    ...gridParams,
    writes: listParams.writes,
    threshold: listParams.threshold,
    ...cueParams
  },
  defaultSweep: { items: [10, 20, 40, 80] },
  ...listTask,
  derived: [capacityAt95('patterns')],
  needs: { interface: 'key-value' },
  revision: 1,
  run: (params, context) =>
    withTensors(async (own) => {
      const { items, rows, columns } = params
      const size = items * rows * columns
      const normal = context.random.normal('patterns', size)
      const all = new Float32Array(context.batch * size)
      for (let b = 0; b < context.batch; b++)
        all.set(gridPatterns(normal.subarray(b * size, (b + 1) * size), items, rows, columns), b * size)
      const keys = own(asRows(all, context.batch, rows * columns))
      return recallList(params, { keys, values: keys }, own, context)
    })
})

/**
 * The first `items` patterns, each of length sqrt(rows * columns).
 * @param normal [items * rows * columns] what the random patterns are made of
 */
export function gridPatterns(normal: Float32Array, items: number, rows: number, columns: number): Float32Array {
  const d = rows * columns
  const out = Float64Array.from(normal)
  /** An orthonormal basis of the patterns so far. */
  const basis: Float64Array[] = []
  for (let i = 0; i < items; i++) {
    const pattern = out.subarray(i * d, (i + 1) * d)
    const structured = i <= rows + columns
    if (structured)
      for (let k = 0; k < d; k++) {
        const [r, c] = [Math.floor(k / columns), k % columns]
        pattern[k] = Number(i < rows ? r === i : i < rows + columns ? c === i - rows : r === c)
      }
    const rest = reduce(Float64Array.from(pattern), basis)
    const left = length(rest)
    const room = left > 1e-6 * length(pattern)
    if (room) basis.push(rest.map((x) => x / left))
    if (!structured && room) pattern.set(rest)
    const scale = Math.sqrt(d) / length(pattern)
    for (let k = 0; k < d; k++) pattern[k] *= scale
  }
  return Float32Array.from(out)
}

const length = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))

/** What is left of v outside the basis; twice, against rounding. */
function reduce(v: Float64Array, basis: readonly Float64Array[]): Float64Array {
  for (let pass = 0; pass < 2; pass++)
    for (const u of basis) {
      const share = u.reduce((sum, x, i) => sum + x * v[i], 0)
      for (let k = 0; k < v.length; k++) v[k] -= share * u[k]
    }
  return v
}

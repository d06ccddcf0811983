/** Aggregates over tasks with their intervals as a figure: the models side by side in each. */
import type { Benchmark } from '../findings/benchmark.ts'
import type { FigureSpec, SeriesStyle } from './spec.ts'

const aggregates = [
  ['median', 'Median ↑'],
  ['iqm', 'IQM ↑'],
  ['mean', 'Mean ↑'],
  ['optimalityGap', 'Optimality gap ↓']
] as const

/** Models stand so far apart in one aggregate, and all of them within so much. */
const [apart, room] = [0.12, 0.6]

export function aggregatesFigure(
  { tasks, rows, method, remarks }: Pick<Benchmark, 'tasks' | 'rows' | 'method' | 'remarks'>,
  styleOf: (label: string) => SeriesStyle
): FigureSpec {
  const step = Math.min(apart, room / rows.length)
  return {
    title: tasks.length > 1 ? `Aggregates over ${tasks.length} tasks` : 'Aggregates of one task',
    x: { label: 'Aggregate', scale: 'category', categories: aggregates.map(([, label]) => label) },
    y: { label: 'Score', scale: 'linear' },
    series: rows.map((row, i) => ({
      label: row.model,
      style: styleOf(row.model),
      points: aggregates.map(([name], k) => {
        const { estimate, low, high } = row[name]
        return {
          x: k + (i - (rows.length - 1) / 2) * step,
          y: estimate,
          ...(low !== null && high !== null && { low, high })
        }
      })
    })),
    scatter: true,
    interval: 'bars',
    asymmetric: true,
    method,
    remarks: ['a score is 0 at chance or at the worst possible, 1 at the best possible', ...remarks]
  }
}

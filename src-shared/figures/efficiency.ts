/** Curves of sample efficiency as a figure. */
import type { Efficiency } from '../findings/efficiency.ts'
import type { FigureSpec, SeriesStyle } from './spec.ts'

export const efficiencyFigure = (
  { steps, models, tasks, method, remarks }: Efficiency,
  styleOf: (label: string) => SeriesStyle
): FigureSpec => ({
  title: tasks.length > 1 ? `Sample efficiency over ${tasks.length} experiments` : 'Sample efficiency',
  x: { label: 'Step', scale: 'linear' },
  y: { label: 'Interquartile mean of the score', scale: 'linear', direction: 'higher', within: [0, 1] },
  series: models.map(({ model, points, seeds }) => ({
    label: model,
    style: styleOf(model),
    points: points.map(({ estimate, low, high }, i) => ({
      x: steps[i],
      y: estimate,
      n: seeds,
      ...(low !== null && high !== null && { low, high })
    }))
  })),
  interval: 'band',
  asymmetric: true,
  method,
  ...(remarks.length > 0 && { remarks })
})

import type { ChartConfiguration } from 'chart.js'
import type { DistributionSpec } from '../../src-shared/figures/measured.ts'
import { axisTitle } from '../../src-shared/figures/spec.ts'
import type { Ink } from './chart-config.ts'
import { numberText } from '../../src-shared/text/numbers.ts'

export type DistributionKind = 'boxplot' | 'violin'

/** Every trial as a point over a box (quartiles, median, whiskers to 1.5 times the interquartile range) or a violin. */
export function distributionConfig(
  spec: DistributionSpec,
  kind: DistributionKind,
  ink: Ink
): ChartConfiguration<DistributionKind, number[][]> {
  const groups = spec.groups.filter(({ values }) => values.length)
  const colours = groups.map(({ style }) => style.colour)
  return {
    type: kind,
    data: {
      // Two lines: the model, and of how many trials it is.
      labels: groups.map(({ label, values }) => [label, `n = ${values.length}`]),
      datasets: [
        {
          label: spec.y.label,
          data: groups.map(({ values }) => values.map(({ value }) => value)),
          borderColor: colours,
          backgroundColor: colours.map((colour) => `${colour}26`),
          borderWidth: 1.5,
          itemRadius: 2.5,
          itemBackgroundColor: colours,
          itemBorderColor: colours,
          // What lies beyond the whiskers is a trial like the others: without this it would not be drawn at all.
          outlierRadius: 2.5,
          outlierBackgroundColor: colours,
          outlierBorderColor: colours,
          meanRadius: 0,
          maxBarThickness: 70
        }
      ]
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      clip: 6,
      scales: {
        x: { type: 'category', grid: { display: false }, border: { color: ink.text }, ticks: { color: ink.text } },
        y: {
          ...(spec.y.range && { min: spec.y.range[0], max: spec.y.range[1] }),
          title: { display: true, text: axisTitle(spec.y), color: ink.text },
          grid: { color: ink.grid, tickColor: ink.grid },
          border: { color: ink.text },
          ticks: { color: ink.text }
        }
      },
      plugins: {
        tooltip: {
          animation: false,
          callbacks: {
            label: ({ dataIndex }) => {
              const values = groups[dataIndex].values
              const numbers = values.map(({ value }) => value)
              return `${values.length} trials from ${numberText(Math.min(...numbers))} to ${numberText(Math.max(...numbers))}`
            }
          }
        }
      }
    }
  } as ChartConfiguration<DistributionKind, number[][]>
}

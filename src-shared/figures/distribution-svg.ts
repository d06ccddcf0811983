/** Distributions over seeds as an SVG file: a box per model and a point per trial. */
import { axisTitle } from './spec.ts'
import type { DistributionSpec } from './measured.ts'
import { markup } from '../text/markup.ts'
import { grid, ink, legendOf, svgFile } from './svg-frame.ts'
import { makeScale } from './scales.ts'
import { quantile } from '../statistics/quantile.ts'

export function distributionSvg(spec: DistributionSpec): string {
  const width = 640
  const groups = spec.groups.filter(({ values }) => values.length)
  const legend = legendOf(groups, 64, 352, width - 90)
  const height = 352 + legend.height
  const box = { left: 64, right: width - 16, top: 36, bottom: 316 }
  const y = makeScale(
    spec.y,
    groups.flatMap(({ values }) => values.map(({ value }) => value))
  )
  const py = (value: number): number => Math.round(100 * (box.bottom - y.at(value) * (box.bottom - box.top))) / 100
  const step = (box.right - box.left) / Math.max(1, groups.length)
  const half = Math.min(35, step / 3)
  return svgFile(spec.title, width, height, [
    ...y.ticks.map(
      ({ value, label }) =>
        markup`<line x1="${box.left}" x2="${box.right}" y1="${py(value)}" y2="${py(value)}" stroke="${grid}"/><text x="${box.left - 8}" y="${py(value) + 4}" text-anchor="end">${label}</text>`
    ),
    markup`<line x1="${box.left}" x2="${box.right}" y1="${box.bottom}" y2="${box.bottom}" stroke="${ink}"/>`,
    markup`<text transform="translate(16 ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle">${axisTitle(spec.y)}</text>`,
    ...groups.map(({ values, style: { colour } }, g) => {
      const x = box.left + (g + 0.5) * step
      const sorted = values.map(({ value }) => value).sort((a, b) => a - b)
      const [q1, middle, q3] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q))
      const reach = 1.5 * (q3 - q1)
      const low = sorted.find((value) => value >= q1 - reach)!
      const high = sorted.findLast((value) => value <= q3 + reach)!
      return markup`<g stroke="${colour}"><rect x="${x - half}" y="${py(q3)}" width="${2 * half}" height="${Math.max(0.5, py(q1) - py(q3))}" fill="${colour}" fill-opacity="0.15"/><path d="M${x - half} ${py(middle)}h${2 * half}" stroke-width="2"/><path d="M${x} ${py(q1)}V${py(low)}M${x} ${py(q3)}V${py(high)}M${x - 8} ${py(low)}h16M${x - 8} ${py(high)}h16" fill="none"/></g>${values.map(
        // Beside each other by seed, so that equal values stay apart.
        ({ value, seed }) =>
          markup`<circle cx="${(x + (((seed * 7) % 11) - 5) * (half / 8)).toFixed(2)}" cy="${py(value)}" r="2.5" fill="${colour}"/>`
      )}`
    }),
    markup`<text x="${box.left}" y="${box.bottom + 18}">Box: quartiles and median; whiskers: up to 1.5 times the interquartile range; a point per trial.</text>`,
    ...legend.drawn
  ])
}

/** Parallel coordinates as an SVG file. */
import type { SeriesStyle } from './spec.ts'
import { markup } from '../text/markup.ts'
import { ink, legendOf, svgFile } from './svg-frame.ts'

export interface ParallelSpec {
  title: string
  /** From left to right, with what stands at the two ends. */
  axes: readonly { label: string; low: string; high: string }[]
  /** Where each line crosses the axes, from 0 (low) to 1; null where it has no value. */
  lines: readonly { label: string; style: SeriesStyle; at: readonly (number | null)[] }[]
}

export function parallelSvg(spec: ParallelSpec): string {
  const width = Math.max(640, 120 * spec.axes.length)
  const box = { left: 80, right: width - 80, top: 66, bottom: 320 }
  const models = [...new Map(spec.lines.map(({ label, style }) => [label, { label, style }])).values()]
  const legend = legendOf(models, 24, 364, width - 48)
  const x = (i: number): number =>
    spec.axes.length === 1 ? width / 2 : box.left + (i * (box.right - box.left)) / (spec.axes.length - 1)
  const y = (at: number): number => box.bottom - at * (box.bottom - box.top)
  const path = (at: readonly (number | null)[]): string =>
    at
      .map((value, i) =>
        value === null ? '' : `${i > 0 && at[i - 1] !== null ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`
      )
      .join('')
  return svgFile(spec.title, width, 364 + legend.height, [
    ...spec.lines.map(
      ({ style, at }) =>
        markup`<path d="${path(at)}" fill="none" stroke="${style.colour}" stroke-opacity="0.6" stroke-width="1.3" stroke-dasharray="${style.dash.join(' ')}"/>`
    ),
    ...spec.axes.map(
      ({ label, low, high }, i) =>
        markup`<line x1="${x(i)}" x2="${x(i)}" y1="${box.top}" y2="${box.bottom}" stroke="${ink}"/><text x="${x(i)}" y="40" text-anchor="middle" font-weight="600">${label}</text><text x="${x(i)}" y="${box.top - 8}" text-anchor="middle">${high}</text><text x="${x(i)}" y="${box.bottom + 16}" text-anchor="middle">${low}</text>`
    ),
    ...legend.drawn
  ])
}

/** A map of one quantity over two axes as an SVG file, with its scale of colours. */
import type { HeatMapSpec } from './measured.ts'
import { withUnit } from './spec.ts'
import { markup } from '../text/markup.ts'
import { numberText } from '../text/numbers.ts'
import { ink, svgFile } from './svg-frame.ts'

/** At most so many labels stand beside an axis. */
const mostTicks = 12

/**
 * @param range the values at the two ends of the scale of colours
 * @param colourAt the colour at 0 (low) to 1 (high)
 */
export function heatMapSvg(
  spec: HeatMapSpec,
  range: readonly [number, number],
  colourAt: (share: number) => string
): string {
  const [width, height] = [640, 420]
  const box = { left: 84, right: width - 24, top: 36, bottom: height - 92 }
  const [columns, rows] = [spec.x.ticks.length, spec.y.ticks.length]
  const [w, h] = [(box.right - box.left) / Math.max(1, columns), (box.bottom - box.top) / Math.max(1, rows)]
  const share = (value: number): number => (range[1] > range[0] ? (value - range[0]) / (range[1] - range[0]) : 0.5)
  const some = (ticks: readonly string[]): { label: string; i: number }[] => {
    const step = Math.ceil(ticks.length / mostTicks)
    return ticks.flatMap((label, i) => (i % step === 0 ? [{ label, i }] : []))
  }
  // The first row of y is at the bottom.
  const cells = spec.values.flatMap((row, r) =>
    row.flatMap((value, c) =>
      value === null
        ? []
        : [
            markup`<rect x="${(box.left + c * w).toFixed(2)}" y="${(box.bottom - (r + 1) * h).toFixed(2)}" width="${w.toFixed(2)}" height="${h.toFixed(2)}" fill="${colourAt(share(value))}"/>`
          ]
    )
  )
  const steps = 32
  const ramp = Array.from(
    { length: steps },
    (_, i) =>
      markup`<rect x="${box.left + i * 6}" y="${height - 30}" width="6.5" height="12" fill="${colourAt(i / (steps - 1))}"/>`
  )
  return svgFile(spec.title, width, height, [
    ...cells,
    markup`<rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}" fill="none" stroke="${ink}"/>`,
    ...some(spec.x.ticks).map(
      ({ label, i }) =>
        markup`<text x="${(box.left + (i + 0.5) * w).toFixed(2)}" y="${box.bottom + 16}" text-anchor="middle">${label}</text>`
    ),
    ...some(spec.y.ticks).map(
      ({ label, i }) =>
        markup`<text x="${box.left - 6}" y="${(box.bottom - (i + 0.5) * h + 4).toFixed(2)}" text-anchor="end">${label}</text>`
    ),
    markup`<text x="${(box.left + box.right) / 2}" y="${box.bottom + 36}" text-anchor="middle">${withUnit(spec.x)}</text>`,
    markup`<text transform="translate(20 ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle">${withUnit(spec.y)}</text>`,
    ...ramp,
    markup`<text x="${box.left - 6}" y="${height - 20}" text-anchor="end">${numberText(range[0])}</text>`,
    markup`<text x="${box.left + steps * 6 + 8}" y="${height - 20}">${numberText(range[1])}: ${withUnit(spec.value)}</text>`
  ])
}

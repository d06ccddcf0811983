/**
 * A figure as SVG: the same FigureSpec that the screen draws, with legend, axis titles and units, for reports and
 * papers. Pure text; sizes in px; the font is the reader's sans-serif.
 */
import { axisTitle, type FigurePoint, type FigureSeries, type FigureSpec, type SeriesStyle } from './spec.ts'
import { markup, raw, type Markup } from '../text/markup.ts'
import { figureScales } from './scales.ts'

export interface FigureOptions {
  width?: number
  height?: number
  /** Colours of text, grid and background; the default is ink on white, as printed. */
  ink?: string
  grid?: string
  background?: string
  /** As a small picture beside words that name it: no title and no legend, and few names of categories. */
  small?: boolean
}

const font = 12
const lineHeight = 18

/** Draw a figure. Points without a value leave a gap; single points still show their marker and interval. */
export function figureSvg(spec: FigureSpec, options: FigureOptions = {}): string {
  const {
    width = 640,
    height = 400,
    ink = '#1a1a1a',
    grid = '#dddddd',
    background = '#ffffff',
    small = false
  } = options
  const entries = small
    ? []
    : [
        ...spec.series.map((s) => ({ label: s.label, style: s.style, reference: false })),
        ...(spec.references ?? []).map((r) => ({
          label: r.label,
          style: { colour: r.colour ?? ink, dash: r.dash, marker: 'circle' } as SeriesStyle,
          reference: true
        }))
      ]
  const legend = layoutLegend(entries, width - 80)
  const references = spec.references ?? []
  const wide = width - 80
  const { x, y, xTicks: everyX } = figureScales(spec, { width: wide })
  const yTicks = small && y.ticks.length > 4 ? y.ticks.filter((_, i) => (y.ticks.length - i) % 2 === 1) : y.ticks
  // Names that would run into each other say nothing.
  const fits = everyX.every(({ label }) => textWidth(label) < wide / everyX.length)
  const xTicks = small && !fits ? [] : everyX
  const top = small ? 10 : 34
  const bottom = small ? 40 : 58 + legend.rows * lineHeight
  const left = small ? 30 + Math.max(0, ...yTicks.map(({ label }) => textWidth(label))) : 64
  const box = { left, right: width - 16, top, bottom: height - bottom }

  const px = (value: number): number => round(box.left + x.at(value) * (box.right - box.left))
  const py = (value: number): number => round(box.bottom - y.at(value) * (box.bottom - box.top))

  const gridLines = [
    ...yTicks.map(
      (t) => markup`<line x1="${box.left}" x2="${box.right}" y1="${py(t.value)}" y2="${py(t.value)}" stroke="${grid}"/>
<text x="${box.left - 8}" y="${py(t.value) + 4}" text-anchor="end">${t.label}</text>`
    ),
    ...xTicks.map(
      (
        t
      ) => markup`<line x1="${px(t.value)}" x2="${px(t.value)}" y1="${box.bottom}" y2="${box.bottom + 4}" stroke="${ink}"/>
<text x="${px(t.value)}" y="${box.bottom + 18}" text-anchor="middle">${t.label}</text>`
    )
  ]
  const referenceLines = references.map((r) => {
    const points = r.points
      ? r.points.map((p) => `${px(p.x)},${py(p.y)}`).join(' ')
      : r.y !== undefined
        ? `${box.left},${py(r.y)} ${box.right},${py(r.y)}`
        : r.x !== undefined
          ? `${px(r.x)},${box.top} ${px(r.x)},${box.bottom}`
          : ''
    return markup`<polyline points="${points}" fill="none" stroke="${r.colour ?? ink}" stroke-width="1.2" stroke-dasharray="${r.dash.join(' ')}"/>`
  })
  const bands = (spec.bands ?? []).map((band) => {
    const [from, to] = band.x === undefined ? [box.left, box.right] : [px(band.x) - 10, px(band.x) + 10]
    return markup`<rect x="${from}" y="${py(band.high)}" width="${to - from}" height="${Math.max(1, py(band.low) - py(band.high))}" fill="${band.colour}" fill-opacity="0.15" stroke="${band.colour}" stroke-dasharray="2 2"><title>${band.label}</title></rect>`
  })
  const drawn = spec.series.map((s) => drawSeries(s, spec, px, py))
  const clip = `clip-${hashText(spec.title + spec.x.label + spec.y.label)}`
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${spec.title}" font-family="system-ui, sans-serif" font-size="${font}" fill="${ink}">
<title>${spec.title}</title>
<rect width="${width}" height="${height}" fill="${background}"/>
${!small && markup`<text x="${box.left}" y="20" font-size="14" font-weight="600">${spec.title}</text>`}
${gridLines}
<line x1="${box.left}" x2="${box.right}" y1="${box.bottom}" y2="${box.bottom}" stroke="${ink}"/>
<text x="${(box.left + box.right) / 2}" y="${box.bottom + (small ? 34 : 38)}" text-anchor="middle">${axisTitle(spec.x)}</text>
<text transform="translate(${small ? 12 : 16} ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle">${axisTitle(spec.y)}</text>
<clipPath id="${clip}"><rect x="${box.left - 6}" y="${box.top - 6}" width="${box.right - box.left + 12}" height="${box.bottom - box.top + 12}"/></clipPath>
<g clip-path="url(#${clip})">${bands}${referenceLines}${drawn}</g>
${legend.items.map((item) => {
  const [lx, ly] = [box.left + item.x, box.bottom + 58 + item.row * lineHeight]
  return markup`<line x1="${lx}" x2="${lx + 26}" y1="${ly}" y2="${ly}" stroke="${item.style.colour}" stroke-width="2" stroke-dasharray="${item.style.dash.join(' ')}"/>${item.reference ? '' : marker(item.style, lx + 13, ly)}<text x="${lx + 32}" y="${ly + 4}">${item.label}</text>`
})}
</svg>`.text
}

function drawSeries(
  series: FigureSeries,
  { interval, scatter = false }: FigureSpec,
  px: (v: number) => number,
  py: (v: number) => number
): Markup {
  const { style, points } = series
  const present = points.filter((p): p is FigurePoint & { y: number } => p.y !== null)
  const ranged = present.filter((p) => p.low !== undefined && p.high !== undefined)
  const uncertainty =
    interval === 'band'
      ? [
          markup`<polygon points="${[...ranged.map((p) => `${px(p.x)},${py(p.high!)}`), ...ranged.toReversed().map((p) => `${px(p.x)},${py(p.low!)}`)].join(' ')}" fill="${style.colour}" fill-opacity="0.18"/>`
        ]
      : ranged.map(
          (p) =>
            markup`<path d="M${px(p.x)} ${py(p.low!)}V${py(p.high!)}M${px(p.x) - 4} ${py(p.low!)}h8M${px(p.x) - 4} ${py(p.high!)}h8" stroke="${style.colour}" fill="none"/>`
        )
  const lines = (scatter ? [] : runs(points)).map(
    (run) =>
      markup`<polyline points="${run.map((p) => `${px(p.x)},${py(p.y!)}`).join(' ')}" fill="none" stroke="${style.colour}" stroke-width="2" stroke-dasharray="${style.dash.join(' ')}"/>`
  )
  // Markers on a dense curve would hide it.
  const markers = scatter || present.length <= 40 ? present.map((p) => marker(style, px(p.x), py(p.y))) : []
  return markup`<g>${uncertainty}${lines}${markers}</g>`
}

/** The stretches of a curve between its gaps. */
function runs(points: readonly FigurePoint[]): FigurePoint[][] {
  const out: FigurePoint[][] = [[]]
  for (const p of points) {
    if (p.y === null) out.push([])
    else out.at(-1)!.push(p)
  }
  return out.filter((run) => run.length > 1)
}

export function marker({ colour, marker }: SeriesStyle, x: number, y: number): Markup {
  const r = 4
  const stroke = markup`stroke="${colour}" stroke-width="2" fill="none"`
  switch (marker) {
    case 'circle':
      return markup`<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/>`
    case 'square':
      return markup`<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}" fill="${colour}"/>`
    case 'triangle':
      return markup`<path d="M${x} ${y - r - 1}l${r + 1} ${2 * r}h${-2 * r - 2}z" fill="${colour}"/>`
    case 'diamond':
      return markup`<path d="M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z" fill="${colour}"/>`
    case 'cross':
      return markup`<path d="M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}" ${stroke}/>`
    case 'plus':
      return markup`<path d="M${x} ${y - r - 1}v${2 * r + 2}M${x - r - 1} ${y}h${2 * r + 2}" ${stroke}/>`
    case 'star':
      return markup`<path d="M${x} ${y - r - 1}v${2 * r + 2}M${x - r} ${y - r / 2}l${2 * r} ${r}M${x + r} ${y - r / 2}l${-2 * r} ${r}" ${stroke}/>`
  }
}

/** Estimated at 0.56 em a character. */
const textWidth = (text: string): number => text.length * font * 0.56

/** Legend entries flow left to right and wrap. */
export function layoutLegend<T extends { label: string }>(
  entries: readonly T[],
  width: number
): { rows: number; items: (T & { x: number; row: number })[] } {
  let [x, row] = [0, 0]
  const items = entries.map((entry) => {
    const need = 32 + textWidth(entry.label) + 18
    if (x > 0 && x + need > width) {
      x = 0
      row++
    }
    const item = { ...entry, x, row }
    x += need
    return item
  })
  return { rows: entries.length ? row + 1 : 0, items }
}

const round = (value: number): number => Math.round(value * 100) / 100

/** Short, stable id for the clip path, so that many figures can stand in one document. */
function hashText(text: string): string {
  let h = 2166136261
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619)
  return (h >>> 0).toString(36)
}

/** A complete SVG file of a figure. */
export const figureFile = (spec: FigureSpec, options?: FigureOptions): string =>
  raw(`<?xml version="1.0" encoding="UTF-8"?>\n${figureSvg(spec, options)}\n`).text

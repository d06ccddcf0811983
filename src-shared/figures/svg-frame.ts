/** What a saved figure has around its drawing: a title, a white ground, and a legend of models. */
import type { SeriesStyle } from './spec.ts'
import { layoutLegend, marker } from './svg.ts'
import { markup, raw, type Markup } from '../text/markup.ts'

const lineHeight = 18
/** Colours of a figure on paper. */
export const ink = '#1a1a1a'
export const grid = '#dddddd'

/** @returns the legend, and how high it is */
export function legendOf(
  entries: readonly { label: string; style: SeriesStyle }[],
  left: number,
  top: number,
  width: number
): { drawn: Markup[]; height: number } {
  const { items, rows } = layoutLegend(entries, width)
  return {
    height: rows * lineHeight,
    drawn: items.map(({ style, label, x, row }) => {
      const [lx, ly] = [left + x, top + row * lineHeight]
      return markup`<line x1="${lx}" x2="${lx + 26}" y1="${ly}" y2="${ly}" stroke="${style.colour}" stroke-width="2" stroke-dasharray="${style.dash.join(' ')}"/>${marker(style, lx + 13, ly)}<text x="${lx + 32}" y="${ly + 4}">${label}</text>`
    })
  }
}

/** A complete SVG file. */
export const svgFile = (title: string, width: number, height: number, parts: readonly Markup[]): string =>
  markup`${raw('<?xml version="1.0" encoding="UTF-8"?>\n')}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="20" font-size="14" font-weight="600">${title}</text>
${parts}
</svg>
`.text

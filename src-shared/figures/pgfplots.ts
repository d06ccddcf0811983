/**
 * A figure as LaTeX: the same FigureSpec that the screen and the SVG draw, as one self-contained pgfplots axis with its
 * coordinates, legend, axis titles and units. Nothing is read from other files.
 */
import { downsample } from './downsample.ts'
import { axisTitle, type FigurePoint, type FigureSeries, type FigureSpec, type SeriesStyle } from './spec.ts'
import { escapeLatex, latexComment, latexLabel, latexNumber } from '../text/latex.ts'
import { figureScales, inUnits, type Scale } from './scales.ts'

/** What a document that takes in tables and figures has to load. */
export const latexPackages = [
  '% \\usepackage{amsmath,booktabs,pgfplots}',
  '% \\usetikzlibrary{plotmarks}',
  '% \\pgfplotsset{compat=1.16}'
].join('\n')

/** TeX sets a curve of more points slowly, and its memory ends at some ten thousand of them in a document. */
export const mostCoordinates = 400

/** A floating figure with its caption: title, method, formulas of theory and what they leave. */
export function latexFigure(spec: FigureSpec, label: string, caption?: string): string {
  const laws = (spec.references ?? []).flatMap(({ label: of, tex }) => (tex ? [`${escapeLatex(of)} $${tex}$`] : []))
  const sentences = [
    escapeLatex(caption || `${spec.title}.`),
    spec.method && `${escapeLatex(spec.method)}.`,
    spec.bands?.length && 'Shaded: predicted before the run.',
    laws.length > 0 && `Dashed: ${laws.join('; ')}.`,
    spec.damage && `${escapeLatex(spec.damage)}.`,
    ...(spec.remarks ?? []).map((remark) => `${escapeLatex(remark)}.`)
  ]
  return [
    '\\begin{figure}',
    '  \\centering',
    ...pgfplots(spec).map((line) => `  ${line}`),
    `  \\caption{${sentences.filter(Boolean).join(' ')}}`,
    `  \\label{${latexLabel(label)}}`,
    '\\end{figure}',
    ''
  ].join('\n')
}

/** The lines of a `tikzpicture`. */
export function pgfplots(spec: FigureSpec): string[] {
  const { x, y, xTicks } = figureScales(spec)
  const references = spec.references ?? []
  const bands = spec.bands ?? []
  const colours = new Map(
    [
      ...spec.series.map(({ style }) => style.colour),
      ...references.flatMap(({ colour }) => colour ?? []),
      ...bands.map(({ colour }) => colour)
    ]
      .filter((colour) => /^#[0-9a-f]{6}$/i.test(colour))
      .map((colour) => [colour, `engram${colour.slice(1).toUpperCase()}`])
  )
  const ink = (colour: string | undefined): string => colours.get(colour ?? '') ?? 'black'
  const ends: Ends = { x: x.ends, y: y.ends }
  const names = spec.x.scale === 'category' ? (spec.x.categories ?? []) : []
  return [
    '\\begin{tikzpicture}',
    ...[...colours].map(([colour, name]) => `  \\definecolor{${name}}{HTML}{${colour.slice(1).toUpperCase()}}`),
    '  \\begin{axis}[',
    '    width=\\linewidth, height=0.62\\linewidth, clip mode=individual, unbounded coords=jump,',
    ...(spec.x.scale === 'log' ? ['    xmode=log,'] : []),
    ...(spec.y.scale === 'log' ? ['    ymode=log,'] : []),
    `    xmin=${number(ends.x[0])}, xmax=${number(ends.x[1])}, ymin=${number(ends.y[0])}, ymax=${number(ends.y[1])},`,
    `    xlabel={${escapeLatex(axisTitle(spec.x))}}, ylabel={${escapeLatex(axisTitle(spec.y))}},`,
    `    ${ticks('x', names.length ? x.ticks : xTicks, names.length > 0 || inUnits(spec.x))},`,
    `    ${ticks('y', y.ticks, inUnits(spec.y))},`,
    ...(names.join('').length > 48 ? ['    x tick label style={rotate=30, anchor=north east},'] : []),
    '    axis lines=left, axis line style={-}, xminorticks=false, yminorticks=false, ymajorgrids,',
    '    grid style={black!15}, tick align=outside, legend columns=2,',
    '    legend style={draw=none, font=\\small, at={(0.5,1.03)}, anchor=south, cells={anchor=west}}]',
    ...bands.map((band) => {
      const [low, high] = [number(clamp(band.low, ends.y)), number(clamp(band.high, ends.y))]
      const [from, to] =
        band.x === undefined
          ? [`axis cs:${number(ends.x[0])},${low}`, `axis cs:${number(ends.x[1])},${high}`]
          : [`[xshift=-6pt]axis cs:${number(band.x)},${low}`, `[xshift=6pt]axis cs:${number(band.x)},${high}`]
      const style = `fill=${ink(band.colour)}, fill opacity=0.15, draw=${ink(band.colour)}, densely dotted`
      return `    \\draw[${style}] (${from}) rectangle (${to}); ${latexComment(band.label)}`
    }),
    ...spec.series.flatMap((series) => seriesLines(series, spec, ends, ink(series.style.colour))),
    ...references.flatMap(({ label, dash, colour, points, x: atX, y: atY }) => {
      const line =
        points ??
        (atY !== undefined
          ? ends.x.map((at) => ({ x: at, y: atY }))
          : atX !== undefined
            ? ends.y.map((at) => ({ x: atX, y: at }))
            : [])
      return [
        `    \\addplot[${ink(colour)}, ${pattern(dash)}] coordinates {`,
        ...drawable(line, spec).map((point) => `      ${place(point)}`),
        '    };',
        `    \\addlegendentry{${escapeLatex(label)}}`
      ]
    }),
    '  \\end{axis}',
    '\\end{tikzpicture}'
  ]
}

interface Ends {
  x: readonly [number, number]
  y: readonly [number, number]
}

const marks: Record<SeriesStyle['marker'], string> = {
  circle: '*',
  square: 'square*',
  triangle: 'triangle*',
  diamond: 'diamond*',
  cross: 'x',
  plus: '+',
  star: 'asterisk'
}

function seriesLines(series: FigureSeries, spec: FigureSpec, ends: Ends, ink: string): string[] {
  const { label, style } = series
  const all = drawable(series.points, spec)
  const points = downsample(all, mostCoordinates)
  const present = points.filter(({ y }) => y !== null)
  const ranged = present.filter(({ low, high }) => low !== undefined && high !== undefined)
  const lost = series.points.length - all.length
  const notes = [
    lost > 0 && `    % ${lost} of ${series.points.length} points have no place on a logarithmic axis`,
    points.length < all.length &&
      `    % ${all.length} points shown by the lowest and the highest of each bin: ${points.length}`
  ].filter((note) => note !== false)
  const band =
    spec.interval === 'band' && ranged.length > 1
      ? [
          `    \\addplot[draw=none, fill=${ink}, fill opacity=0.18, forget plot] coordinates {`,
          ...ranged.map(({ x, high }) => `      ${place({ x, y: clamp(high!, ends.y) })}`),
          ...ranged.toReversed().map(({ x, low }) => `      ${place({ x, y: clamp(low!, ends.y) })}`),
          '    } -- cycle;'
        ]
      : []
  const bars = spec.interval === 'bars' && ranged.length > 0
  // Markers on a dense curve would hide it.
  const marked = spec.scatter || present.length <= 40
  const options = [
    ink,
    'thick',
    spec.scatter ? 'only marks' : pattern(style.dash),
    marked ? `mark=${marks[style.marker]}, mark options={solid}` : 'mark=none',
    ...(bars ? ['error bars/.cd, y dir=both, y explicit, error bar style={solid}'] : [])
  ]
  return [
    ...notes,
    ...band,
    `    \\addplot+[${options.join(', ')}] coordinates {`,
    ...points.map((point) => `      ${place(point)}${bars ? errors(point, ends) : ''}`),
    '    };',
    `    \\addlegendentry{${escapeLatex(label)}}`
  ]
}

/** What lies on the axes: nothing at or below zero on a logarithmic one. */
function drawable<P extends { x: number; y: number | null }>(points: readonly P[], { x, y }: FigureSpec): P[] {
  return points.filter((p) => (x.scale !== 'log' || p.x > 0) && (y.scale !== 'log' || p.y === null || p.y > 0))
}

const clamp = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, value))

const number = (value: number): string => String(Number(value.toPrecision(8)))
const place = ({ x, y }: { x: number; y: number | null }): string => `(${number(x)},${y === null ? 'nan' : number(y)})`

/** The ends of a mean's interval as distances from it. An end outside the axis is drawn to the axis. */
function errors({ y, low, high }: FigurePoint, ends: Ends): string {
  if (y === null || low === undefined || high === undefined) return ''
  const [below, above] = [Math.max(0, y - clamp(low, ends.y)), Math.max(0, clamp(high, ends.y) - y)]
  return ` += (0,${number(above)}) -= (0,${number(below)})`
}

/** A canvas dash, in px, as points of TeX. */
const pattern = (dash: readonly number[]): string =>
  dash.length ? `dash pattern=${dash.map((px, i) => `${i % 2 ? 'off' : 'on'} ${px * 0.75}pt`).join(' ')}` : 'solid'

function ticks(axis: 'x' | 'y', list: Scale['ticks'], named: boolean): string {
  const labels = list.map(({ label }) => (named ? `{${escapeLatex(label)}}` : `{$${latexNumber(label).trim()}$}`))
  return `${axis}tick={${list.map(({ value }) => number(value)).join(',')}}, ${axis}ticklabels={${labels.join(',')}}`
}

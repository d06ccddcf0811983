/**
 * The critical-difference diagram: models on an axis of mean ranks, bars over those that are not told apart. Source: Demšar
 * (2006), Statistical comparisons of classifiers over multiple data sets, figure 1.
 */
import type { BenchmarkRanks } from '../findings/benchmark.ts'
import { escapeLatex, latexLabel } from '../text/latex.ts'
import { fixed } from '../text/numbers.ts'
import { markup } from '../text/markup.ts'
import { ink, svgFile } from './svg-frame.ts'

export interface RankDiagram {
  width: number
  height: number
  lines: { x1: number; y1: number; x2: number; y2: number; strong: boolean }[]
  texts: { x: number; y: number; anchor: 'start' | 'middle' | 'end'; text: string }[]
}

const [width, side, step] = [640, 190, 20]

/** Best on the left; the better half is named on the left, the other on the right. */
export function rankDiagram({ models, bars, criticalDifference }: BenchmarkRanks): RankDiagram {
  const k = models.length
  const at = (rank: number): number => side + ((rank - 1) / (k - 1)) * (width - 2 * side)
  const axis = 78
  const barStep = 7
  const below = axis + 10 + bars.length * barStep
  const left = Math.ceil(k / 2)
  const y = (i: number): number => below + 12 + step * (i < left ? i : k - 1 - i)
  const reach = Math.min(at(1 + criticalDifference), width - 16)
  const lines: RankDiagram['lines'] = [
    { x1: at(1), y1: axis, x2: at(k), y2: axis, strong: false },
    // The critical difference, as long as it fits.
    { x1: at(1), y1: 46, x2: reach, y2: 46, strong: true },
    ...Array.from({ length: k }, (_, i) => ({ x1: at(i + 1), y1: axis - 5, x2: at(i + 1), y2: axis, strong: false })),
    ...models.flatMap(({ rank }, i) => [
      { x1: at(rank), y1: axis, x2: at(rank), y2: y(i), strong: false },
      { x1: at(rank), y1: y(i), x2: i < left ? side - 12 : width - side + 12, y2: y(i), strong: false }
    ]),
    ...bars.map(([first, last], i) => ({
      x1: at(models[first].rank) - 4,
      y1: axis + 8 + i * barStep,
      x2: at(models[last].rank) + 4,
      y2: axis + 8 + i * barStep,
      strong: true
    }))
  ]
  const texts: RankDiagram['texts'] = [
    { x: at(1), y: 40, anchor: 'start', text: `CD = ${fixed(criticalDifference, 2)}` },
    ...Array.from({ length: k }, (_, i) => ({
      x: at(i + 1),
      y: axis - 10,
      anchor: 'middle' as const,
      text: String(i + 1)
    })),
    ...models.map(({ model, rank }, i) => ({
      x: i < left ? side - 16 : width - side + 16,
      y: y(i) + 4,
      anchor: i < left ? ('end' as const) : ('start' as const),
      text: i < left ? `${short(model)} ${fixed(rank, 2)}` : `${fixed(rank, 2)} ${short(model)}`
    }))
  ]
  return { width, height: below + 12 + step * left + 8, lines, texts }
}

const short = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name)

export const rankDiagramTitle = (ranks: BenchmarkRanks): string =>
  `Mean ranks over ${ranks.blocks} ${ranks.of}, bars over models that are not told apart at 5 %`

/** As a floating figure of LaTeX, drawn with TikZ (which pgfplots brings), as wide as a line of an article. */
export function rankDiagramLatex(ranks: BenchmarkRanks, label: string, caption?: string): string {
  const { lines, texts } = rankDiagram(ranks)
  const point = (x: number, y: number): string => `(${x.toFixed(1)}, ${y.toFixed(1)})`
  const anchors = { start: 'base west', middle: 'base', end: 'base east' } as const
  return [
    '\\begin{figure}',
    '  \\centering',
    '  \\begin{tikzpicture}[x=0.53pt, y=-0.53pt, font=\\footnotesize, inner sep=0pt]',
    ...lines.map(
      ({ x1, y1, x2, y2, strong }) =>
        `    \\draw[line width=${strong ? '1.6pt' : '0.4pt'}] ${point(x1, y1)} -- ${point(x2, y2)};`
    ),
    ...texts.map(
      ({ x, y, anchor, text }) => `    \\node[anchor=${anchors[anchor]}] at ${point(x, y)} {${escapeLatex(text)}};`
    ),
    '  \\end{tikzpicture}',
    `  \\caption{${[caption, `${rankDiagramTitle(ranks)}.`]
      .filter((sentence) => sentence !== undefined && sentence !== '')
      .map((sentence) => escapeLatex(sentence!))
      .join(' ')}}`,
    `  \\label{${latexLabel(label)}}`,
    '\\end{figure}',
    ''
  ].join('\n')
}

/** As a file. */
export function rankDiagramSvg(ranks: BenchmarkRanks): string {
  const { width: w, height, lines, texts } = rankDiagram(ranks)
  return svgFile(rankDiagramTitle(ranks), w, height, [
    ...lines.map(
      ({ x1, y1, x2, y2, strong }) =>
        markup`<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${ink}" stroke-width="${strong ? 3 : 1}"/>`
    ),
    ...texts.map(
      ({ x, y, anchor, text }) =>
        markup`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${text}</text>`
    )
  ])
}

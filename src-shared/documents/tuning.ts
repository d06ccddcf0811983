/** What tuning tried, as a table of words: one for the page, HTML, LaTeX and CSV. */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { TuningRow, TuningTable } from '../shapes/tuning.ts'
import { markup, type Markup } from '../text/markup.ts'
import { numberText, plural, valueText } from '../text/numbers.ts'
import { seedsText } from '../text/seeds.ts'

export interface TuningText {
  caption: string
  columns: { head: string; number: boolean }[]
  rows: { cells: string[]; chosen: boolean }[]
}

/** Said where runs are shown that tuned nothing. */
export const noTuning = 'Nothing was tuned: every model ran with the parameters of the experiment.'

const namesIn = (points: readonly TuningRow['point'][]): string[] => [...new Set(points.flatMap(Object.keys))]

/** `chosen, at the edge`, `1 diverged`, or nothing. */
export function remarkOf({ chosen, edges, diverged, failed, missing }: TuningRow): string {
  const lost = [diverged && `${diverged} diverged`, failed && `${failed} failed`, missing && `${missing} to come`]
  return [chosen && (edges.length ? 'chosen, at the edge' : 'chosen'), ...lost].filter(Boolean).join('; ')
}

/** @param metric what the catalog says of it */
export function tuningText({ metric: name, seeds, steps, rows }: TuningTable, metric?: MetricInfo): TuningText {
  const [axes, tuned] = [namesIn(rows.map((row) => row.point)), namesIn(rows.map((row) => row.values))]
  const shown = (point: TuningRow['point'], axis: string): string =>
    point[axis] === undefined ? '' : valueText(point[axis])
  const edge = rows.some(({ edges }) => edges.length)
  return {
    caption: [
      `Mean ${metric?.label ?? name} of what every model tried on ${seeds.length === 1 ? 'seed' : 'seeds'} ${seedsText(seeds)}${steps === null ? '' : `, with ${plural(steps, 'training step')}`}; none of these trials is in any other table or figure.`,
      'The best ran with the report’s seeds; where a trial diverged or failed, the value counts as the worst.',
      edge ? 'At the edge: the smallest or largest value tried won, so a better one may lie beyond.' : ''
    ]
      .filter(Boolean)
      .join(' '),
    columns: [
      { head: 'Model', number: false },
      ...[...axes, ...tuned].map((head) => ({ head, number: true })),
      { head: metric?.label ?? name, number: true },
      { head: 'n', number: true },
      { head: 'Outcome', number: false }
    ],
    rows: rows.map((row) => ({
      chosen: row.chosen,
      cells: [
        row.label,
        ...axes.map((axis) => shown(row.point, axis)),
        ...tuned.map((axis) => shown(row.values, axis)),
        row.mean === null ? '–' : numberText(row.mean),
        String(row.n),
        remarkOf(row)
      ]
    }))
  }
}

export const tuningMarkup = ({ caption, columns, rows }: TuningText): Markup =>
  markup`<div class="wide"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ head }) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ cells: [label, ...rest], chosen }) =>
      markup`<tr><th scope="row">${label}</th>${rest.map((text) => (chosen ? markup`<td class="best">${text}</td>` : markup`<td>${text}</td>`))}</tr>`
  )}</tbody></table></div>`

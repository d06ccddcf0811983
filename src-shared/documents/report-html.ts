/** The blocks of a report as HTML. */
import type { Catalog } from '../shapes/catalog.ts'
import { markup, type Markup } from '../text/markup.ts'
import {
  answerMarkup,
  benchmarkMarkup,
  checklistMarkup,
  derivedMarkup,
  drawnMarkup,
  figureMarkup,
  pivotMarkup,
  runMarkup,
  taskMarkup
} from './html-parts.ts'
import { rankDiagramSvg } from '../figures/critical-difference.ts'
import { markdownMarkup } from './markdown.ts'
import { noPredictions, predictionsMarkup } from './predictions.ts'
import { noTuning, tuningMarkup } from './tuning.ts'
import { noteOf } from './parts-text.ts'
import type { Resolved } from './resolve-blocks.ts'

export function partMarkup(part: Resolved, catalog: Catalog): Markup {
  switch (part.kind) {
    case 'text':
      return markup`<section class="text">${markdownMarkup(part.nodes)}</section>`
    case 'task':
      return markup`${part.tasks.map(taskMarkup)}`
    case 'figure':
      return figureMarkup(part.spec, part.caption)
    case 'table':
      return pivotMarkup(part.table, part.caption)
    case 'answer':
      return answerMarkup(part.found, part.caption)
    case 'derived':
      return markup`${part.parts.map(({ info, rows }) => derivedMarkup(info, rows, part.cells))}${part.caption && markup`<p class="meta">${part.caption}</p>`}`
    case 'benchmark':
      return markup`<section><h2>${part.title}</h2>${part.tables.map(benchmarkMarkup)}${figureMarkup(part.aggregates)}${part.ranks && part.ranks.models.length > 2 && drawnMarkup(rankDiagramSvg(part.ranks))}${part.curves && figureMarkup(part.curves)}${part.caption && markup`<p class="meta">${part.caption}</p>`}</section>`
    case 'tuning':
      return markup`<section><h2>Tuning</h2>${part.runs.map(
        ({ name, table }) => markup`<h3>${name}</h3>${tuningMarkup(table)}`
      )}${part.runs.length === 0 && markup`<p>${noTuning}</p>`}</section>`
    case 'predictions':
      return markup`<section><h2>Predictions</h2>${part.runs.map(
        ({ name, predictions }) => markup`<h3>${name}</h3>${predictionsMarkup(predictions)}`
      )}${part.runs.length === 0 && markup`<p>${noPredictions}</p>`}</section>`
    case 'notes':
      return markup`<section class="text"><h2>Notes</h2>${part.runs.map(
        ({ name, nodes }) => markup`<h3>${name}</h3>${markdownMarkup(nodes)}`
      )}</section>`
    case 'methods':
      return markup`<section><h2>Methods</h2>${part.paragraphs.map((text) => markup`<p>${text}</p>`)}</section>`
    case 'checklist':
      return markup`<section><h2>Reproducibility checklist</h2>${checklistMarkup(part.items)}</section>`
    case 'runs':
      return markup`<section><h2>Runs</h2>${part.runs.map((run) => runMarkup(run, catalog))}</section>`
    case 'kept':
      return 'figure' in part
        ? figureMarkup(part.figure, part.caption)
        : benchmarkMarkup({ ...part.table, note: noteOf(part.table, part.caption) })
    case 'missing':
      return markup`<p class="note">${part.reason}</p>`
  }
}

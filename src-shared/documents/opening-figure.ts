/** The figure with which a run's page opens, outside of that page. */
import type { RunResults } from '../exchange/ready-results.ts'
import type { Look } from '../figures/model-style.ts'
import type { FigureSpec } from '../figures/spec.ts'
import { stateFigure } from '../figures/trade-off.ts'
import { taskIn, type Catalog } from '../shapes/catalog.ts'
import { resolveBlock } from './resolve-blocks.ts'

/** What the experiment or its task opens with: a series, or a metric over an axis or against the state. Without the single trials. */
export function openingFigure({ run, cells, series }: RunResults, catalog: Catalog, styleOf: Look): FigureSpec | null {
  const task = taskIn(catalog, run.task)
  const { opens } = run.experiment
  const wished = opens ? opens.series : task?.opensWith
  if (opens?.against !== undefined && task) {
    const metric = task.metrics.find(({ name }) => name === (opens.metric ?? task.mainMetric))
    if (metric) return stateFigure(cells, metric, { labelOf: ({ label }) => label, styleOf })
  }
  const shown = series.some(({ name }) => name === wished) ? wished : undefined
  const block = resolveBlock(
    {
      id: 'opening',
      kind: 'figure',
      runs: [run.id],
      hidden: [],
      caption: '',
      at: {},
      ...(shown === undefined ? {} : { series: shown }),
      ...(opens?.metric !== undefined && { metric: opens.metric }),
      ...(opens?.axis !== undefined && { axis: opens.axis })
    },
    { runs: [{ run, series, predictions: [] }], cells, catalog, styleOf }
  )
  if (block.kind !== 'figure') return null
  return { ...block.spec, series: block.spec.series.map(({ members, ...shown }) => (void members, shown)) }
}

/**
 * The blocks that a report of runs has of itself: for every task what it asks, each metric with its figures and tables,
 * what is read off its curves, and its series; then methods, checklist, predictions and the runs.
 */
import { withReferences } from '../exchange/reference.ts'
import { chooseAxes, placesOf } from '../figures/axes.ts'
import { taskIn, type TaskInfo } from '../shapes/catalog.ts'
import type { Block } from '../shapes/report.ts'
import { plural } from '../text/numbers.ts'
import { markdownText } from './markdown.ts'
import type { ShownData } from './report-data.ts'

/** Figures of one quantity beyond this many places of the other axes are left to the tables and the data. */
export const mostFigures = 12

type Unnumbered<B extends Block> = B extends Block ? Omit<B, 'id'> : never

export function defaultBlocks(data: ShownData): Block[] {
  const all = data.runs.map(({ run }) => run)
  const known = withReferences(data.catalog, all)
  const ids = all.map(({ id }) => id)
  const blocks: Unnumbered<Block>[] = [
    ...[...new Set(all.map(({ task }) => task))].flatMap((id) =>
      taskBlocks(
        taskIn(known, id),
        data.runs.filter(({ run }) => run.task === id),
        data
      )
    ),
    ...(data.runs.some(({ tuning }) => tuning) ? [{ kind: 'tuning', runs: ids } as const] : []),
    ...(['methods', 'checklist', 'predictions', 'runs'] as const).map((kind) => ({ kind, runs: ids }))
  ]
  return blocks.map((block, i) => ({ ...block, id: `block-${i + 1}` }))
}

function taskBlocks(task: TaskInfo | undefined, own: ShownData['runs'], data: ShownData): Unnumbered<Block>[] {
  const runs = own.map(({ run }) => run.id)
  const scattered = own.some(({ run }) => run.experiment.search !== undefined)
  const cells = data.cells.filter(({ runId }) => runs.includes(runId))
  const choice = chooseAxes(cells, { scattered })
  const places = placesOf(cells, choice)
  const shown = { runs, hidden: [], caption: '' }
  const axis = choice.axis && { axis: choice.axis.name }
  const main = task?.metrics.find(({ name }) => name === task.mainMetric)
  const metrics = [...(main ? [main] : []), ...(task?.metrics ?? []).filter((metric) => metric !== main)]
  return [
    { kind: 'task', runs },
    ...(main ? [{ ...shown, kind: 'answer', metric: main.name, ...axis, at: choice.at } as const] : []),
    ...metrics.flatMap(({ name: metric, label, help }) => [
      said(`## ${markdownText(label)}\n\n${markdownText(help)}`),
      ...places.slice(0, mostFigures).map((at) => ({ ...shown, kind: 'figure', metric, ...axis, at }) as const),
      ...leftOut(places.length),
      ...places.map((at) => ({ ...shown, kind: 'table', metric, ...axis, at }) as const)
    ]),
    ...(task?.derived.length ? [{ ...shown, kind: 'derived' } as const] : []),
    ...(task?.series ?? []).flatMap(({ name, label, help }) => {
      const curves = own.flatMap(({ series }) => series.filter((one) => one.name === name))
      if (!curves.length) return []
      const at = placesOf(curves, chooseAxes(curves, { drawn: 0, scattered }))
      return [
        said(`## ${markdownText(label)}\n\n${markdownText(help)}`),
        ...at.slice(0, mostFigures).map((place) => ({ ...shown, kind: 'figure', series: name, at: place }) as const),
        ...leftOut(at.length)
      ]
    })
  ]
}

const said = (markdown: string): Unnumbered<Block> => ({ kind: 'text', markdown })

const leftOut = (places: number): Unnumbered<Block>[] =>
  places > mostFigures
    ? [said(`${plural(places - mostFigures, 'more figure')} left out here; the tables and the data hold all.`)]
    : []

/** What of the results is looked at: view, metric, axis, and the place on the axes that are not drawn. */
import type { MetricInfo, SeriesInfo, TaskInfo } from '../../src-shared/shapes/catalog.ts'
import type { Experiment } from '../../src-shared/shapes/experiment.ts'
import type { CellResult, SeriesResult } from '../../src-shared/shapes/run.ts'
import { damagedTrials } from '../../src-shared/findings/damage.ts'
import { z } from 'zod'
import { axisValueSchema, type AxisValue, type Point } from '../../src-shared/shapes/point.ts'
import type { FigureAxis, FigureSpec, SeriesStyle } from '../../src-shared/figures/spec.ts'
import { distribution, heatMap, sharedColours, sharedScale, stepsFigure } from '../../src-shared/figures/measured.ts'
import { measuredFigure, type RunPredictions } from '../../src-shared/figures/overlays.ts'
import { profileFigure } from '../../src-shared/figures/profile.ts'
import type { Stratum } from '../../src-shared/findings/strata.ts'
import type { ParamValues } from '../../src-shared/shapes/params.ts'
import { metricsOf, type SweptAxis } from '../../src-shared/findings/results.ts'
import { stateFigure } from '../../src-shared/figures/trade-off.ts'
import { seriesTitle } from '../../src-shared/figures/series-title.ts'
import { axisOf, chooseAxes, titleAt } from '../../src-shared/figures/axes.ts'
import { liesAt } from '../../src-shared/shapes/point.ts'
import { distinctLooks } from '../../src-shared/figures/model-style.ts'
import { styleOf as usualStyle } from './colours.ts'
import { catalog } from '../state/catalog.svelte.ts'

export interface ResultSource {
  readonly cells: readonly CellResult[]
  /** Curves of the series that is looked at. */
  readonly series: readonly SeriesResult[]
  readonly task: TaskInfo | undefined
  /** A run's complete parameters of the task. */
  readonly taskParamsOf: (runId: string) => ParamValues
  /** How models look beside each other; as everywhere if left out. */
  readonly styleOf?: (label: string, model: string) => SeriesStyle
  readonly labelOf: (result: { runId: string; label: string }) => string
  /** The points were drawn at random: each axis is drawn by itself, over all values of the others. */
  readonly scattered?: boolean
  /** All tasks that are compared, each by its main metric, where there are several. */
  readonly strata?: readonly Stratum[]
  /** The series of a training under way, where there is nothing else to show yet. */
  readonly learning?: string | undefined
  /** The figure that the experiment opens with. */
  readonly opens?: Experiment['opens']
  /** What was predicted before the runs. */
  readonly predictions?: readonly RunPredictions[]
}

/** More small multiples than this are not mounted at once. */
export const mostMultiples = 12

export class ResultView {
  /** `sweep`, `spread`, `map`, `state`, `profile`, `profiles` (over all tasks) or `series:NAME`. */
  #chosenView = $state<string>()
  #metricName = $state<string>()
  #axisName = $state<string>()
  /** The axis with one figure per value. */
  #facetName = $state<string>()
  #place = $state.raw<Point>({})
  readonly #source: ResultSource

  constructor(source: ResultSource) {
    this.#source = source
  }

  drawableAxes = $derived.by(() => chooseAxes(this.#source.cells).drawable)
  views = $derived.by(() => [
    { value: 'sweep', label: this.drawableAxes.length ? 'Over the sweep' : 'By model' },
    ...(this.#source.task?.series ?? []).map((info) => ({
      value: `series:${info.name}`,
      label: seriesTitle(info)
    })),
    { value: 'spread', label: 'Distribution over seeds' },
    { value: 'profile', label: 'Performance profile' },
    ...((this.#source.strata?.length ?? 0) > 1 ? [{ value: 'profiles', label: 'Profile over all tasks' }] : []),
    ...(this.drawableAxes.length > 1 ? [{ value: 'map', label: 'Map of two axes' }] : []),
    ...(this.#source.task?.metrics.some(({ name }) => name === 'stateBytes')
      ? [{ value: 'state', label: 'Against bytes of state' }]
      : [])
  ])
  /** Until somebody chooses: what experiment or task opens with or, while models train and none has ended, how they learn. */
  view = $derived.by((): string => {
    const { learning, opens, task } = this.#source
    const series = learning ?? (opens ? opens.series : task?.opensWith)
    const first = learning === undefined && opens?.against !== undefined ? 'state' : 'sweep'
    const wished = this.#chosenView ?? (series === undefined ? first : `series:${series}`)
    return this.views.some(({ value }) => value === wished) ? wished : 'sweep'
  })

  metrics = $derived.by((): readonly MetricInfo[] => metricsOf(this.#source.task))
  metric = $derived.by((): MetricInfo => {
    const named = (name: string | undefined): MetricInfo | undefined => this.metrics.find((m) => m.name === name)
    const { opens, task } = this.#source
    return named(this.#metricName) ?? named(opens?.metric) ?? named(task?.mainMetric) ?? this.metrics[0]
  })
  seriesInfo = $derived.by((): SeriesInfo | undefined =>
    this.view.startsWith('series:')
      ? this.#source.task?.series.find(({ name }) => `series:${name}` === this.view)
      : undefined
  )

  #choose(drawn: 0 | 1 | 2) {
    const { cells, opens } = this.#source
    // Beside each other are all sizes.
    const scattered = this.#source.scattered || this.view === 'state'
    return chooseAxes(cells, { axis: this.#axisName ?? opens?.axis, at: this.#place, drawn, scattered })
  }
  #choice = $derived.by(() =>
    // A profile counts the points of the axis together.
    this.#choose(this.view === 'map' ? 2 : ['sweep', 'profile', 'profiles'].includes(this.view) ? 1 : 0)
  )
  axis = $derived(this.#choice.axis)
  /** Axes of which one value is shown, or each. */
  otherAxes = $derived(this.#choice.others)
  facet = $derived(
    this.view === 'sweep' || this.seriesInfo ? this.otherAxes.find(({ name }) => name === this.#facetName) : undefined
  )
  at = $derived(this.#choice.at)
  /** What tables beside the figures speak of: one value of a map's vertical axis too, or a model would count twice. */
  tableAt = $derived.by((): Point => (this.#choice.second ? this.#choose(1).at : this.at))
  /** One place per figure. */
  places = $derived(
    this.facet
      ? this.facet.values.slice(0, mostMultiples).map((value) => ({ ...this.at, [this.facet!.name]: value }))
      : [this.at]
  )

  figures = $derived.by((): FigureSpec[] => {
    const { cells, series, labelOf, task, taskParamsOf, predictions, scattered } = this.#source
    const names = { labelOf, styleOf: this.styleOf }
    const info = this.seriesInfo
    if (info)
      return sharedScale(
        this.places.map((at) =>
          stepsFigure(series, {
            ...names,
            info,
            at,
            title: this.titled(info.label, at),
            taskParamsOf,
            cells,
            metrics: task?.metrics
          })
        )
      )
    const { metric, axis } = this
    if (this.view === 'profile' || this.view === 'profiles') {
      const figure = this.view === 'profile' ? this.#profile(metric) : this.#profiles()
      return figure ? [figure] : []
    }
    if (this.view === 'state') return [stateFigure(cells, metric, names)]
    if (this.view !== 'sweep') return []
    return sharedScale(
      this.places.map((at) =>
        measuredFigure(cells, {
          ...names,
          metric,
          axis,
          x: axis && this.named(axis),
          at,
          title: this.titled(metric.label, at),
          task,
          catalog: catalog.current,
          taskParamsOf,
          predictions,
          scattered
        })
      )
    )
  })
  #profile(metric: MetricInfo): FigureSpec | undefined {
    const { cells, task, taskParamsOf, labelOf } = this.#source
    const here = cells.filter((cell) => liesAt(cell.point, this.at))
    const taskParams = taskParamsOf(here[0]?.runId ?? '')
    return profileFigure([{ name: task?.title ?? '', metric, taskParams, cells: here }], {
      labelOf,
      styleOf: this.styleOf,
      title: this.titled(`Performance profile: ${metric.label}`, this.at)
    })
  }
  /** Models are the same by their label, whatever the run. */
  #profiles(): FigureSpec | undefined {
    const labelOf = ({ label }: { label: string }): string => label
    return profileFigure(this.#source.strata ?? [], {
      labelOf,
      styleOf: this.styleOf,
      title: 'Performance profile over tasks'
    })
  }
  /** Of distributions and maps, which say nothing themselves. */
  damage = $derived.by(() => {
    if (this.figures.length && this.view !== 'profile' && this.view !== 'profiles') return undefined
    const { cells, labelOf } = this.#source
    return damagedTrials(cells, labelOf)
  })
  spread = $derived.by(() => {
    if (this.view !== 'spread') return undefined
    const { cells, labelOf } = this.#source
    const { metric, at } = this
    return distribution(cells, { labelOf, styleOf: this.styleOf, metric, at, title: this.titled(metric.label, at) })
  })
  maps = $derived.by(() => {
    const { metric, at } = this
    const { axis: x, second: y } = this.#choice
    if (!x || !y) return []
    const here = this.#source.cells.filter((cell) => liesAt(cell.point, at))
    const labels: [FigureAxis, FigureAxis] = [this.named(x), this.named(y)]
    const groups = [...Map.groupBy(here, (cell) => this.#source.labelOf(cell))]
    return sharedColours(
      groups.map(([label, own]) =>
        heatMap(own, { metric, x, y, labels, title: `${label}: ${this.titled(metric.label, at)}` })
      )
    )
  })

  #looks = $derived.by(() => {
    const { cells, labelOf } = this.#source
    return distinctLooks(
      cells.map((cell) => ({ label: labelOf(cell), model: cell.model })),
      usualStyle
    )
  })
  styleOf = (label: string, model: string): SeriesStyle => (this.#source.styleOf ?? this.#looks)(label, model)

  named(axis: SweptAxis): FigureAxis {
    return axisOf(axis, catalog.current, this.#source.task)
  }
  titled(label: string, at: Point): string {
    return titleAt(label, at, this.#choice, catalog.current, this.#source.task)
  }

  /** What was chosen, as an address holds it; what nobody chose is left out. */
  get choices(): Record<string, string> {
    return {
      ...(this.#chosenView !== undefined && { view: this.#chosenView }),
      ...(this.#metricName !== undefined && { metric: this.#metricName }),
      ...(this.#axisName !== undefined && { over: this.#axisName }),
      ...(this.#facetName !== undefined && { each: this.#facetName }),
      ...(Object.keys(this.#place).length > 0 && { at: JSON.stringify(this.#place) })
    }
  }
  /** The choices of an address; what it does not hold is chosen by itself again. */
  restore(choices: URLSearchParams): void {
    const of = (name: string): string | undefined => choices.get(name) ?? undefined
    this.#chosenView = of('view')
    this.#metricName = of('metric')
    this.#axisName = of('over')
    this.#facetName = of('each')
    this.#place = placeIn(of('at'))
  }

  choose(change: { view?: string; metric?: string; axis?: string }): void {
    if (change.view !== undefined) this.#chosenView = change.view
    if (change.metric !== undefined) this.#metricName = change.metric
    if (change.axis !== undefined) this.#axisName = change.axis
  }
  /** Show one value of an axis, or, with undefined, a figure for each. */
  put(axis: string, value: AxisValue | undefined): void {
    if (value === undefined) this.#facetName = axis
    else {
      if (this.#facetName === axis) this.#facetName = undefined
      this.#place = { ...this.#place, [axis]: value }
    }
  }
}

/** A place as an address holds it; none where that is no place. */
function placeIn(text: string | undefined): Point {
  try {
    return z.record(z.string(), axisValueSchema).parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

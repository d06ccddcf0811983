/** Runs and models side by side: what is compared, on which task, and how it ranks. */
import type { CellResult, Run, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import type { RunPredictions } from '../../../src-shared/figures/overlays.ts'
import { referenceTask } from '../../../src-shared/exchange/reference.ts'
import { profileStrata } from '../../../src-shared/figures/profile.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { liesAt } from '../../../src-shared/shapes/point.ts'
import { taskParams } from '../../../src-shared/findings/results.ts'
import { derive } from '../../../src-shared/findings/crossing.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { bridge } from '../../state/bridge.ts'
import { Hover } from '../../charts/hover.svelte.ts'
import { ResultView, type ResultSource } from '../../charts/result-view.svelte.ts'
import { short } from '../../format.ts'
import { setOf, toggled } from '../../state/sets.ts'
import { ask } from '../../state/ask.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { quantitiesOf } from './quantities.ts'
import { differences, firstOfEach, placed, type Column } from './differences.ts'
import { rank, type Ranked } from '../../../src-shared/findings/ranking.ts'

/** A row of the result table: one point of the drawn axis, a ranked cell per model. */
export interface ResultRow {
  name: string
  ranked: Ranked[]
}

export class Comparison implements ResultSource {
  runs = $state.raw<readonly Run[]>([])
  /** The cells of all runs, whatever their task. */
  get all(): readonly CellResult[] {
    return this.#all
  }
  error = $state.raw<unknown>()
  loading = $state(false)
  seriesLoading = $state(false)
  #curves = $state.raw<readonly SeriesResult[]>([])
  #all = $state.raw<readonly CellResult[]>([])
  #predictions = $state.raw<readonly RunPredictions[]>([])
  #chosenTask = $state<string>()
  /** Labels of models that are left out. */
  hidden = $state.raw<ReadonlySet<string>>(setOf())
  /** The label under the pointer: lit in every view. */
  readonly hover = new Hover()
  get hovered(): string | undefined {
    return this.hover.label
  }
  set hovered(label: string | undefined) {
    this.hover.label = label
  }
  #asked = ''
  #seriesAsked = ''

  tasks = $derived([...setOf(this.runs.map(({ task }) => task))])
  taskId = $derived(this.tasks.includes(this.#chosenTask ?? '') ? this.#chosenTask! : this.tasks[0])
  task = $derived.by(() => (this.taskId ? (catalog.task(this.taskId) ?? referenceTask(this.shownRuns)) : undefined))
  /** Runs of the task that is looked at: others have other metrics. */
  shownRuns = $derived(this.runs.filter(({ task }) => task === this.taskId))
  scattered = $derived(this.shownRuns.some(({ experiment }) => experiment.search !== undefined))
  labelOf = $derived.by(() => labelsOf(this.shownRuns))
  #ofTask = $derived.by(() => {
    const ids = setOf(this.shownRuns.map(({ id }) => id))
    return placed(
      this.#all.filter(({ runId }) => ids.has(runId)),
      this.shownRuns,
      this.task
    )
  })
  predictions = $derived(this.#predictions.filter(({ runId }) => this.shownRuns.some(({ id }) => id === runId)))
  models = $derived.by(() => firstOfEach(this.#ofTask, this.labelOf))
  cells = $derived.by(() => this.#ofTask.filter((cell) => !this.hidden.has(this.labelOf(cell))))
  /** Runs of several tasks, for a profile over all of them. */
  experiments = $derived.by(() => {
    if (this.tasks.length < 2) return []
    const shown = this.#all.filter((cell) => !this.hidden.has(cell.label) && !this.hidden.has(this.labelOf(cell)))
    return profileStrata(this.runs, shown, catalog.tasks)
  })
  series = $derived.by(() =>
    placed(this.#curves, this.shownRuns, this.task).filter((result) => !this.hidden.has(this.labelOf(result)))
  )
  taskParamsOf = (id: string): ParamValues =>
    taskParams(
      this.shownRuns.find((run) => run.id === id),
      this.task
    )
  view: ResultView = new ResultView(this)

  rows = $derived.by((): ResultRow[] => {
    const { axis, tableAt: at, metric } = this.view
    const here = this.cells.filter((cell) => liesAt(cell.point, at))
    if (!axis) return here.length ? [{ name: 'All', ranked: rank(here, metric) }] : []
    return axis.values.map((value) => ({
      name: short(value),
      ranked: rank(
        here.filter((cell) => cell.point[axis.name] === value),
        metric
      )
    }))
  })

  /** Capacity and its like, with their bootstrap intervals, where an axis they need is swept. */
  derived = $derived.by(() =>
    (this.task?.derived ?? []).flatMap((info) =>
      derive(
        this.cells.filter((cell) => liesAt(cell.point, withoutAxis(this.view.tableAt, info.axis))),
        info,
        // Fixed, so that the same results always give the same interval.
        { random: seeded(1), draws: 2000 }
      ).map((row) => ({ info, label: this.labelOf(row), row }))
    )
  )

  quantities = $derived.by(() => quantitiesOf(this.cells, this.view.metrics, this.labelOf, this.task, catalog.current))
  columns = $derived.by((): Column[] =>
    firstOfEach(this.cells, this.labelOf).flatMap(({ label, cell }) => {
      const run = this.shownRuns.find(({ id }) => id === cell.runId)
      return run ? [{ label, run, cell }] : []
    })
  )
  differences = $derived.by(() => differences(this.columns, catalog.current))

  chooseTask(id: string): void {
    this.#chosenTask = id
  }
  toggle(label: string): void {
    this.hidden = toggled(this.hidden, label)
  }

  async load(ids: readonly string[]): Promise<void> {
    const key = ids.join()
    this.#asked = key
    if (!ids.length) {
      this.runs = []
      this.#all = []
      return
    }
    this.loading = true
    try {
      const [runs, cells, registered] = await Promise.all([
        Promise.all(ids.map((id) => ask('runs.get', { id }))),
        ask('runs.results', { ids: [...ids] }),
        Promise.all(ids.map((id) => ask('runs.predictions', { id })))
      ])
      if (this.#asked !== key) return
      this.runs = runs
      this.#all = cells
      this.#predictions = ids.map((runId, i) => ({ runId, registered: registered[i] }))
      this.error = undefined
      this.#seriesAsked = ''
    } catch (error) {
      if (this.#asked === key) this.error = error
    }
    this.loading = false
  }

  /** Read the curves of a series when they are looked at. */
  async showSeries(name: string | undefined): Promise<void> {
    const ids = this.shownRuns.map(({ id }) => id)
    const key = name && ids.length ? `${name} ${ids.join()}` : ''
    if (key === this.#seriesAsked) return
    this.#seriesAsked = key
    this.#curves = []
    if (!name || !key) return
    this.seriesLoading = true
    try {
      const series = await ask('runs.series', { ids, name })
      if (this.#seriesAsked === key) this.#curves = series
    } catch (error) {
      notify.failure(error)
    }
    this.seriesLoading = false
  }
  /** Read again when a run that is compared has changed. */
  listen(): () => void {
    return bridge.on('runs.changed', ({ ids }) => {
      if (this.runs.some(({ id }) => ids.includes(id))) void this.load(this.runs.map(({ id }) => id))
    })
  }
}

function withoutAxis<T extends object>(at: T, axis: string): T {
  return Object.fromEntries(Object.entries(at).filter(([name]) => name !== axis)) as T
}

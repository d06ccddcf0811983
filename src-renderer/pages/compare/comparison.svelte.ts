/** Runs and models side by side: what is compared, on which task, and how it ranks. */
import { untrack } from 'svelte'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { CellResult, Run, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { referenceTask } from '../../../src-shared/exchange/reference.ts'
import { strataOf } from '../../../src-shared/findings/strata.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { liesAt } from '../../../src-shared/shapes/point.ts'
import { taskParams } from '../../../src-shared/findings/results.ts'
import { derive } from '../../../src-shared/findings/crossing.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { distinctLooks } from '../../../src-shared/figures/model-style.ts'
import type { SeriesStyle } from '../../../src-shared/figures/spec.ts'
import { styleOf } from '../../charts/colours.ts'
import { Hover } from '../../charts/hover.svelte.ts'
import { ResultView, type ResultSource } from '../../charts/result-view.svelte.ts'
import { valueText } from '../../../src-shared/text/numbers.ts'
import { setOf, toggled } from '../../state/sets.ts'
import { readRuns, readSeries, type RunResults } from '../../runs/read-runs.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { query, type Query, type Stale } from '../../state/query.svelte.ts'
import { compareAddress } from '../../runs/run-actions.ts'
import { quantitiesOf } from './quantities.ts'
import { differences, firstOfEach, placed, type Column } from './differences.ts'
import { answersOf } from '../../../src-shared/documents/answers.ts'
import { modelsAt } from '../../../src-shared/findings/answer.ts'
import { likenessOf, unlikeIn } from '../../../src-shared/findings/likeness.ts'
import { rankAlike, type Ranked } from '../../../src-shared/findings/ranking.ts'

/** A row of the result table: one point of the drawn axis, a ranked cell per model. */
export interface ResultRow {
  name: string
  ranked: Ranked[]
}

export class Comparison implements ResultSource {
  readonly #read: Query<RunResults>
  readonly #curves: Query<readonly SeriesResult[]>
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

  /** Made while a component is: it reads the runs that `ids` gives for as long as that is there. */
  constructor(ids: () => readonly string[]) {
    const stale: Stale = { 'runs.changed': (changed) => changed.ids.some((id) => ids().includes(id)) }
    this.#read = query(() => readRuns(ids()), stale)
    this.#curves = query(() => {
      const name = this.#seriesName
      // Asked again when other runs are shown, not when a line of theirs has changed.
      const runs = this.#shownIds ? untrack(() => this.shownRuns) : []
      return name === undefined ? undefined : readSeries(runs, [name])
    }, stale)
  }

  get runs(): readonly Run[] {
    return this.#read.value?.runs ?? []
  }
  /** The cells of all runs, whatever their task. */
  get all(): readonly CellResult[] {
    return this.#read.value?.cells ?? []
  }
  get error(): unknown {
    return this.#read.error ?? this.#curves.error
  }
  get seriesLoading(): boolean {
    return this.#curves.loading && !this.#curves.fresh
  }
  async reload(): Promise<void> {
    await Promise.all([this.#read.reload(), this.#curves.reload()])
  }

  tasks = $derived([...setOf(this.runs.map(({ task }) => task))])
  taskId = $derived(this.tasks.includes(this.#chosenTask ?? '') ? this.#chosenTask! : this.tasks[0])
  task = $derived.by(() => (this.taskId ? (catalog.task(this.taskId) ?? referenceTask(this.shownRuns)) : undefined))
  /** Runs of the task that is looked at: others have other metrics. */
  shownRuns = $derived(this.runs.filter(({ task }) => task === this.taskId))
  /** Of the first run: the others are looked at beside it. */
  get opens(): Experiment['opens'] {
    return this.shownRuns[0]?.experiment.opens
  }
  scattered = $derived(this.shownRuns.some(({ experiment }) => experiment.search !== undefined))
  labelOf = $derived.by(() => labelsOf(this.shownRuns))
  #ofTask = $derived.by(() => {
    const ids = setOf(this.shownRuns.map(({ id }) => id))
    return placed(
      this.all.filter(({ runId }) => ids.has(runId)),
      this.shownRuns,
      this.task
    )
  })
  predictions = $derived.by(() =>
    (this.#read.value?.predictions ?? []).filter(({ runId }) => this.shownRuns.some(({ id }) => id === runId))
  )
  models = $derived.by(() => firstOfEach(this.#ofTask, this.labelOf))
  /** Of all models, left out or not: leaving one out changes no other. */
  #looks = $derived.by(() => distinctLooks(this.models, styleOf))
  styleOf = (label: string, model: string): SeriesStyle => this.#looks(label, model)
  cells = $derived.by(() => this.#ofTask.filter((cell) => !this.hidden.has(this.labelOf(cell))))
  /** Runs of several tasks, for a profile over all of them. */
  strata = $derived.by(() => {
    if (this.tasks.length < 2) return []
    const shown = this.all.filter((cell) => !this.hidden.has(cell.label) && !this.hidden.has(this.labelOf(cell)))
    return strataOf(this.runs, shown, catalog.tasks)
  })
  series = $derived.by(() =>
    placed(this.#curves.current ?? [], this.shownRuns, this.task).filter(
      (result) => !this.hidden.has(this.labelOf(result))
    )
  )
  taskParamsOf = (id: string): ParamValues =>
    taskParams(
      this.shownRuns.find((run) => run.id === id),
      this.task
    )
  view: ResultView = new ResultView(this)
  #seriesName = $derived(this.view.seriesInfo?.name)
  #shownIds = $derived(this.shownRuns.map(({ id }) => id).join(' '))

  /** The chosen value of the drawn axis, by its place there; all of them together if none is. */
  #chosenPlace = $state<number>()
  value = $derived(this.view.axis?.values[this.#chosenPlace ?? -1])
  choosePlace(index: number | undefined): void {
    this.#chosenPlace = index
  }
  /** What the shown runs set differently: across that no model is the best one. */
  unlike = $derived.by(() => unlikeIn(this.cells, this.shownRuns, this.task))
  #keyOf = $derived.by(() => likenessOf(this.shownRuns, this.task, this.unlike))
  /** The models at the chosen place, by what their runs asked. */
  placed = $derived.by(() => {
    const { axis, tableAt: at, metric } = this.view
    const groups = Map.groupBy(this.cells, ({ runId }) => this.#keyOf(runId))
    return [...groups.values()].map(
      (own) => modelsAt(own, { axis, value: this.value, at }, metric, this.labelOf).models
    )
  })
  /** What the comparison says, before anything is looked at. */
  answers = $derived.by(() =>
    answersOf(this.cells, {
      runs: this.shownRuns,
      task: this.task,
      catalog: catalog.current,
      metric: this.view.metric,
      choice: { drawable: this.view.drawableAxes, axis: this.view.axis, at: this.view.tableAt },
      value: this.value,
      labelOf: this.labelOf
    })
  )

  rows = $derived.by((): ResultRow[] => {
    const { axis, tableAt: at, metric } = this.view
    const here = this.cells.filter((cell) => liesAt(cell.point, at))
    if (!axis) return here.length ? [{ name: 'All', ranked: rankAlike(here, metric, this.#keyOf) }] : []
    return axis.values.map((value) => ({
      name: valueText(value),
      ranked: rankAlike(
        here.filter((cell) => cell.point[axis.name] === value),
        metric,
        this.#keyOf
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

  /** The address of these runs with all that is chosen. */
  addressOf(ids: readonly string[]): string {
    const chosen = {
      ...(this.#chosenTask !== undefined && { task: this.#chosenTask }),
      ...this.view.choices,
      ...(this.#chosenPlace !== undefined && { place: String(this.#chosenPlace) }),
      ...(this.hidden.size > 0 && { without: JSON.stringify([...this.hidden]) })
    }
    return compareAddress(ids, chosen)
  }
  /** Choose what an address holds. */
  restore(query: URLSearchParams): void {
    const place = query.get('place')
    this.#chosenTask = query.get('task') ?? undefined
    this.#chosenPlace = place !== null && /^\d+$/.test(place) ? Number(place) : undefined
    this.hidden = setOf(labelsIn(query.get('without')))
    this.view.restore(query)
  }

  chooseTask(id: string): void {
    this.#chosenTask = id
  }
  toggle(label: string): void {
    this.hidden = toggled(this.hidden, label)
  }
}

function withoutAxis<T extends object>(at: T, axis: string): T {
  return Object.fromEntries(Object.entries(at).filter(([name]) => name !== axis)) as T
}

/** A list of labels as an address holds it; none where that is no list. */
function labelsIn(text: string | null): string[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list.filter((label) => typeof label === 'string') : []
  } catch {
    return []
  }
}

/** One run as it is watched: what is stored, with every trial that comes in merged at most once a frame. */
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import type { CellResult, Run, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import type { RunPredictions } from '../../../src-shared/figures/overlays.ts'
import { referenceTask } from '../../../src-shared/exchange/reference.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { taskParams } from '../../../src-shared/findings/results.ts'
import { bridge } from '../../state/bridge.ts'
import { ResultView, type ResultSource } from '../../charts/result-view.svelte.ts'
import { ask } from '../../state/ask.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { connection } from '../../state/connection.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { activeStatuses, runs } from '../../state/runs.svelte.ts'
import { addPoints, countTrials, mergeSeries, mergeTrials, withLive, type LiveCurve, type LiveTrial } from './live.ts'

/** Lines of the log kept on the screen; the store has all. */
const mostLines = 2000

export class RunState implements ResultSource {
  readonly id: string
  run = $state.raw<Run>()
  error = $state.raw<unknown>()
  cells = $state.raw<readonly CellResult[]>([])
  #stored = $state.raw<readonly SeriesResult[]>([])
  /** Curves of trials under way, of all series. */
  #live = $state.raw<readonly SeriesResult[]>([])
  seriesLoading = $state(false)
  predictions = $state.raw<readonly RunPredictions[]>([])
  log = $state.raw<CallOutput<'runs.log'>>([])
  /** Counts up with every batch of trials, for what must be read again. */
  version = $state(0)
  #seriesName = $state<string>()
  #points: LiveCurve[] = []
  /** Trials that have come in and are not drawn yet; held back while the stored ones are being read. */
  #waiting: LiveTrial[] = []
  #loading = true
  #frame = 0

  constructor(id: string) {
    this.id = id
  }

  series = $derived.by(() => withLive(this.#stored, this.#live, this.#seriesName))
  task = $derived.by(() => (this.run ? (catalog.task(this.run.task) ?? referenceTask([this.run])) : undefined))
  taskParamsOf = (): ParamValues => taskParams(this.run, this.task)
  scattered = $derived(this.run?.experiment.search !== undefined)
  labelOf = $derived.by(() => labelsOf(this.run ? [this.run] : []))
  view: ResultView = new ResultView(this)

  progress = $derived.by(() => {
    const live = runs.progress.get(this.id)
    if (live) return live
    return this.run && { ...this.run, runId: this.run.id, leftMs: null }
  })
  active = $derived(this.progress !== undefined && activeStatuses.includes(this.progress.status))
  counts = $derived(countTrials(this.cells))

  async load(): Promise<void> {
    this.#loading = true
    try {
      const [run, cells, log, registered] = await Promise.all([
        ask('runs.get', { id: this.id }),
        ask('runs.results', { ids: [this.id] }),
        ask('runs.log', { id: this.id }),
        ask('runs.predictions', { id: this.id })
      ])
      this.run = run
      this.cells = cells
      this.predictions = [{ runId: this.id, registered }]
      this.log = log.slice(-mostLines)
      this.error = undefined
      if (this.#seriesName) await this.#loadSeries(this.#seriesName)
    } catch (error) {
      this.error = error
    }
    this.#loading = false
    this.#merge()
  }

  /** Read the curves of a series when they are first looked at. */
  showSeries(name: string | undefined): void {
    if (name === this.#seriesName) return
    this.#seriesName = name
    this.#stored = []
    if (name) void this.#loadSeries(name)
  }

  async #loadSeries(name: string): Promise<void> {
    this.seriesLoading = true
    try {
      const series = await ask('runs.series', { ids: [this.id], name })
      if (this.#seriesName === name) this.#stored = series
    } catch (error) {
      notify.failure(error)
    }
    this.seriesLoading = false
  }

  listen(): () => void {
    const stops = [
      bridge.on('run.trials', ({ runId, trials }) => {
        if (runId !== this.id) return
        this.#waiting.push(...trials)
        this.#frame ||= requestAnimationFrame(() => {
          this.#frame = 0
          this.#merge()
        })
      }),
      bridge.on('run.points', ({ runId, curves }) => {
        if (runId !== this.id) return
        this.#points.push(...curves)
        this.#frame ||= requestAnimationFrame(() => {
          this.#frame = 0
          this.#merge()
        })
      }),
      bridge.on('run.log', ({ runId, time, text }) => {
        if (runId === this.id) this.log = [...this.log.slice(1 - mostLines), { time, text }]
      }),
      bridge.on('runs.changed', ({ ids }) => {
        if (ids.includes(this.id)) void this.#refresh()
      }),
      connection.onFound(() => void this.load())
    ]
    return () => {
      cancelAnimationFrame(this.#frame)
      stops.forEach((stop) => stop())
    }
  }

  /** The run's own line changed (name, status, end): its numbers come by themselves. */
  async #refresh(): Promise<void> {
    try {
      this.run = await ask('runs.get', { id: this.id })
      if (this.predictions.some(({ registered }) => registered.length))
        this.predictions = [{ runId: this.id, registered: await ask('runs.predictions', { id: this.id }) }]
    } catch (error) {
      this.error = error
    }
  }

  #merge(): void {
    if (this.#loading) return
    if (this.#points.length) this.#live = addPoints(this.#live, this.id, this.#points.splice(0))
    if (!this.#waiting.length) return
    const trials = this.#waiting
    this.#waiting = []
    this.cells = mergeTrials(this.cells, this.id, trials)
    if (this.#seriesName && !this.seriesLoading)
      this.#stored = mergeSeries(this.#stored, this.id, this.#seriesName, trials)
    this.version++
  }

  async pause(): Promise<void> {
    await this.#tell('runs.pause')
  }
  async resume(): Promise<void> {
    await this.#tell('runs.resume')
  }
  async cancel(): Promise<void> {
    const left = (this.progress?.trials ?? 0) - (this.progress?.done ?? 0)
    const sure = await notify.confirm({
      title: 'Cancel this run?',
      text: `What is stored stays, and the run can be resumed. About ${left.toLocaleString('en')} trials are not run.`,
      confirm: 'Cancel the run',
      danger: true
    })
    if (sure) await this.#tell('runs.cancel')
  }

  async #tell(call: 'runs.pause' | 'runs.resume' | 'runs.cancel'): Promise<void> {
    try {
      await ask(call, { id: this.id })
    } catch (error) {
      notify.failure(error)
    }
  }
}

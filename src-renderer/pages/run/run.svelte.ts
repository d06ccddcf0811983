/** One run as it is watched: what is stored, with every trial that comes in merged at most once a frame. */
import { onMount } from 'svelte'
import type { CallOutput } from '../../../src-shared/contract/index.ts'
import { mostLogLines } from '../../../src-shared/contract/runs.ts'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { CellResult, Run, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import type { RunPredictions } from '../../../src-shared/figures/overlays.ts'
import { referenceTask } from '../../../src-shared/exchange/reference.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { taskParams } from '../../../src-shared/findings/results.ts'
import { bridge } from '../../state/bridge.ts'
import { ResultView, type ResultSource } from '../../charts/result-view.svelte.ts'
import { readHead, readResults, readSeries, type RunHead } from '../../runs/read-runs.ts'
import { ask } from '../../state/ask.ts'
import { catalog } from '../../state/catalog.svelte.ts'
import { query, type Query } from '../../state/query.svelte.ts'
import { notify } from '../../state/notify.svelte.ts'
import { activeStatuses, runs } from '../../state/runs.svelte.ts'
import {
  addPoints,
  countTrials,
  mergeSeries,
  mergeTrials,
  withLive,
  withoutEnded,
  type LiveCurve,
  type LiveTrial
} from './live.ts'
import { plural } from '../../../src-shared/text/numbers.ts'

export class RunState implements ResultSource {
  readonly id: string
  /** The run's own line and what was predicted: its numbers come by themselves. */
  readonly #head: Query<RunHead>
  readonly #numbers: Query<void>
  readonly #curves: Query<SeriesResult[]>
  cells = $state.raw<readonly CellResult[]>([])
  #stored = $state.raw<readonly SeriesResult[]>([])
  #storedOf: string | undefined
  /** Curves of trials under way, of all series. */
  #live = $state.raw<readonly SeriesResult[]>([])
  log = $state.raw<CallOutput<'runs.log'>>([])
  /** Counts up with every batch of trials, for what must be read again. */
  version = $state(0)
  #points: LiveCurve[] = []
  /** Trials that have come in and are not drawn yet; held back while the stored ones are being read. */
  #waiting: LiveTrial[] = []
  #reading = false
  #frame = 0

  /** Made while a component is: it reads and listens for as long as that is there. */
  constructor(id: string) {
    this.id = id
    this.#head = query(() => readHead(id), { 'runs.changed': ({ ids }) => ids.includes(id) })
    this.#numbers = query(() => this.#readNumbers())
    this.#curves = query(() => this.#readCurves(this.#seriesName))
    onMount(() => this.#listen())
  }

  get run(): Run | undefined {
    return this.#head.value?.run
  }
  get predictions(): readonly RunPredictions[] {
    return this.#head.value ? [this.#head.value.predictions] : []
  }
  get error(): unknown {
    return this.#head.error ?? this.#numbers.error ?? this.#curves.error
  }
  get loaded(): boolean {
    return this.#head.value !== undefined && this.#numbers.fresh
  }
  get seriesLoading(): boolean {
    return this.#curves.loading && !this.#curves.fresh
  }

  task = $derived.by(() => (this.run ? (catalog.task(this.run.task) ?? referenceTask([this.run])) : undefined))
  taskParamsOf = (): ParamValues => taskParams(this.run, this.task)
  /** Loss or accuracy by step, before the first trial has ended; it stays where nobody chooses another view. */
  get learning(): string | undefined {
    if (!this.active || this.counts.done) return undefined
    const names = this.#live.map(({ name }) => name)
    return names.includes('accuracy') ? 'accuracy' : names[0]
  }
  scattered = $derived(this.run?.experiment.search !== undefined)
  get opens(): Experiment['opens'] {
    return this.run?.experiment.opens
  }
  labelOf = $derived.by(() => labelsOf(this.run ? [this.run] : []))
  view: ResultView = new ResultView(this)
  #seriesName = $derived(this.view.seriesInfo?.name)
  series = $derived.by(() => withLive(this.#stored, this.#live, this.#seriesName))

  progress = $derived.by(() => {
    const live = runs.progress.get(this.id)
    if (live) return live
    return this.run && { ...this.run, runId: this.run.id, leftMs: null }
  })
  active = $derived(this.progress !== undefined && activeStatuses.includes(this.progress.status))
  counts = $derived(countTrials(this.cells))

  async reload(): Promise<void> {
    await Promise.all([this.#head.reload(), this.#numbers.reload(), this.#curves.reload()])
  }

  async #readNumbers(): Promise<void> {
    this.#reading = true
    try {
      const [cells, log] = await Promise.all([
        ask('runs.get', { id: this.id }).then((run) => readResults([run])),
        ask('runs.log', { id: this.id })
      ])
      this.cells = cells
      this.log = log
    } finally {
      this.#reading = false
      this.#merge()
    }
  }

  /** The curves of a series, when they are looked at. */
  #readCurves(name: string | undefined): Promise<SeriesResult[]> | undefined {
    if (name !== this.#storedOf) {
      this.#storedOf = name
      this.#stored = []
    }
    return name === undefined
      ? undefined
      : ask('runs.get', { id: this.id })
          .then((run) => readSeries([run], [name]))
          .then((series) => {
            if (name === this.#storedOf) this.#stored = series
            return series
          })
  }

  #listen(): () => void {
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
        if (runId === this.id) this.log = [...this.log.slice(1 - mostLogLines), { time, text }]
      })
    ]
    return () => {
      cancelAnimationFrame(this.#frame)
      stops.forEach((stop) => stop())
    }
  }

  #merge(): void {
    if (this.#reading) return
    if (this.#points.length) this.#live = addPoints(this.#live, this.id, this.#points.splice(0))
    if (!this.#waiting.length) return
    const trials = this.#waiting
    this.#waiting = []
    this.cells = mergeTrials(this.cells, this.id, trials)
    if (!this.seriesLoading) {
      if (this.#seriesName) this.#stored = mergeSeries(this.#stored, this.id, this.#seriesName, trials)
      this.#live = withoutEnded(this.#live, trials)
    }
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
      text: `What is stored stays, and the run can be resumed. About ${plural(left, 'trial')} will not be run.`,
      confirm: 'Cancel the run',
      keep: 'Let it run',
      danger: true
    })
    if (sure) await this.#tell('runs.cancel')
  }

  async #tell(call: 'runs.pause' | 'runs.resume' | 'runs.cancel'): Promise<void> {
    await notify.attempt(() => ask(call, { id: this.id }))
  }
}

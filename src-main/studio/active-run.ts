/** One run in progress: its counts, its clock and its forecast. It knows no store and no engine. */
import type { Fallback, Progress, Provenance, Run, RunStatus } from '../../src-shared/shapes/run.ts'
import type { PlaceName } from '../../src-shared/shapes/place.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { BatchPlace } from '../places/place.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { StoredTuning } from '../store/tuning.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'

/** A trial takes time even where its arithmetic is nothing: about that of so many FLOPs. */
const overheadFlops = 1e6

export type EndStatus = Extract<RunStatus, 'done' | 'failed' | 'cancelled' | 'interrupted'>

export class ActiveRun {
  readonly id: string
  readonly run: Run
  /** What it tries first; undefined where nothing is tuned. */
  readonly tuning: StoredTuning | undefined
  /** The cells of the report, and behind them those of tuning. */
  #cells: readonly Cell[]
  /** Which part of it the engine has. */
  stage: 'tuning' | 'report' = 'report'
  status: Extract<RunStatus, 'queued' | 'running' | 'paused'> = 'queued'
  /** The engine holds its job. */
  attached = false
  /** Trials that were answered twice and not alike. */
  drifted = 0
  /** What computes it, where that is neither the engine nor another place of the studio's. */
  only: BatchPlace | undefined
  /** Set while the engine is being told to stop: how the run will end. */
  stopping: { status: EndStatus; error: ErrorData | null; timer: NodeJS.Timeout } | undefined
  readonly #counts: Pick<Run, 'done' | 'diverged' | 'failed'>
  readonly #reports: number
  /** Tuning trials that have ended. */
  #tried: number
  readonly #backends: Set<string>
  /** Trials that could not be stored, to be stored when the disk has room or the file is back. */
  readonly unsaved: TrialOutcome[] = []
  readonly fallbacks: Fallback[]
  /** Other computers that trials came from. */
  computers: NonNullable<Provenance['computers']>
  /** Milliseconds of computing before the clock was last started, and when that was. */
  #before: number
  #since: number | null = null
  /** What one trial of each cell is expected to cost, and what is left of it in all. */
  #weights: readonly number[] | undefined
  #left = 0
  /** Time and work since the run was last taken up: from them follows the time left. */
  #session = { from: 0, work: 0 }

  constructor(run: Run, cells: readonly Cell[], tuning?: StoredTuning) {
    const { id, done, diverged, failed } = run
    this.id = id
    this.run = run
    this.tuning = tuning
    this.#reports = cells.length
    this.#cells = [...cells, ...(tuning?.cells ?? [])]
    this.#tried = tuning?.trials.length ?? 0
    this.#counts = { done, diverged, failed }
    this.#backends = new Set(run.backend.split(', ').filter(Boolean))
    this.computers = run.provenance.computers ?? []
    this.fallbacks = structuredClone(run.provenance.fallbacks ?? [])
    this.#before = run.elapsedMs
    this.#session.from = run.elapsedMs
  }

  /** Milliseconds of computing so far, waiting and pauses left out. */
  get elapsedMs(): number {
    return this.#before + (this.#since === null ? 0 : performance.now() - this.#since)
  }
  get backend(): string {
    return [...this.#backends].sort().join(', ')
  }
  /** By their index in the engine's answers. */
  get cells(): readonly Cell[] {
    return this.#cells
  }
  /** Those of the report alone. */
  get reported(): readonly Cell[] {
    return this.#cells.slice(0, this.#reports)
  }
  /** Whether tuning has set the parameters of the report's cells, or need not. */
  get settled(): boolean {
    return !this.tuning || this.reported.every(({ tuned }) => tuned !== undefined)
  }
  /** Where its batches are computed. */
  get place(): PlaceName {
    return this.run.provenance.place ?? 'here'
  }
  get complete(): boolean {
    const { done, diverged, failed } = this.#counts
    return done + diverged + failed >= this.run.trials
  }
  get weighed(): boolean {
    return this.#weights !== undefined
  }

  turn(status: ActiveRun['status']): void {
    this.#before = this.elapsedMs
    this.#since = status === 'running' ? performance.now() : null
    this.status = status
  }

  /** @param flops of one trial of each cell; left out where it is not known */
  weigh(flops?: readonly number[]): void {
    this.#weights = this.cells.map((_, i) => overheadFlops + (flops?.[i] || 0))
  }

  /** The engine has been given this much of the grid; what is left of the run may be more. */
  handOver(stage: ActiveRun['stage'], left: readonly Pick<RunJob['cells'][number], 'index' | 'seeds'>[]): void {
    this.attached = true
    this.stage = stage
    this.#left = left.reduce((sum, { index, seeds }) => sum + seeds.length * this.#weight(index), 0)
  }

  /** The report's cells with the parameters that tuning has chosen. */
  settle(cells: readonly Cell[]): void {
    this.#cells = [...cells, ...this.#cells.slice(this.#reports)]
  }

  /** Trials that were computed elsewhere, one entry for each reason. */
  fellBack({ from, to, trials, reason }: Fallback): void {
    const same = this.fallbacks.find((one) => one.from === from && one.to === to && one.reason === reason)
    if (same) same.trials += trials
    else this.fallbacks.push({ from, to, trials, reason })
  }

  usedBackends(outcomes: readonly TrialOutcome[]): void {
    for (const { backend } of outcomes) this.#backends.add(backend)
  }

  keep(outcomes: readonly TrialOutcome[]): void {
    this.unsaved.push(...outcomes)
  }

  /** Count trials that are stored now. */
  count(outcomes: readonly Pick<TrialOutcome, 'status' | 'cell'>[]): void {
    for (const { status, cell } of outcomes) {
      if (cell < this.#reports) this.#counts[status]++
      else this.#tried++
      this.#session.work += this.#weight(cell)
      this.#left -= this.#weight(cell)
    }
  }

  progress(): Progress {
    const { elapsedMs, tuning } = this
    const { from, work } = this.#session
    return {
      runId: this.id,
      status: this.status,
      trials: this.run.trials,
      ...this.#counts,
      ...(tuning && { tuning: { trials: tuning.cells.length * tuning.seeds.length, done: this.#tried } }),
      elapsedMs,
      leftMs: work ? ((elapsedMs - from) / work) * Math.max(0, this.#left) : null,
      backend: this.backend,
      error: this.stopping?.error ?? null
    }
  }

  #weight(cell: number): number {
    return this.#weights?.[cell] ?? overheadFlops
  }
}

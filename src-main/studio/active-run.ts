/** One run in progress: its counts, its clock and its forecast. It knows no store and no engine. */
import type { Fallback, Progress, Provenance, Run } from '../../src-shared/shapes/run.ts'
import type { PlaceName } from '../../src-shared/shapes/place.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { BatchPlace } from '../places/place.ts'
import type { RunJob, UnderWay } from '../engine/protocol.ts'
import type { StoredTuning } from '../store/tuning.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { Conclusion } from './conclusion.ts'
import { Contributions } from './contributions.ts'
import type { JobDocument } from './jobs/jobs.ts'

/** A trial takes time even where its arithmetic is nothing: about that of so many FLOPs. */
const overheadFlops = 1e6

export class ActiveRun implements JobDocument {
  readonly id: string
  readonly run: Run
  /** What it tries first; undefined where nothing is tuned. */
  readonly tuning: Pick<StoredTuning, 'metric'> | undefined
  /** The cells of the report, and behind them those of tuning. */
  #cells: readonly Cell[]
  /** Which part of it the engine has. */
  stage: 'tuning' | 'report' = 'report'
  #status: JobDocument['status'] = 'queued'
  /** Why it ends, or ended. */
  error: ErrorData | null = null
  /** When it ended. */
  ended: string | null = null
  readonly #counts: Pick<Run, 'done' | 'diverged' | 'failed'>
  readonly #reports: number
  /** Tuning trials in all, and how many of them have ended. */
  readonly #toTry: number
  readonly #tuningSeeds: number
  #tried: number
  readonly #backends: Set<string>
  /** Trials that could not be stored, to be stored when the disk has room or the file is back. */
  readonly unsaved: TrialOutcome[] = []
  readonly fallbacks: Fallback[]
  /** Other computers that trials came from. */
  readonly computers: Contributions
  /** Trials that were answered twice and not alike. */
  drifted = 0
  /** What computes it, where that is neither the engine nor another place of the studio's. */
  only: BatchPlace | undefined
  /** What its trials come to, looked at before its end is stored. */
  conclusion: Conclusion | undefined
  /** It was with other computers when the studio opened: while they cannot be reached it waits for them. */
  patient = false
  /** Ends the batch under way when its place does not answer. */
  abandon: (() => void) | undefined
  /** The studio has left it to other computers. */
  left = false
  /** Milliseconds of computing before the clock was last started, and when that was. */
  #before: number
  #since: number | null = null
  /** What one trial of each cell is expected to cost, and what is left of it in all. */
  #weights: readonly number[] | undefined
  #left = 0
  /** Time and work since the run was last taken up: from them follows the time left. */
  #session = { from: 0, work: 0 }
  /** What a paused run still computes. */
  #under: readonly UnderWay[] = []

  /** @param points that each cell of the report tries, where they are not all known yet */
  constructor(run: Run, cells: readonly Cell[], tuning?: StoredTuning, points?: number) {
    const { id, done, diverged, failed } = run
    this.id = id
    this.run = run
    this.tuning = tuning
    this.#reports = cells.length
    this.#cells = [...cells, ...(tuning?.cells ?? [])]
    this.#tuningSeeds = tuning?.seeds.length ?? 0
    this.#toTry = this.#tuningSeeds * (points === undefined ? (tuning?.cells.length ?? 0) : points * cells.length)
    this.#tried = tuning?.trials.length ?? 0
    this.#counts = { done, diverged, failed }
    this.#backends = new Set(run.backend.split(', ').filter(Boolean))
    this.computers = new Contributions(run.provenance.computers ?? [])
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
  /** Where its batches are computed. */
  get place(): PlaceName {
    return this.run.provenance.place ?? 'here'
  }
  /** What is known of where its numbers come from. */
  get provenance(): Provenance {
    const { run, fallbacks } = this
    const computers = this.computers.all
    return {
      ...run.provenance,
      ...(fallbacks.length && { fallbacks }),
      ...(computers.length && { computers })
    }
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
  get complete(): boolean {
    const { done, diverged, failed } = this.#counts
    return done + diverged + failed >= this.run.trials
  }
  get weighed(): boolean {
    return this.#weights !== undefined
  }

  get status(): JobDocument['status'] {
    return this.#status
  }
  /** Its clock runs while it computes. */
  set status(status: JobDocument['status']) {
    this.#before = this.elapsedMs
    this.#since = status === 'running' ? performance.now() : null
    this.#status = status
    if (!['queued', 'running', 'paused'].includes(status)) this.ended ??= new Date().toISOString()
  }

  /** @param flops of one trial of each cell; left out where it is not known */
  weigh(flops?: readonly number[]): void {
    this.#weights = this.cells.map((_, i) => overheadFlops + (flops?.[i] || 0))
  }

  /** The engine has been given this much of the grid; what is left of the run may be more. */
  handOver(stage: ActiveRun['stage'], left: readonly Pick<RunJob['cells'][number], 'index' | 'seeds'>[]): void {
    this.stage = stage
    this.#left = left.reduce((sum, { index, seeds }) => sum + seeds.length * this.#weight(index), 0)
    // What is still to be proposed costs about what a trial of the report does.
    const unknown = this.#toTry - this.#tuningSeeds * (this.#cells.length - this.#reports)
    const reported = this.reported.reduce((sum, _, i) => sum + this.#weight(i), 0)
    if (stage === 'tuning') this.#left += (unknown * reported) / this.#reports
  }

  /** More of what it tries, which was not known before. */
  add(cells: readonly Cell[]): void {
    this.#cells = [...this.#cells, ...cells]
    this.#weights = undefined
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

  /** Paused, it ends these first. */
  hold(under: readonly UnderWay[]): void {
    this.#under = under
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
    return {
      runId: this.id,
      status: this.status,
      trials: this.run.trials,
      ...this.#counts,
      ...(tuning && { tuning: { trials: this.#toTry, done: this.#tried } }),
      elapsedMs,
      leftMs: this.#leftMs,
      ...(this.status === 'paused' && this.#under.length > 0 && { pausing: { ms: this.#pausingMs } }),
      backend: this.backend,
      error: this.error
    }
  }

  /** By the pace of this session; null where it is not known, or the run has ended before its last trial. */
  get #leftMs(): number | null {
    if (this.ended !== null) return this.status === 'done' ? 0 : null
    const { from, work } = this.#session
    return work ? ((this.elapsedMs - from) / work) * Math.max(0, this.#left) : null
  }

  /** By the same pace, of what is under way while it is paused. */
  get #pausingMs(): number | null {
    const { from, work } = this.#session
    const under = this.#under.reduce((sum, { cell, trials }) => sum + trials * this.#weight(cell), 0)
    return work ? ((this.elapsedMs - from) / work) * under : null
  }

  #weight(cell: number): number {
    return this.#weights?.[cell] ?? overheadFlops
  }
}

/**
 * Where batches are computed: a batch goes in, its outcomes come out as they are ready. `here` is this machine's engine
 * process; a queue of workers or a cluster serves the same interface.
 */
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Backend, StudioInfo } from '../../src-shared/shapes/machine.ts'
import type { Checkpoint, TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { Computer } from '../../src-shared/shapes/place.ts'
import type { Fallback } from '../../src-shared/shapes/run.ts'
import type { LivePoint, RequestName, Requests, RunJob, UnderWay } from '../engine/protocol.ts'

export type PlaceState = StudioInfo['engine']

/** What a place says about itself when it can compute. */
export interface Ready {
  backends: Backend[]
  workers: number
  catalog: Catalog
  errors: ErrorData[]
}

/** How a batch ended: `gone` when the place itself was lost with all that computed there. */
export interface Ending {
  how: 'done' | 'cancelled' | 'failed' | 'gone'
  error: ErrorData | null
}

/** Told what a batch gives, as it gives it; after `ended` nothing more. */
export interface BatchListener {
  trials(trials: TrialOutcome[]): void
  points?(points: LivePoint[]): void
  checkpoint?(cell: number, trials: Checkpoint[]): void
  log?(text: string): void
  /** Trials are computed on another backend than was chosen. */
  fellBack?(fallback: Fallback): void
  /** What it still computes while it is paused. */
  holding?(under: UnderWay[]): void
  /** Which computer the last trials came from, where it is another one. */
  computedBy?(computer: Computer, trials: number): void
  ended(ending: Ending): void
}

/** What every place does: batches go in. */
export interface BatchPlace {
  /** Compute a batch, known by its `runId`. */
  run(batch: RunJob, listener: BatchListener): void
  tell(type: 'pause' | 'resume' | 'cancel', runId: string): void
  stop(): Promise<void>
}

/** This machine, which answers questions, too. */
export interface Place extends BatchPlace {
  readonly state: PlaceState
  /** What it said when it was last ready. */
  readonly known: Ready | undefined
  /** @throws StudioError engine-crashed when it cannot be started */
  ready(): Promise<Ready>
  /** @throws StudioError what it answers; engine-crashed when it is lost meanwhile */
  request<N extends RequestName>(name: N, input: Requests[N]['input']): Promise<Requests[N]['output']>
  /** End what computes and begin afresh: for other options, or when a cancel is not answered. */
  restart(why: string): void
}

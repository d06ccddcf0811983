/** What the engine process asks of its workers. Plain data and shared flags. */
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { Peaks } from '../../src-shared/cost/measurement.ts'
import type { Parity, ParityRequest } from '../../src-shared/shapes/parity.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { Experiment } from '../../src-shared/shapes/experiment.ts'
import type { BackendName } from '../tensors/backends/backend.ts'
import type { Requests } from './protocol.ts'
import type { PythonEntry } from './python/described.ts'
import type { PythonOptions } from './python/process.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'

/** Means over the window of steps that ends at x. */
export interface CurvePoint {
  trial: number
  x: number
  loss: number
  accuracy: number
}

/** What a batch tells while it is under way. */
export type BatchNote =
  | { type: 'curve'; points: (CurvePoint & { seed: number })[] }
  | { type: 'checkpoint'; states: { seed: number; state: Uint8Array }[] }
  /** What the user's own code printed. */
  | { type: 'printed'; text: string }

export interface BatchJob {
  task: string
  cell: Cell & { index: number }
  seeds: readonly number[]
  /** The task trains its model: what its seeds have learned before an interruption. */
  training?: { checkpoints: { seed: number; state: Uint8Array }[] }
  generator: Experiment['generator']
  backend: BackendName
  /** A measurement gives up after this time. */
  deadlineMs?: number
}

/** What one trial of a cell asks of the machine. */
export interface CellWeight {
  flops: number
  bytes: number
}

export interface WorkerCalls {
  /** What the worker knows, as it was started. */
  catalog: { input: null; output: { catalog: Catalog; errors: ErrorData[] } }
  costs: Requests['costs']
  weigh: { input: { task: string; cells: Cell[] }; output: CellWeight[] }
  weights: Requests['weights']
  misfits: Requests['misfits']
  peaks: { input: { backend: BackendName }; output: Peaks }
  measure: Requests['measure']
  fit: Requests['fit']
  parity: { input: { request: ParityRequest; options: PythonOptions }; output: Omit<Parity, 'date'> }
  batch: { input: BatchJob; output: TrialOutcome[] }
}

/** A user's file that was found to hold a model. */
export interface ModelFile {
  file: string
  /** The model's id. */
  id: string
  /** Hash of the file and of the files of its own that it imports. */
  code: string
  /** Those files. */
  imports: readonly string[]
  /** Of a class in a Python file. */
  python?: PythonEntry
}

export interface WorkerOptions {
  models: readonly ModelFile[]
  vectorFolder?: string
  /** The user's own Python, where there is one. */
  python?: PythonOptions
}

export interface WorkerRequest {
  id: number
  name: keyof WorkerCalls
  input: unknown
  /** Of a thread: one Int32 that is not 0 once the call is cancelled. A process is told by a message. */
  cancelled?: SharedArrayBuffer
}
export type WorkerMessage = WorkerRequest | { cancel: number }

export type WorkerAnswer =
  | { state: 'loading'; file: string }
  | { state: 'ready' }
  | ({ id: number } & (
      | { note: BatchNote }
      | { ok: true; value: unknown }
      /** `spoilt`: the worker must not compute on, its memory or its device may be at fault. */
      | { ok: false; error: ErrorData; spoilt?: boolean }
    ))

/** The messages between the studio and the engine process. Plain data, structured-clone safe. */
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { Backend } from '../../src-shared/shapes/machine.ts'
import type { Parity, ParityRequest } from '../../src-shared/shapes/parity.ts'
import type { Search } from '../../src-shared/shapes/search.ts'
import type { Point } from '../../src-shared/shapes/point.ts'
import type { PythonSettings, PythonState } from '../../src-shared/shapes/python.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import type { BackendChoice, Experiment } from '../../src-shared/shapes/experiment.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { BlockId } from '../../src-shared/cost/block.ts'
import type { Cost } from '../../src-shared/cost/cost.ts'
import type { MeasuredPoint, Peaks } from '../../src-shared/cost/measurement.ts'
import type { CostInput } from '../../src-shared/cost/symbols.ts'
import type { FitAnswer, FitPart } from '../../src-shared/recall/fit-parts.ts'
import type { Checkpoint, TrialOutcome } from '../../src-shared/shapes/outcome.ts'

/** One cell of a grid and the seeds of it that are still to run. */
export interface CellJob extends Cell {
  /** The cell's index in the run's grid: names it in the answers. */
  index: number
  seeds: number[]
  /** Where a task trains its models: what these seeds had learned when the run was interrupted. */
  checkpoints?: Checkpoint[]
}

/** A point of a learning curve of a trial under way: the newest values of its series. */
export interface LivePoint {
  cell: number
  seed: number
  x: number
  series: Record<string, number>
}

export interface RunJob {
  runId: string
  task: string
  generator: Experiment['generator']
  backend: BackendChoice
  cells: CellJob[]
  /** Each cell is a batch that was cut elsewhere: it is computed as one. */
  whole?: true
}

/** Some trials of a cell that are computed together, and what that takes. */
export interface Cut {
  /** The cell's index in the run's grid. */
  cell: number
  seeds: number[]
  flops: number
}

/** A file of the user's own code, by its place in the folder of models (with slashes). */
export interface CodeFile {
  path: string
  content: Uint8Array
}

/** Questions the studio asks the engine, with the type of the answer. */
export interface Requests {
  catalog: { input: null; output: { catalog: Catalog; errors: ErrorData[] } }
  /** Load a folder of user models (empty: none) and answer the catalog. */
  reload: { input: { modelFolder: string; python?: PythonSettings }; output: { catalog: Catalog; errors: ErrorData[] } }
  /** The interpreter that runs the user's own Python models, or why there is none. */
  python: { input: null; output: PythonState }
  /** Hold a model to a class of the user's own. */
  parity: { input: ParityRequest; output: Parity }
  /** Exact cost of one trial of each cell (its store and retrieve). */
  costs: { input: { task: string; cells: Cell[] }; output: Cost[] }
  /** For each model whose weights file does not fit it at some cell, every tensor at fault. */
  misfits: { input: { task: string; cells: Cell[] }; output: ErrorData[] }
  /** The bytes of a file with the initial weights of a trial: what PyTorch needs to repeat it. */
  weights: {
    input: { task: string; generator: Experiment['generator']; cell: Cell; seed: number; format: 'safetensors' | 'npz' }
    output: Uint8Array
  }
  /** Expected milliseconds for the job on this machine, from a short measurement. */
  estimate: { input: RunJob; output: { ms: number; backend: string } }
  /** A job cut into batches for workers elsewhere, so many of them at once. */
  cut: { input: { job: RunJob; lanes: number }; output: Cut[] }
  /** The users' own files that models are made of: each model's file and what it imports. */
  code: { input: { models: readonly string[] }; output: CodeFile[] }
  /** The backend that a choice means here, and its peaks. */
  peaks: { input: { backend: BackendChoice }; output: { backend: Backend['name']; peaks: Peaks } }
  /** Time one block; nothing else should compute meanwhile. */
  measure: {
    input: { backend: Backend['name']; memory: BlockId; input: CostInput; repeats: number }
    output: Omit<MeasuredPoint, 'memory' | 'x'>
  }
  /** Give up what is being measured: its answer is `cancelled`. */
  stopMeasuring: { input: null; output: null }
  /** The next point of a search that Optuna makes in the user's own Python. */
  propose: { input: Search; output: Point }
  /** One part of a fit, on the next free worker. */
  fit: { input: FitPart; output: FitAnswer }
  /** Give up the parts that are computed: their answers are `cancelled`. */
  stopFitting: { input: null; output: null }
}
export type RequestName = keyof Requests

export type ToEngine =
  | { type: 'run'; job: RunJob }
  | { type: 'pause' | 'resume' | 'cancel'; runId: string }
  | { [N in RequestName]: { type: 'request'; id: number; name: N; input: Requests[N]['input'] } }[RequestName]
  | { type: 'stop' }

/** Trials of a cell that are computed at this moment. */
export interface UnderWay {
  cell: number
  trials: number
}

export type FromEngine =
  | { type: 'ready'; backends: Backend[]; workers: number; catalog: Catalog; errors: ErrorData[] }
  /** At most 20 a second. */
  | { type: 'trials'; runId: string; trials: TrialOutcome[] }
  /** Learning curves of trials under way; at most 20 a second. */
  | { type: 'points'; runId: string; points: LivePoint[] }
  | { type: 'checkpoint'; runId: string; cell: number; trials: Checkpoint[] }
  | { type: 'log'; runId: string; text: string }
  /** Trials are computed on another backend than was chosen, because that one failed. */
  | { type: 'fellBack'; runId: string; from: string; to: string; trials: number; reason: string }
  /** What a paused run still computes, by cell; nothing any more once it is empty. */
  | { type: 'holding'; runId: string; under: UnderWay[] }
  /** Outside a reload: a file has been set aside. */
  | { type: 'catalog'; catalog: Catalog; errors: ErrorData[] }
  | { type: 'ended'; runId: string; how: 'done' | 'cancelled' | 'failed'; error: ErrorData | null }
  | { type: 'answer'; id: number; result: { ok: true; value: unknown } | { ok: false; error: ErrorData } }

/** The engine as a host sees it. */
export interface EngineProcess {
  post(message: ToEngine): void
  onMessage(listener: (message: FromEngine) => void): void
  /** code is null when a signal ended it; detail says what is known (exit code, signal, last words on stderr). */
  onExit(listener: (code: number | null, detail: string) => void): void
  kill(): void
}

/** What a host must hand to the engine process at its start (as JSON in its first argument). */
export interface EngineOptions {
  workers: number
  modelFolder: string
  /** Of the user's own Python; the defaults where it is left out. */
  python?: PythonSettings
  /** Where imported vectors lie. */
  vectorFolder?: string
  /** The user's default backend. */
  backend: BackendChoice
  /** Where it is remembered which driver crashed when it was asked. */
  probeFile?: string
}

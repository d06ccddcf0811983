/**
 * What every task is. A task's file exports one `defineTask({...})`: its documentation for the catalog and `run`, which
 * drives one batch of memories that differ only in their seed. Tasks know no model: they see the Memory interface.
 */
import type { TaskInfo } from '../../src-shared/shapes/catalog.ts'
import type { ParamValues, Params, ValuesOf } from '../../src-shared/shapes/params.ts'
import type { Draws } from '../tensors/random/draws.ts'
import type { Trained, TrainingPlan } from './training-plan.ts'
import type { Vectors } from '../tensors/vectors.ts'
import type { Memory, Trace } from '../models/model.ts'
import type { Recaller, RecallSetup } from '../models/parts/recall/recaller.ts'

export interface TaskContext {
  /** Trials in this batch; every tensor and every drawn array has them as its leading axis. */
  batch: number
  /** The trial's own random numbers: a stream for each name with philox, one running generator with torch. */
  random: Draws
  /** The memory under test, made at the first call (with torch, its weights are drawn at that moment). */
  memory(): Memory
  /**
   * The tested block in every layer of a transformer (or the tested transformer), trained on sequences of tokens: only
   * for tasks whose `needs` ask for training. Its curves are shown while it trains, and an interrupted one goes on.
   * @throws StudioError cancelled
   */
  train?(plan: TrainingPlan): Promise<Trained>
  /** A memory of a named kind with its defaults and these parameters: only for tasks that replay a fixed script. */
  build(kind: string, params: ParamValues): Memory
  /** Imported vectors by their hash. @throws StudioError not-found */
  vectors(hash: string): Vectors
  /** Set when the model under test is one of human free recall: makes a simulated subject. */
  recaller?(setup: RecallSetup): Recaller
  /** The kinds of the scripted memories in their order, and the place of the tested one among them (from 0): only for such scripts. */
  script(): { kinds: readonly string[]; tested: number }
  /** Throws `cancelled` once the run is; call it between steps of a long trial. */
  checkCancelled(): void
}

/** What a task measured, one number per trial of the batch. */
export interface TaskResult {
  /** metric name -> [B]; null where a trial has nothing to measure it on (NaN says that it diverged) */
  metrics: Record<string, ArrayLike<number | null>>
  /** series name -> its x values and, per trial, its y values */
  series?: Record<string, { x: readonly number[]; y: readonly ArrayLike<number>[] }>
  traces?: readonly Trace[]
  /** What the items are called, per trial in the order in which they are stored and asked for: for maps over them. */
  names?: readonly (readonly string[])[]
}

type Filled = Pick<TaskInfo, 'defaultSweep' | 'series' | 'derived'>
type Documentation = Omit<TaskInfo, 'params' | keyof Filled>

/** What a trial asks of its memory. */
export interface TaskWorkload {
  stored: number
  before: number
  queries: number
  /** Tokens of a sequence, in the mean. */
  tokens?: number
  /** Of a task that trains: sequences that are read in all, a training pass as three, tokens of the longest and of a turn. */
  training?: { sequences: number; longest: number; turn?: number }
}

export interface Task<P extends Params = Params> extends Documentation, Partial<Filled> {
  params: P
  run(params: ValuesOf<P>, context: TaskContext): Promise<TaskResult>
  /** The workload of one trial, from which the cost of a grid is predicted. */
  workload(params: ValuesOf<P>): TaskWorkload
}

export type AnyTask = Omit<Task, 'run' | 'workload' | keyof Filled> &
  Filled & {
    run(params: ParamValues, context: TaskContext): Promise<TaskResult>
    workload(params: ParamValues): TaskWorkload
  }

/** Checks the definition's types, fills in what it leaves out and forgets its parameters' type. */
export function defineTask<const P extends Params>(task: Task<P>): AnyTask {
  return { defaultSweep: {}, series: [], derived: [], ...task } as unknown as AnyTask
}

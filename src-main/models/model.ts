/**
 * What every memory model is. A model's file exports one `defineModel({...})`: its documentation for the catalog, its
 * parameters, its exact cost, and how to make a memory. All tensors carry a leading batch axis B of independent trials.
 */
import type { Tensor } from '@tensorflow/tfjs'
import type { ModelInfo } from '../../src-shared/shapes/catalog.ts'
import type { Cost, Workload } from '../../src-shared/cost/cost.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Params, ParamValues, ValuesOf } from '../../src-shared/shapes/params.ts'
import type { Scope } from '../../src-shared/shapes/scope.ts'
import type { TraceValue } from '../../src-shared/shapes/outcome.ts'
import type { Recaller, RecallSetup } from './parts/recall/recaller.ts'

/** How the reference draws a weight's initial value. */
export type Init =
  /**
   * Zeros. `state`: what the memory writes into, which a weights file may leave out. `discards`: how many uniform draws
   * the reference makes and overwrites (the bias of an MHA's out_proj Linear).
   */
  | { kind: 'zeros'; state?: true; discards?: number }
  | { kind: 'ones' }
  /**
   * Normal with this scale. `first`: how many leading rows the memory takes; it gets [B, first, ...], the same numbers
   * as of the whole, and sources that can need not draw the rest.
   */
  | { kind: 'normal'; scale: number; first?: number }
  /** Uniform within this bound of the centre (0): what Linear(in, out) draws, with bound 1/sqrt(in). */
  | { kind: 'uniform'; bound: number; centre?: number }

/**
 * Where weights come from: drawn per trial, read from a file, or a fixture. A model asks for each weight by its
 * PyTorch state_dict name, in the order in which the reference draws them, and owns the tensor it gets: [B, ...shape].
 */
export type WeightSource = (name: string, shape: readonly number[], init: Init) => Tensor

export interface MemorySetup {
  batch: number
  weight: WeightSource
  /** Whether traces will be asked for; if not, nothing is held for them. */
  observed: boolean
  /** What the blocks of the stack around this one have in common; none around a block that stands alone. */
  scope?: Scope
  /**
   * Makes a memory of another kind whose weights are asked for under a prefix (`blocks.0.`); for stacked, mixture, hybrid.
   * It is in the same scope, unless it is given another: that of a stack which it is a block of.
   */
  build: (kind: string, params: Readonly<Record<string, unknown>>, prefix: string, scope?: Scope) => Memory
}

/** Items to store. Vectors are rows. A spatial memory reads the last three; they hold for all trials of the batch. */
export interface StoreInput {
  /** [B, N, dk] */
  keys: Tensor
  /** [B, N, dv] */
  values: Tensor
  /** [B, N, c] */
  contexts?: Tensor
  positions?: readonly number[]
  times?: readonly number[]
  importances?: readonly number[]
}

export interface RetrieveInput {
  /** [B, Q, dk] */
  queries: Tensor
  /** [B, Q, c] */
  contexts?: Tensor
  /** For all queries of the call. */
  time?: number
  position?: number
  level?: number
  /** One for each query, instead; a spatial memory asked without places takes the query's index for both. */
  times?: readonly number[]
  positions?: readonly number[]
}

/** Something a memory reports about itself: one entry per trial of the batch. */
export interface Trace {
  name: string
  title: string
  /**
   * line: values over calls or tokens; heatmap: [rows, columns]; bars: one value per name; tree: nodes of a hierarchy;
   * frames: [frames, rows, columns], a map that changes over time, whose labels name frames, then rows, then columns.
   */
  kind: 'line' | 'heatmap' | 'bars' | 'tree' | 'frames'
  /** Axis names with units, for line, and of rows and columns for heatmap and frames. */
  axes?: readonly string[]
  perTrial: readonly TraceValue[]
  /** Of a map over tokens: which they are, so that a task can name them. Not stored. */
  tokens?: TokenPlaces
}

/** First and last token, counted from 0 since creation or reset. */
export type TokenRange = readonly [number, number]

/** What the rows and columns of a map stand for. */
interface TokenPlaces {
  /** Tokens read so far. */
  total: number
  rows: readonly TokenRange[]
  /** None where the columns are no tokens. */
  columns?: readonly TokenRange[]
}

/** What a caller may say of the tokens of a call. */
export interface ForwardOptions {
  /** Tokens (from 0) that end a turn, for blocks that write turn by turn. */
  turns?: readonly number[]
  /** [B, L]: the type of each token, from 0 (what kind it is, or of which task), for gates that know it. */
  types?: Int32Array
}

/**
 * One batch of live memories. Every method takes ownership of nothing: inputs stay the caller's; a returned tensor is
 * the caller's to dispose. Intermediate tensors are the memory's own business (use tf.tidy).
 */
export interface Memory {
  /** Key-value memories. */
  store?(input: StoreInput): void
  /** [B, Q, dv] */
  retrieve?(input: RetrieveInput): Tensor
  /**
   * Sequence blocks: inputs [B, L, d] -> [B, L, d]; memory is kept between calls. Blocks made of others hand the options
   * on to all of them.
   */
  forward?(inputs: Tensor, options?: ForwardOptions): Tensor
  /** What recall is judged against, where a memory answers in a space of its own: values [B,N,dv] -> [B,N,dm]. */
  targets?(values: Tensor): Tensor
  /** Back to the state after creation. */
  reset(): void
  /** Traces since creation or reset; async because a GPU is read. */
  traces?(): Promise<Trace[]>
  dispose(): void
}

/** The cost of a memory of another kind, its params filled. */
export type CostOf = (kind: string, params: ParamValues, workload: Workload) => Cost

type Documentation = Omit<ModelInfo, 'params' | 'origin' | 'uses'>

export interface Model<P extends Params = Params> extends Documentation {
  /** Left out: neither contexts nor places. */
  uses?: ModelInfo['uses']
  params: P
  create(params: ValuesOf<P>, setup: MemorySetup): Memory
  /**
   * Exact operation and storage counts of what `create` makes, for a workload; nothing is stored or retrieved where it
   * says nothing of that. `costOf` answers for memories inside it.
   */
  cost(
    params: ValuesOf<P>,
    workload: Workload,
    costOf: CostOf
  ): Partial<Cost> & Omit<Cost, 'storeFlops' | 'retrieveFlops'>
}

/** A model of any parameters, as the registry and the engine hold it. */
export type AnyModel = Omit<Model, 'create' | 'cost' | 'uses'> & {
  uses: ModelInfo['uses']
  create(params: Readonly<Record<string, unknown>>, setup: MemorySetup): Memory
  /** Set on models of human free recall. */
  simulate?(params: Readonly<Record<string, unknown>>, setup: RecallSetup): Recaller
  cost(params: Readonly<Record<string, unknown>>, workload: Workload, costOf: CostOf): Cost
}

/** Checks the definition's types, fills in what it leaves out and forgets its parameters' type. */
export function defineModel<const P extends Params>(model: Model<P>): AnyModel {
  return {
    ...(model as unknown as Model),
    uses: model.uses ?? { contexts: false, places: false },
    cost: (params, workload, costOf) => ({
      ...{ storeFlops: 0, retrieveFlops: 0 },
      ...model.cost(params as ValuesOf<P>, workload, costOf)
    })
  }
}

/** A model of human free recall: no memory of keys and values, but a simulated subject. */
export interface RecallModel<P extends Params = Params> extends Omit<Model<P>, 'create'> {
  simulate(params: ValuesOf<P>, setup: RecallSetup): Recaller
}

/** The same for a model of free recall. */
export function defineRecallModel<const P extends Params>(model: RecallModel<P>): AnyModel {
  return {
    ...defineModel({
      ...model,
      create() {
        throw new StudioError(
          'not-supported',
          `${model.title} is a model of free recall: it stores no keys and values.`
        )
      }
    }),
    simulate: model.simulate as AnyModel['simulate']
  }
}

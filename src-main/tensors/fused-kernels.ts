/**
 * The sequential and gradient-written memories run their write loop on plain tensor ops, or, where the engine has
 * registered them, on fused kernels that do the same arithmetic in one pass. Models ask here and know no backend.
 */

/** One parameter of B trials with Adam's state, changed in place. */
export interface KernelParameter {
  values: Float32Array
  mean: Float32Array
  square: Float32Array
  /** Adam's 1 - b1^t and 1 - b2^t, per trial: [B, 2]; changed in place. */
  unbias: Float64Array
}

/** Episodes written one Adam step after another; see EpisodicSlots. Shapes are row-major. */
export interface EpisodicWrite {
  batch: number
  /** Slots in use u, length d of keys and values, length c of contexts. */
  slots: number
  dim: number
  contextDim: number
  /** [B, u, d], [B, u, d], [B, u, c] */
  keys: KernelParameter
  slotValues: KernelParameter
  /** Left out when the write has no contexts. */
  contexts?: KernelParameter
  /** [B, N, d], [B, N, d], [B, N, c]; contexts already scaled by their weight. */
  items: number
  itemKeys: Float32Array
  itemValues: Float32Array
  itemContexts?: Float32Array
  /** Slots in use at each episode [N]; without it all `slots` are. */
  used?: Int32Array
  /** Added to every score: [u], or [N, u] with `used`. */
  recency: Float32Array
  learningRate: number
  orthogonality: number
  outerSteps: number
  innerSteps: number
  /** Per trial and episode [B, N] instead of the two numbers above: an episode stops under its threshold. */
  plan?: { inner: Float32Array; outer: Float32Array; threshold: Float32Array }
}

/** All items written at once by Adam steps on their mean squared error; see jointGradient. */
export interface JointWrite {
  batch: number
  slots: number
  dim: number
  keys: KernelParameter
  slotValues: KernelParameter
  items: number
  /** [B, N, d] */
  itemKeys: Float32Array
  itemValues: Float32Array
  learningRate: number
  steps: number
  /** Receive the last step's gradients: of the items' keys, and, with the other sign, of their values; [B, N, d]. */
  back?: { keys: Float32Array; miss: Float32Array }
}

/** Writes of the delta rule. */
export interface DeltaWrite {
  batch: number
  dim: number
  valueDim: number
  items: number
  beta: number
  /** S [B, d, e], keys to values; changed in place. */
  matrix: Float32Array
  /** [B, N, d], [B, N, e] */
  keys: Float32Array
  values: Float32Array
}

/** Writes of the graph memory. */
export interface GraphWrite {
  batch: number
  count: number
  dim: number
  items: number
  /** [B, n, d]; changed in place. */
  nodes: Float32Array
  /** Directions x and what the first layer gets from the value, y: [B, N, d] each. */
  directions: Float32Array
  shares: Float32Array
  /** A, B: [B, d, d]; b: [B, d]. */
  first: Float32Array
  second: Float32Array
  bias: Float32Array
  rate: number
}

/** Heads of attention over the k rows nearest to each query; see rag. */
export interface NeighbourRead {
  batch: number
  count: number
  slots: number
  dim: number
  neighbours: number
  heads: number
  /** What is compared with the directions, and what asks the keys: [B, N, d] each. */
  cues: Float32Array
  queries: Float32Array
  /** [B, u, d] each */
  directions: Float32Array
  keys: Float32Array
  values: Float32Array
}

/** sum_i tanh(h_i W^T + b). */
export interface TanhSums {
  batch: number
  items: number
  inner: number
  width: number
  /** [B, N, h], [B, w, h], [B, w] */
  hidden: Float32Array
  weight: Float32Array
  bias: Float32Array
}

/** mean_i softmax(q_i K^T): how much the rows of a group attend to each of them. */
export interface MeanAttention {
  groups: number
  size: number
  dim: number
  /** [groups, n, d] each */
  queries: Float32Array
  keys: Float32Array
}

/** c_i = decay c_(i-1) + x_i. */
export interface RunningSums {
  batch: number
  items: number
  dim: number
  decay: number
  /** c_0 [B, d] */
  first: Float32Array
  /** x [B, N, d]; becomes c_1 .. c_N. */
  rows: Float32Array
}

/** Items copied into a ring of slots, those whose gate is open. */
export interface RingWrite {
  batch: number
  items: number
  slots: number
  dim: number
  threshold: number
  /** [B, N] */
  gates: Float32Array
  /** [B, N, d] each */
  itemKeys: Float32Array
  itemValues: Float32Array
  /** [B, M, d], [B, M, d], 1 where a slot is used [B, M], the next slot [B]; changed in place. */
  keys: Float32Array
  values: Float32Array
  used: Float32Array
  next: Float32Array
}

export interface SlotKernels {
  writeEpisodes(write: EpisodicWrite): void
  writeJointly(write: JointWrite): void
  /** One Adam step of all trials. */
  adam(parameter: KernelParameter, gradient: Float32Array, learningRate: number): void
  /** S <- S + beta k^T (v - k S), item by item, in place. */
  writeDelta(write: DeltaWrite): void
  /** Per item: the node nearest to it by cosine <- node + rate tanh(relu(node A + y) B + b), in place. */
  writeGraph(write: GraphWrite): void
  /** [B, N, d] */
  readNeighbours(read: NeighbourRead): Float32Array
  /** [B, w] */
  tanhSums(sums: TanhSums): Float32Array
  /** [groups, n] */
  meanAttention(attention: MeanAttention): Float32Array
  runningSums(sums: RunningSums): void
  writeRing(write: RingWrite): void
}

let provider: () => SlotKernels | undefined = () => undefined

/** The engine's part: how to get the kernels that suit the backend in use, if any. */
export function provideSlotKernels(get: () => SlotKernels | undefined): void {
  provider = get
}

/** The fused kernels for the backend in use, or undefined: use plain ops. */
export const slotKernels = (): SlotKernels | undefined => provider()

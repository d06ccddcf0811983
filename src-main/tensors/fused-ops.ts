/**
 * Tensor ops that a backend may do in one pass, with their gradients. Models ask here and know no backend; where an op is
 * missing, or fused kernels are switched off, they run the plain ops that are its oracle.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

export const fusedNames = {
  read: 'FusedRead',
  delta: 'FusedDelta',
  joint: 'FusedJoint',
  episodes: 'FusedEpisodes',
  step: 'FusedStep',
  recurrence: 'FusedRecurrence',
  recurrenceBack: 'FusedRecurrenceBack',
  convolution: 'FusedConvolution',
  convolutionBack: 'FusedConvolutionBack',
  attention: 'FusedAttention',
  attentionBack: 'FusedAttentionBack',
  take: 'FusedTake',
  takeBack: 'FusedTakeBack',
  repeat: 'FusedRepeat',
  repeatBack: 'FusedRepeatBack',
  norm: 'FusedNorm',
  normBack: 'FusedNormBack',
  silu: 'FusedSilu',
  siluBack: 'FusedSiluBack',
  affine: 'FusedAffine',
  affineBack: 'FusedAffineBack',
  shift: 'FusedShift',
  shiftBack: 'FusedShiftBack',
  graph: 'FusedGraph',
  titans: 'FusedTitans',
  titansBack: 'FusedTitansBack',
  score: 'FusedScore',
  adam: 'FusedAdam',
  maps: 'FusedMaps',
  product: 'FusedProduct',
  tanhSums: 'FusedTanhSums',
  drift: 'FusedDrift',
  ring: 'FusedRing',
  neighbours: 'FusedNeighbours',
  groups: 'FusedGroups',
  slotSteps: 'FusedSlotSteps',
  ask: 'FusedAsk',
  mix: 'FusedMix'
} as const

interface Provided {
  /** Whether they are to be used now. */
  use: () => boolean
  /** Runs a body whose ops may wait until all of them are known. */
  together?: <T>(body: () => T) => T
}
const provided = new Map<string, Provided>()

/** Called by whoever registers kernels under these names. */
export function provideFusedOps(backend: string, by: Provided): void {
  provided.set(backend, by)
}

const inUse = (): boolean => provided.get(tf.getBackend())?.use() === true

export const available = (name: string): boolean => inUse() && tf.getKernel(name, tf.getBackend()) !== undefined

/** Runs the body. Where the backend can, it begins what is asked there once all of it is known, and does it in fewer parts. */
export const together = <T>(body: () => T): T =>
  ((inUse() && provided.get(tf.getBackend())?.together) || ((run: () => T) => run()))(body)

/** Which of the inputs after q, k, v there are; see `fusedRecurrence`. */
export interface RecurrenceGiven {
  decay: boolean
  beta: boolean
  state: boolean
}

export interface Recurrence {
  /** [B, H, L, d_k] */
  q: Tensor
  k: Tensor
  /** [B, H, L, d_v] */
  v: Tensor
  /** a_t and b_t [B, H, L, 1], and S_0 [B, H, d_k, d_v]. */
  decay?: Tensor | undefined
  beta?: Tensor | undefined
  state?: Tensor | undefined
}

/**
 * S_t = a_t S_(t-1) + k_t^T u_t, y_t = q_t S_t; u_t = v_t, or, with b, b_t (v_t - a_t k_t S_(t-1)).
 * @returns y [B, H, L, d_v] and S_L, or nothing where this backend has no such op
 */
export function fusedRecurrence({ q, k, v, decay, beta, state }: Recurrence): [Tensor, Tensor] | undefined {
  if (!available(fusedNames.recurrence)) return undefined
  const given: RecurrenceGiven = { decay: !!decay, beta: !!beta, state: !!state }
  const inputs = [q, k, v, decay, beta, state].filter((x) => x !== undefined)
  return run<[Tensor, Tensor]>(fusedNames.recurrence, inputs, { ...given })
}

/**
 * y_t = sum_(j=0..3) w_j o x_(t-3+j), channel by channel: x, y [B n, L, c], w [B, 4, c], where row b of w serves the n
 * sequences of its trial; past [B n, 3, c] stands for the tokens before the first, zeros where it is left out.
 * @returns y, or nothing where this backend has no such op
 */
export function fusedConvolution(x: Tensor, w: Tensor, past: Tensor | undefined): Tensor | undefined {
  if (!available(fusedNames.convolution)) return undefined
  return run<[Tensor]>(fusedNames.convolution, past ? [x, w, past] : [x, w])[0]
}

/** Heads of softmax attention in which each row sees entries that follow one another. */
export interface AttentionInput {
  /** [B, L, H d_h] */
  q: Tensor
  /** [B, n, H d_h], [B, n, H d_v] */
  k: Tensor
  v: Tensor
  heads: number
  /** Row t sees the entries from[t] .. to[t] - 1. */
  from: readonly number[]
  to: readonly number[]
}

/** What the op of attention is told beside its tensors. */
export interface AttentionGiven {
  heads: number
  scale: number
}

/**
 * softmax(q_h k_h^T / sqrt(d_h)) v_h of every head, side by side: [B, L, H d_v]; a row that sees nothing is zero. Its shares
 * are never held for more than one head.
 * @returns nothing where this backend has no such op
 */
export function fusedAttention({ q, k, v, heads, from, to }: AttentionInput): Tensor | undefined {
  if (!available(fusedNames.attention)) return undefined
  const ranges = tf.tensor1d([...from, ...to], 'int32')
  const given: AttentionGiven = { heads, scale: 1 / Math.sqrt(q.shape[2]! / heads) }
  return run<[Tensor]>(fusedNames.attention, [q, k, v, ranges], { ...given })[0]
}

/** Rows of x [R, w] by their index, [n, w]; or nothing where this backend has no such op. */
export function fusedTake(x: Tensor, places: Int32Array): Tensor | undefined {
  if (!available(fusedNames.take)) return undefined
  return run<[Tensor]>(fusedNames.take, [x, tf.tensor1d(places, 'int32')])[0]
}

/** Each row of x [R, ...] so many times, one after another: [R count, ...]; or nothing where this backend has no such op. */
export function fusedRepeat(x: Tensor, count: number): Tensor | undefined {
  if (!available(fusedNames.repeat)) return undefined
  return run<[Tensor]>(fusedNames.repeat, [x], { count })[0]
}

/**
 * The last axis of x brought to one size: x / sqrt(mean(x^2) + least), or to one length: x / max(|x|, least), where a row
 * that is shorter has no gradient. Numbers whose squares leave float32 are scaled down first.
 * @returns nothing where this backend has no such op
 */
export function fusedNorm(x: Tensor, size: 'mean' | 'length', least: number): Tensor | undefined {
  if (!available(fusedNames.norm)) return undefined
  return run<[Tensor]>(fusedNames.norm, [x], { mean: size === 'mean', least })[0]
}

/** x sigma(x), or nothing where this backend has no such op. */
export function fusedSilu(x: Tensor): Tensor | undefined {
  if (!available(fusedNames.silu)) return undefined
  return run<[Tensor]>(fusedNames.silu, [x])[0]
}

export interface AffineAttrs {
  relu: boolean
}

/**
 * x W^T + b of the rows of each trial, and the larger of that and 0 with `relu`: x [B n, L, in], W [B, out, in], b [B, out].
 * @returns y [B n, L, out], or nothing where this backend has no such op
 */
export function fusedAffine(x: Tensor, weight: Tensor, bias: Tensor | undefined, relu = false): Tensor | undefined {
  if (x.size === 0 || weight.size === 0 || !available(fusedNames.affine)) return undefined
  const attrs: AffineAttrs = { relu }
  return run<[Tensor]>(fusedNames.affine, bias ? [x, weight, bias] : [x, weight], { ...attrs })[0]
}

/**
 * x_t + (1/2 + m) (x_(t-1) - x_t), the token before the first being zero: x [B n, L, d], m [B, d].
 * @returns nothing where this backend has no such op
 */
export function fusedShift(x: Tensor, mix: Tensor): Tensor | undefined {
  if (!available(fusedNames.shift)) return undefined
  return run<[Tensor]>(fusedNames.shift, [x, mix])[0]
}

/** The tensors of the writes of a graph memory; see GraphWrite, whose shares have the first layer's bias in them. */
export interface GraphTensors {
  nodes: Tensor
  directions: Tensor
  shares: Tensor
  first: Tensor
  second: Tensor
  firstBias: Tensor
  secondBias: Tensor
}

/** The nodes after all writes; or nothing where this backend has no such op. It has no gradient. */
export function fusedGraph(given: GraphTensors, rate: number): Tensor | undefined {
  if (!available(fusedNames.graph)) return undefined
  const { nodes, directions, shares, first, second, firstBias, secondBias } = given
  return run<[Tensor]>(fusedNames.graph, [nodes, directions, shares, first, second, firstBias, secondBias], { rate })[0]
}

/** What a read has besides queries, keys and values; see `fusedRead`. */
export interface ReadAttrs {
  contexts: boolean
  bias: boolean
  scale: number
  kept: number
}

export interface Read {
  /** [B, N, d], [B, u, d] and [B, u, e], u > 0. */
  q: Tensor
  k: Tensor
  v: Tensor
  /** Of the queries [B, N, c] and of the slots [B, u, c]. */
  contexts?: { queries: Tensor; slots: Tensor } | undefined
  /** [1, 1, u] or [B, 1, u] */
  bias?: Tensor | undefined
  scale: number
  kept: number
}

/**
 * y = softmax(scale q k^T + z c^T + bias) v, whose weights are never held as a whole.
 * @returns y [B, N, e] and the weights of the first `kept` queries [B, kept, u], or nothing where this backend has no such op
 */
export function fusedRead({ q, k, v, contexts, bias, scale, kept }: Read): [Tensor, Tensor] | undefined {
  if (!available(fusedNames.read)) return undefined
  const attrs: ReadAttrs = { contexts: !!contexts, bias: !!bias, scale, kept }
  const inputs = [q, k, v, ...(contexts ? [contexts.queries, contexts.slots] : []), ...(bias ? [bias] : [])]
  return run<[Tensor, Tensor]>(fusedNames.read, inputs, { ...attrs })
}

/** Its gradient by plain ops, of y alone: with P the weights, dS = P o (dP - <P, dP>), dP = dy v^T. */
tf.registerGradient({
  kernelName: fusedNames.read,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { contexts, bias, scale } = attrs as unknown as ReadAttrs
    const [q, k, v, ...more] = saved
    const [z, c] = contexts ? more : []
    const b = bias ? more.at(-1) : undefined
    const dots = tf.matMul(q, k, false, true).mul(scale)
    const both = z ? dots.add(tf.matMul(z, c, false, true)) : dots
    const P = tf.softmax(b ? both.add(b) : both)
    const dR = (dy as Tensor[])[0]
    const dP = tf.matMul(dR, v, false, true)
    const dS = P.mul(dP.sub(tf.sum(P.mul(dP), -1, true)))
    return byPlace([
      tf.matMul(dS, k).mul(scale),
      tf.matMul(dS, q, true, false).mul(scale),
      tf.matMul(P, dR, true, false),
      ...(z ? [tf.matMul(dS, c), tf.matMul(dS, z, true, false)] : []),
      ...(b ? [tf.sum(dS, b.shape[0] === 1 ? [0, 1] : 1).reshape(b.shape)] : [])
    ])
  }
})

/**
 * S <- S + beta k^T (v - k S), item by item: S [B, d, e], k [B, N, d], v [B, N, e]. It has no gradient.
 * @returns S, or nothing where this backend has no such op
 */
export function fusedDelta(matrix: Tensor, keys: Tensor, values: Tensor, beta: number): Tensor | undefined {
  if (!available(fusedNames.delta)) return undefined
  return run<[Tensor]>(fusedNames.delta, [matrix, keys, values], { beta })[0]
}

/** Whether the items pass through projections that learn along. */
export interface JointAttrs {
  projected: boolean
}

/** Slots, items and what Adam remembers; see `fusedJoint`. */
export interface Joint {
  /** Keys and values [B, M, d], and, where they learn along, Wk [B, d, t], bk [B, 1, d], Wv and bv. */
  parameters: readonly Tensor[]
  /** Q, T [B, N, d]; or X, Y [B, N, t], of which each step makes Q = X Wk^T + bk and T = Y Wv^T + bv. */
  items: readonly [Tensor, Tensor]
  /** Of each step rate / (1 - b1^t) and 1 / sqrt(1 - b2^t) of each parameter: [steps, 2 parameters]. */
  rates: Tensor
  /** Means of gradient and square of each parameter; none before the first step. */
  means: readonly Tensor[]
}

/**
 * Adam steps of slots on mean((softmax(Q K^T) V - T)^2). It has no gradient.
 * @returns the parameters, and two means of each; or nothing where this backend has no such op
 */
export function fusedJoint({ parameters, items, rates, means }: Joint): Tensor[] | undefined {
  if (!available(fusedNames.joint)) return undefined
  const attrs: JointAttrs = { projected: parameters.length > 2 }
  return run<Tensor[]>(fusedNames.joint, [...items, rates, ...parameters, ...means], { ...attrs })
}

/**
 * A step of Adam for one parameter, see models/parts/slots/adam.ts; without means it is the first. It has no gradient.
 * @param rates rate / (1 - b1^t) and 1 / sqrt(1 - b2^t)
 * @returns the parameter and its means, or nothing where this backend has no such op
 */
export function fusedStep(
  parameter: Tensor,
  gradient: Tensor,
  means: readonly Tensor[],
  [rate, root]: readonly number[]
): Tensor[] | undefined {
  if (!available(fusedNames.step)) return undefined
  return run<Tensor[]>(fusedNames.step, [parameter, gradient, ...means], { rate, root })
}

/** What the op of episodes is told beside its tensors. */
export interface EpisodesAttrs {
  contexts: boolean
  plan: boolean
  /** Slots in use after the write, u; rows that come of what the slots hold already, of keys, values and contexts. */
  slots: number
  held: readonly number[]
  /** Whether untouched slots come into use, and whether episodes are first copied into slots. */
  grown: boolean
  copied: boolean
  /** Of the match of contexts in a score. */
  contextWeight: number
  /** Rows of what Adam remembers of keys, values and contexts; 0 for nothing. */
  history: readonly number[]
  outer: number
  inner: number
  learningRate: number
  orthogonality: number
}

/** Slots, episodes and what Adam remembers; see `fusedEpisodes`. */
export interface Episodes {
  /** Untouched slots [B, M, .]: keys, values and, where the write has contexts, contexts; none where none comes into use. */
  initial: readonly Tensor[]
  /** The same of the slots as they are [B, held, .], none at first, and of the episodes [B, N, .]. */
  slots: readonly Tensor[]
  items: readonly Tensor[]
  /** Which episode is first copied into each slot, -1 for none [u]; left out where none is. */
  copied: readonly Tensor[]
  /** Added to the scores [1 or N, u], and the slots in use at each episode [N]. */
  recency: Tensor
  used: Tensor
  /** 1 - b1^t and 1 - b2^t of each of the slots' tensors, [B] each. */
  unbias: readonly Tensor[]
  /** Inner and outer steps, before they are rounded, and threshold of each episode [B, N, 3]. */
  plan: readonly Tensor[]
  /** Means of gradient and square of each that has taken a step, [B, h, .]. */
  means: readonly Tensor[]
}

/** Whether there is `fusedEpisodes`. */
export const writesByOp = (): boolean => available(fusedNames.episodes)

/**
 * Adam steps on one episode after another, see models/parts/slots/slot-gradient.ts. It has no gradient.
 * @returns the slots, two means of each, and 1 - b1^t and 1 - b2^t of each, [B, 1, 1]
 */
export function fusedEpisodes(
  { initial, slots, items, recency, used, copied, unbias, plan, means }: Episodes,
  attrs: Omit<EpisodesAttrs, 'contexts' | 'plan' | 'grown' | 'copied' | 'held'>
): Tensor[] {
  const inputs = [...initial, ...slots, ...items, recency, used, ...copied, ...unbias, ...plan, ...means]
  return run<Tensor[]>(fusedNames.episodes, inputs, {
    ...attrs,
    held: items.map((_, i) => slots[i]?.shape[1] ?? 0),
    history: [...attrs.history],
    contexts: items.length > 2,
    plan: plan.length > 0,
    grown: initial.length > 0,
    copied: copied.length > 0
  })
}

/** What the op of the neural memory's learning is told beside its tensors. */
export interface TitansAttrs {
  asked: boolean
  moving: boolean
  chosen: boolean
  /** How many states of the first layer are kept. */
  frames: number
  depth: number
  chunk: number
  fraction: number
  /** Of all tokens, unless each chooses. */
  theta: number
  eta: number
  alpha: number
}

/** Tokens that a neural memory learns, one after another; see models/parts/blocks/neural-memory.ts. */
export interface Learning {
  /** [B, L, d] each. */
  keys: Tensor
  values: Tensor
  queries?: Tensor | undefined
  /** [B, out, in] each. */
  layers: readonly Tensor[]
  momentum?: readonly Tensor[] | undefined
  /** theta, eta and alpha: numbers, or before their sigmoid [B, L, 1]. */
  rates: readonly (number | Tensor)[]
}

/**
 * The layers, their momentum, |g| of each token [B, L, 1], the answers [B, L, d] of the memory as each token left it, and the
 * first layer as it was after so many tokens (`stops`). Of |g|, and where a layer is shown or nothing asks, it has no gradient.
 * @returns nothing where this backend has no such op
 */
export function fusedTitans(
  { keys, values, queries, layers, momentum, rates }: Learning,
  chunk: number,
  fraction: number,
  stops: readonly number[]
):
  | { layers: Tensor[]; momentum: Tensor[]; surprises: Tensor; answers: Tensor | undefined; frames: Tensor[] }
  | undefined {
  if (keys.shape[1] === 0 || !available(fusedNames.titans)) return undefined
  const back = queries && stops.length === 0 && available(fusedNames.titansBack)
  if (tf.engine().state.gradientDepth > 0 && !back) return undefined
  const depth = layers.length
  const chosen = rates.filter((rate) => typeof rate !== 'number')
  const [theta, eta, alpha] = rates.map((rate) => (typeof rate === 'number' ? rate : 0))
  const attrs: TitansAttrs = {
    ...{ asked: !!queries, moving: !!momentum, chosen: chosen.length > 0, frames: stops.length },
    ...{ depth, chunk, fraction, theta, eta, alpha }
  }
  const inputs = [keys, values, ...(queries ? [queries] : []), ...layers, ...(momentum ?? []), ...chosen]
  if (stops.length) inputs.push(tf.tensor1d([...stops]))
  const made = run<Tensor[]>(fusedNames.titans, inputs, { ...attrs })
  return {
    ...{ layers: made.slice(0, depth), momentum: made.slice(depth, 2 * depth) },
    surprises: made[2 * depth],
    answers: queries && made[2 * depth + 1],
    frames: stops.length ? made.slice(-stops.length) : []
  }
}

/**
 * What logits [B, n, V] say of the right tokens [B, n]: of each trial the sum of -ln p and how often the right one is the most
 * likely, the first of equals, [B, 2]. Its gradient is that of the mean of -ln p, whatever is asked of it.
 * @returns nothing where this backend has no such op
 */
export function fusedScore(logits: Tensor, targets: Int32Array): Tensor | undefined {
  if (!available(fusedNames.score)) return undefined
  const [batch, count] = logits.shape as [number, number]
  return run<[Tensor, Tensor]>(fusedNames.score, [logits, tf.tensor2d(targets, [batch, count], 'int32')])[1]
}

/** The numbers of a step of AdamW; `scale` and `root` are rate / (1 - b1^t) and 1 / sqrt(1 - b2^t). */
export interface AdamNumbers {
  beta1: number
  beta2: number
  /** The largest norm of a gradient. */
  largest: number
  epsilon: number
  decay: number
  rate: number
  scale: number
  root: number
}

/** Whether training has its loss and its optimiser as ops here. */
export const trainsByOps = (): boolean => available(fusedNames.score) && available(fusedNames.adam)

/**
 * A step of AdamW for all weights of several trials.
 * @param learned weights, then both moments, in each slot after slot, trial after trial
 * @param gradients of each slot [B, ...]
 * @param sums what `fusedScore` said @param table of each slot its begin in a trial's weights, its size, whether it decays [slots, 3]
 * @returns what is learned, and of each trial loss, right answers and the norm of its gradient [B, 3]
 */
export function fusedAdam(
  learned: Tensor,
  gradients: readonly Tensor[],
  sums: Tensor,
  table: Tensor,
  numbers: AdamNumbers
): { learned: Tensor; news: Tensor } {
  const [next, news] = run<[Tensor, Tensor]>(fusedNames.adam, [learned, ...gradients, sums, table], { ...numbers })
  return { learned: next, news }
}

/** An op that takes a list, as tf.addN does; such ops save all their inputs for the gradient. */
export function run<T extends Tensor[]>(name: string, inputs: readonly Tensor[], attrs: tf.NamedAttrMap = {}): T {
  const made: Tensor | Tensor[] = tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attrs)
  return (Array.isArray(made) ? made : [made]) as T
}

const byPlace = (gradients: readonly Tensor[]): Record<number, () => Tensor> =>
  Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]))

tf.registerGradient({
  kernelName: fusedNames.recurrence,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) =>
    byPlace(run(fusedNames.recurrenceBack, [...saved, ...(dy as Tensor[])], attrs as tf.NamedAttrMap))
})

const first = (dy: Tensor | Tensor[]): Tensor => (Array.isArray(dy) ? dy[0] : dy)

/** Gradients that take all inputs and that of the answer; of indices there is none. */
for (const [name, back] of [
  ['convolution', 'convolutionBack'],
  ['attention', 'attentionBack'],
  ['take', 'takeBack'],
  ['norm', 'normBack'],
  ['silu', 'siluBack'],
  ['shift', 'shiftBack']
] as const)
  tf.registerGradient({
    kernelName: fusedNames[name],
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => byPlace(run(fusedNames[back], [...saved, first(dy)], attrs as tf.NamedAttrMap))
  })

tf.registerGradient({
  kernelName: fusedNames.repeat,
  gradFunc: (dy, _, attrs) => byPlace(run(fusedNames.repeatBack, [first(dy)], attrs as tf.NamedAttrMap))
})

tf.registerGradient({
  kernelName: fusedNames.score,
  outputsToSave: [true, false],
  gradFunc: (_, [slopes]) => byPlace([slopes.clone()])
})

/** Which entries of y were cut off at 0 is seen in y. */
tf.registerGradient({
  kernelName: fusedNames.affine,
  saveAllInputs: true,
  outputsToSave: [true],
  gradFunc: (dy, saved, attrs) => byPlace(run(fusedNames.affineBack, [...saved, first(dy)], attrs as tf.NamedAttrMap))
})

tf.registerGradient({
  kernelName: fusedNames.titans,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { depth } = attrs as unknown as TitansAttrs
    const made = dy as Tensor[]
    const slopes = [...made.slice(0, 2 * depth), made[2 * depth + 1]]
    return byPlace(run(fusedNames.titansBack, [...saved, ...slopes], attrs as tf.NamedAttrMap))
  }
})

/**
 * Ops that memories store and read with, in one pass where the backend has them. They have no gradient, and are not there while one
 * is followed: then, and elsewhere, models run the plain ops that are their oracle.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { available, fusedNames, run } from './fused-ops.ts'

const here = (name: string): boolean => tf.engine().state.gradientDepth === 0 && available(name)

const attrsOf = (attrs: object): tf.NamedAttrMap => attrs as tf.NamedAttrMap

/** What follows a layer: entry by entry, or, the last two, over its row. */
export type Activation = 'none' | 'relu' | 'sigmoid' | 'silu' | 'softmax' | 'unit'

/** x W^T + b, or x W where the weight lies the other way; without a weight x itself. */
export interface MapLayer {
  /** [B, out, in] or, with `columns`, [B, in, out]. */
  weight?: Tensor
  columns?: boolean
  /** [B, out] */
  bias?: Tensor | undefined
  /** [B, N, .]: stands beside what the layer before gave. */
  beside?: Tensor | undefined
  /** [B, N, out]: added to what the layer gives, before what follows it. */
  plus?: Tensor | undefined
  then?: Activation
}

/** Layers one after another over the rows of [x_1 x_2 ...]. */
export interface RowMap {
  /** [B, N, .] each, side by side; one of [1, N, .] serves all trials. */
  inputs: readonly Tensor[]
  /** Which of their rows are meant, as numbers of float32; without it all. */
  rows?: Tensor | undefined
  layers: readonly MapLayer[]
}

/** The same with places in a list of tensors; -1 for none. */
export interface MapsAttrs {
  batch: number
  maps: {
    inputs: number[]
    rows: number
    /** Rows of the result. */
    count: number
    layers: {
      weight: number
      columns: boolean
      bias: number
      beside: number
      plus: number
      then: Activation
      outputs: number
    }[]
  }[]
}

/** Numbers that a workgroup may hold. */
const roomOfGroup = 3968
const overRow = (then: Activation): boolean => then === 'softmax' || then === 'unit'

/**
 * How the layers that are not written at once are held by a workgroup: `buffers` of rows of `width` numbers, `rows` at a time.
 * Undefined where they are too wide.
 */
export function mapsRoom({
  maps
}: Pick<MapsAttrs, 'maps'>): { rows: number; width: number; buffers: number } | undefined {
  const held = maps.map(({ layers }) => layers.filter(({ then }, i) => i + 1 < layers.length || overRow(then)))
  const buffers = Math.min(2, Math.max(...held.map((layers) => layers.length)))
  const width = Math.max(1, ...held.flat().map(({ outputs }) => outputs))
  const rows = [8, 4, 2, 1].find((count) => count * width * buffers <= roomOfGroup)
  return rows === undefined ? undefined : { rows, width, buffers }
}

/**
 * Several such maps of the rows of all trials at once.
 * @returns [B, N, out] each, or nothing where this backend has no such op or the layers are too wide for it
 */
export function fusedMaps(maps: readonly RowMap[]): Tensor[] | undefined {
  if (!here(fusedNames.maps)) return undefined
  const inputs: Tensor[] = []
  const placeOf = (tensor: Tensor | undefined): number => {
    if (!tensor) return -1
    if (!inputs.includes(tensor)) inputs.push(tensor)
    return inputs.indexOf(tensor)
  }
  const attrs: MapsAttrs = {
    batch: 0,
    maps: maps.map(({ inputs: given, rows, layers }) => {
      let outputs = given.reduce((sum, { shape }) => sum + shape[2]!, 0)
      return {
        inputs: given.map(placeOf),
        rows: placeOf(rows),
        count: rows?.size ?? given[0].shape[1]!,
        layers: layers.map(({ weight, columns = false, bias, beside, plus, then = 'none' }) => {
          outputs = weight ? weight.shape[columns ? 2 : 1]! : outputs
          const places = { weight: placeOf(weight), bias: placeOf(bias), beside: placeOf(beside), plus: placeOf(plus) }
          return { ...places, columns, then, outputs }
        })
      }
    })
  }
  const chosen = maps.map(({ rows }) => rows)
  const batch = Math.max(...inputs.filter((tensor) => !chosen.includes(tensor)).map(({ shape }) => shape[0]))
  attrs.batch = batch
  const all = (tensor: Tensor): boolean => tensor.size > 0 && (tensor.shape[0] === batch || serves(tensor, maps))
  if (!inputs.every(all) || !mapsRoom(attrs)) return undefined
  return run(fusedNames.maps, inputs, attrsOf(attrs))
}

/** Whether a tensor need not have a row of its own for each trial. */
const serves = (tensor: Tensor, maps: readonly RowMap[]): boolean =>
  maps.some(({ inputs, rows }) => rows === tensor || (tensor.shape[0] === 1 && inputs.includes(tensor)))

export interface ProductAttrs {
  left: boolean
  right: boolean
  started: boolean
  scale: number
  sigmoid: boolean
}

/**
 * start + scale A B, or its sigmoid; A [B, n, k] and B [B, k, m], or their transposes. An A of one row serves all rows of `start`.
 * @returns [B, n, m], or nothing where this backend has no such op
 */
export function fusedProduct(
  a: Tensor,
  b: Tensor,
  given: { left?: boolean; right?: boolean; start?: Tensor; scale?: number; sigmoid?: boolean } = {}
): Tensor | undefined {
  const { left = false, right = false, start, scale = 1, sigmoid = false } = given
  if (a.size === 0 || b.size === 0 || start?.size === 0 || !here(fusedNames.product)) return undefined
  const attrs: ProductAttrs = { left, right, started: !!start, scale, sigmoid }
  return run<[Tensor]>(fusedNames.product, start ? [a, b, start] : [a, b], attrsOf(attrs))[0]
}

/**
 * start + scale sum_i tanh(h_i W^T + b): h [B, N, h], W [B, w, h], b [B, w], start [B, ...] of w numbers.
 * @returns a tensor like `start`, or nothing where this backend has no such op
 */
export function fusedTanhSums(
  hidden: Tensor,
  weight: Tensor,
  bias: Tensor,
  start: Tensor,
  scale: number
): Tensor | undefined {
  if (hidden.size === 0 || !here(fusedNames.tanhSums)) return undefined
  return run<[Tensor]>(fusedNames.tanhSums, [hidden, weight, bias, start], { scale })[0]
}

/**
 * c_i = decay c_(i-1) + U x_i: x [B, N, d], U [B, c, d], c_0 [B, c].
 * @returns c_1 .. c_N [B, N, c] and c_N [B, c], or nothing where this backend has no such op
 */
export function fusedDrift(x: Tensor, input: Tensor, first: Tensor, decay: number): [Tensor, Tensor] | undefined {
  if (x.size === 0 || !here(fusedNames.drift)) return undefined
  return run<[Tensor, Tensor]>(fusedNames.drift, [x, input, first], { decay })
}

/** Items, the ring that they are copied into, and their gates [B, N, 1]; see RingWrite. */
export interface RingTensors {
  gates: Tensor
  itemKeys: Tensor
  itemValues: Tensor
  /** [B, M, d] each. */
  keys: Tensor
  values: Tensor
  /** [B, 1, M], [B, 1] */
  used: Tensor
  next: Tensor
}

/** Keys, values, used and next after the write, or nothing where this backend has no such op. */
export function fusedRing(given: RingTensors, threshold: number): Tensor[] | undefined {
  if (given.gates.size === 0 || !here(fusedNames.ring)) return undefined
  const { gates, itemKeys, itemValues, keys, values, used, next } = given
  return run(fusedNames.ring, [gates, itemKeys, itemValues, keys, values, used, next], { threshold })
}

/** Of a read of the rows nearest to each query; see NeighbourRead. */
export interface NeighbourTensors {
  /** [B, N, d] each; the second before it is scaled by 1 / sqrt(d_h). */
  cues: Tensor
  queries: Tensor
  /** [B, u, d] each. */
  directions: Tensor
  keys: Tensor
  values: Tensor
}

export interface NeighbourAttrs {
  neighbours: number
  heads: number
}

/**
 * Heads of attention over the k rows whose directions have the largest products with each cue, the first of equals.
 * @returns [B, N, d], or nothing where this backend has no such op or k and the heads are too many for it
 */
export function fusedNeighbours(given: NeighbourTensors, attrs: NeighbourAttrs): Tensor | undefined {
  const { cues, queries, directions, keys, values } = given
  const room = attrs.neighbours * (attrs.heads + 1)
  if (cues.size === 0 || room > roomOfGroup || !here(fusedNames.neighbours)) return undefined
  return run<[Tensor]>(fusedNames.neighbours, [cues, queries, directions, keys, values], attrsOf(attrs))[0]
}

/**
 * Of groups of rows that follow one another, each head's mean_i softmax(q_i k^T / sqrt(d_h)) v: packed [B, R, 3 d] of q, k and v, and
 * where each group begins and the last ends [g + 1].
 * @returns [B, g, d] of each of the packed, or nothing where this backend has no such op or a group is too large for it
 */
export function fusedGroups(
  packed: readonly [Tensor, Tensor],
  begins: Int32Array,
  heads: number
): Tensor[] | undefined {
  const largest = begins.slice(1).reduce((most, end, i) => Math.max(most, end - begins[i]), 0)
  if (packed[0].size === 0 || 2 * largest > roomOfGroup || !here(fusedNames.groups)) return undefined
  return run(fusedNames.groups, [...packed, tf.tensor1d(begins, 'int32')], { heads, largest })
}

/**
 * Steps of Adam, its first, on mean((slot - value)^2) of each row: slots and values [B, n, d].
 * @returns the slots, and their rows at unit length, or nothing where this backend has no such op
 */
export function fusedSlotSteps(
  slots: Tensor,
  values: Tensor,
  rates: readonly number[][]
): [Tensor, Tensor] | undefined {
  if (slots.size === 0 || !here(fusedNames.slotSteps)) return undefined
  return run<[Tensor, Tensor]>(fusedNames.slotSteps, [slots, values, tf.tensor2d([...rates])])
}

/** Nodes that queries ask; see hierarchy.ts. */
export interface AskedNodes {
  /** [B, levels Q, d], directions and contents [B, n, d]. */
  cues: Tensor
  directions: Tensor
  contents: Tensor
  /** Node and row of the cues of each pair of a query and a node, [2, Q, width], and its importance and whether there is one. */
  places: Tensor
  weights: Tensor
}

/** softmax(cos(cue, direction) importance) contents [B, Q, d], and the shares [B, Q, width]; or nothing where there is no such op. */
export function fusedAsk(nodes: AskedNodes): [Tensor, Tensor] | undefined {
  if (nodes.cues.size === 0 || !here(fusedNames.ask)) return undefined
  const { cues, directions, contents, places, weights } = nodes
  return run<[Tensor, Tensor]>(fusedNames.ask, [cues, directions, contents, places, weights])
}

/** Answers that one op mixes: it binds each of them. */
const mixedAtOnce = 6

/**
 * sum_e p_e y_e: shares p [B, Q, E] of the answers y_e [B, Q, d].
 * @returns [B, Q, d], or nothing where this backend has no such op or there are too many answers for it
 */
export function fusedMix(shares: Tensor, answers: readonly Tensor[]): Tensor | undefined {
  if (shares.size === 0 || answers.length > mixedAtOnce || !here(fusedNames.mix)) return undefined
  return run<[Tensor]>(fusedNames.mix, [shares, ...answers])[0]
}

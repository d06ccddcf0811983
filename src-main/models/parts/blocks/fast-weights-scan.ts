import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace, WeightSource } from '../../model.ts'
import { StepFrames } from '../traces/memory-frames.ts'
import { overTrials } from '../memory/shared-weights.ts'
import { above } from './triangular-solve.ts'

/** Tokens that are computed at once. */
const chunk = 32

export type FastRead = 'softmax' | 'linear'

/**
 * A matrix that every token reads and then writes, F [d, d]:
 *
 *   r, k, v = x W_Q, x W_K, x W_V;   y_t = w_t F_(t-1);   F_t = F_(t-1) + eta k_t^T v_t
 *   w_t = r_t when linear, else softmax(r_t F_(t-1)^T / sqrt(d))
 *
 * Several tokens at once, with M_ti = 1 for i < t, else 0:
 *
 *   W = softmax((R F_0^T + eta (M o R V^T) K) / sqrt(d)),   Y = W F_0 + eta (M o W K^T) V,   F_C = F_0 + eta K^T V
 *
 * x, y: [B, L, d]. Weights: W_K_fast, W_V_fast, W_Q_fast [d, d]. F is zero at the start and kept between calls.
 */
export class FastWeightsScan {
  readonly #projections: readonly Tensor[]
  readonly #rate: number
  readonly #read: FastRead
  readonly #frames: StepFrames
  #state: Tensor | undefined

  constructor(
    weight: WeightSource,
    { dim, learningRate, read, observed }: { dim: number; learningRate: number; read: FastRead; observed: boolean }
  ) {
    this.#projections = ['W_K_fast', 'W_V_fast', 'W_Q_fast'].map((name) =>
      weight(name, [dim, dim], { kind: 'normal', scale: 0.1 })
    )
    this.#rate = learningRate
    this.#read = read
    this.#frames = new StepFrames({ name: 'matrix', title: 'Fast weights F', axes: ['Key', 'Value'] }, observed)
  }

  /** y [B, L, d]: what each token reads before it writes. */
  run(x: Tensor): Tensor {
    const [batch, length, dim] = x.shape as [number, number, number]
    const [keys, values, queries] = this.#projections.map((weight) =>
      overTrials(x, weight.shape[0]!, (rows) => tf.matMul(rows, weight))
    )
    const start = this.#state ?? tf.zeros([batch, dim, dim])
    let state = this.#state
    this.#frames.begin(start, length, 'token')
    const answers: Tensor[] = []
    for (let at = 0; at < length; at += chunk) {
      const count = Math.min(chunk, length - at)
      const [k, v, r] = [keys, values, queries].map((y) => y.slice([0, at, 0], [batch, count, dim]))
      const later = above(count).transpose().mul(this.#rate)
      /** What the tokens of this chunk before each one have written under b, summed by how a meets their a. */
      const recent = (query: Tensor, a: Tensor, b: Tensor): Tensor =>
        tf.matMul(tf.matMul(query, a, false, true).mul(later), b)
      let weights = r
      if (this.#read === 'softmax') {
        const scores = recent(r, v, k)
        weights = tf.softmax((state ? scores.add(tf.matMul(r, state, false, true)) : scores).div(Math.sqrt(dim)), -1)
      }
      const answer = recent(weights, k, v)
      answers.push(state ? answer.add(tf.matMul(weights, state)) : answer)
      const written = tf.matMul(k, v, true, false).mul(this.#rate)
      state = state ? state.add(written) : written
      this.#frames.after(at + count, state)
    }
    const kept = state && tf.keep(state.clone())
    this.#state?.dispose()
    this.#state = kept
    return tf.concat(answers, 1)
  }

  /** F over the tokens of the last call. */
  traces(): Promise<Trace[]> {
    return this.#frames.read()
  }

  /** Back to F = 0. */
  clear(): void {
    this.#state?.dispose()
    this.#state = undefined
    this.#frames.clear()
  }

  dispose(): void {
    this.clear()
    tf.dispose([...this.#projections])
  }
}

/** FLOPs of `run`. @param before whether something was written in an earlier call */
export function fastScanFlops(tokens: number, dim: number, read: FastRead, before: boolean): number {
  const reads = read === 'softmax' ? 2 : 1
  let flops = 6 * tokens * dim * dim
  for (let at = 0; at < tokens; at += chunk) {
    const C = Math.min(chunk, tokens - at)
    const held = before || at > 0
    flops += C * C + reads * (4 * C * C * dim + C * C) + 2 * C * dim * dim + dim * dim
    if (read === 'softmax') flops += 6 * C * dim
    if (held) flops += reads * (2 * C * dim * dim + C * dim) + dim * dim
  }
  return flops
}

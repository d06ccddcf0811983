/**
 * Memories that are one matrix a head, S [d_k, d_v], written token by token with a decay:
 *
 *   S_t = a_t S_(t-1) + k_t^T u_t,   y_t = q_t S_t
 *
 * u_t is the value v_t, or, for the delta rule, b_t (v_t - a_t k_t S_(t-1)): the value less what the key recalls already.
 * A chunk of C tokens is computed at once. With A_t = a_1 ... a_t and D_ti = A_t / A_i for i <= t, else 0:
 *
 *   Y = (D o Q K^T) U + A o (Q S_0),   S_C = A_C S_0 + (A_C / A o K)^T U
 *   delta:  (I + T) U = b o (V - A o (K S_0)),   T = b o strictly lower (D o K K^T)
 *   (I + T)^-1 = (I - T)(I + T^2)(I + T^4) ... since T^C = 0
 *
 * Sources: Katharopoulos et al. (2020); Sun et al. (2023); Dao & Gu (2024); Yang et al. (2024).
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'
import { hidden } from './block-heads.ts'
import { framedSteps } from '../traces/frames.ts'
import { read } from '../traces/memory-frames.ts'

/** Tokens of a chunk. */
export const recurrenceChunk = 32

export interface RecurrenceInput {
  /** [B, H, L, d_k] */
  q: Tensor
  k: Tensor
  /** [B, H, L, d_v] */
  v: Tensor
  /** ln a_t: for each head, or [B, H, L, 1] for each token; no decay if left out. */
  logDecay?: readonly number[] | Tensor
  /** b_t [B, H, L, 1]: writes by the delta rule. */
  beta?: Tensor
}

/** What a call wrote, kept to show S over its tokens. */
type Written = Omit<RecurrenceInput, 'q'> & { before: Tensor | undefined }

/** Keeps S between calls, and answers each token by what it and the tokens before it wrote. */
export class LinearRecurrence {
  #state: Tensor | undefined
  #last: Written | undefined
  readonly #observed: boolean

  /** @param observed whether anyone will look; if not, nothing is kept for it */
  constructor(observed: boolean) {
    this.#observed = observed
  }

  /** y [B, H, L, d_v] */
  run({ q, k, v, logDecay, beta }: RecurrenceInput): Tensor {
    const length = q.shape[2]!
    const answers: Tensor[] = []
    this.#watch({ k, v, logDecay, beta, before: this.#state })
    let state = this.#state
    for (let at = 0; at < length; at += recurrenceChunk) {
      const count = Math.min(recurrenceChunk, length - at)
      const part = partOf(at, count)
      const decay = isTensor(logDecay) ? ofTokens(part(logDecay)) : ofHeads(logDecay, count)
      const { answer, next } = chunk(state, part(q), part(k), part(v), decay, beta && part(beta))
      answers.push(answer)
      state = next
    }
    const kept = state && tf.keep(state.clone())
    this.#state?.dispose()
    this.#state = kept
    return answers.length === 1 ? answers[0] : tf.concat(answers, 2)
  }

  /** S [B, H, d_k, d_v] after the last token; undefined before the first. */
  get state(): Tensor | undefined {
    return this.#state
  }

  /** What is needed to compute S again after any token: running costs nothing more for being watched. */
  #watch({ k, v, logDecay, beta, before }: Written): void {
    if (!this.#observed) return
    this.#forget()
    const copy = (x: Tensor): Tensor => tf.keep(x.clone())
    this.#last = {
      ...{ k: copy(k), v: copy(v), logDecay: isTensor(logDecay) ? copy(logDecay) : logDecay },
      ...{ beta: beta && copy(beta), before: before && copy(before) }
    }
  }

  /** S over the tokens of the last call, head by head. @param columns of S that are shown, all unless said */
  async traces(columns?: number): Promise<Trace[]> {
    const last = this.#last
    if (!last) return []
    const [batch, heads, length, dk] = last.k.shape as [number, number, number, number]
    const states = tf.tidy(() => {
      const { k, v, logDecay, beta } = last
      const start = last.before?.clone() ?? tf.zeros([batch, heads, dk, v.shape[3]!])
      const frames = [{ label: `before token 1 of ${length}`, state: start }]
      let at = 0
      for (const token of framedSteps(length)) {
        let { state } = frames[frames.length - 1]
        while (at <= token) {
          const count = Math.min(recurrenceChunk, token + 1 - at)
          const part = partOf(at, count)
          const decay = isTensor(logDecay) ? ofTokens(part(logDecay)) : ofHeads(logDecay, count)
          state = chunk(state, part(k), part(k), part(v), decay, beta && part(beta)).next
          at += count
        }
        frames.push({ label: `after token ${token + 1} of ${length}`, state })
      }
      return frames.map(({ label, state }) => ({ label, state: tf.keep(state) }))
    })
    const naming = { name: 'state', title: 'Memory matrix S', axes: ['Key', 'Value'] } as const
    const traces = await read(states, naming, columns)
    tf.dispose(states.map(({ state }) => state))
    return traces
  }

  #forget(): void {
    const { k, v, logDecay, beta, before } = this.#last ?? {}
    tf.dispose([k, v, isTensor(logDecay) ? logDecay : undefined, beta, before].filter((x) => x !== undefined))
    this.#last = undefined
  }

  clear(): void {
    this.#state?.dispose()
    this.#state = undefined
    this.#forget()
  }
}

/** Some tokens of x [B, H, L, n]. */
const partOf =
  (at: number, count: number) =>
  (x: Tensor): Tensor =>
    count === x.shape[2] ? x : x.slice([0, 0, at, 0], [-1, -1, count, -1])

const isTensor = (x: RecurrenceInput['logDecay']): x is Tensor => x !== undefined && 'rank' in x

interface Decay {
  /** D [B or 1, H or 1, C, C]. */
  pairs: Tensor
  /** A_t and A_C / A_t [.., C, 1], and A_C [.., 1, 1]; undefined without decay. */
  faded?: Tensor
  left?: Tensor
  last?: Tensor
}

/** Decays that are plain data: the same for all tokens of a head. */
function ofHeads(logs: readonly number[] | undefined, count: number): Decay {
  const heads = logs?.length ?? 1
  const pairs = new Float32Array(heads * count * count)
  for (let h = 0; h < heads; h++)
    for (let t = 0; t < count; t++)
      for (let i = 0; i <= t; i++) pairs[(h * count + t) * count + i] = Math.exp((t - i) * (logs?.[h] ?? 0))
  const powers = (of: (t: number) => number): Tensor =>
    tf.tensor4d(
      Float32Array.from({ length: heads * count }, (_, i) => Math.exp(of(i % count) * logs![Math.floor(i / count)])),
      [1, heads, count, 1]
    )
  const data = tf.tensor4d(pairs, [1, heads, count, count])
  if (!logs) return { pairs: data }
  const faded = powers((t) => t + 1)
  return {
    pairs: data,
    faded,
    left: powers((t) => count - 1 - t),
    last: faded.slice([0, 0, count - 1, 0], [1, heads, 1, 1])
  }
}

/** Decays of each token; sums of logarithms, so that no product underflows before it is needed. */
function ofTokens(logs: Tensor): Decay {
  const [batch, heads, count] = logs.shape as [number, number, number]
  // Over the last axis: along any other the gradient of tf.cumsum has its axes exchanged (tfjs 4.22).
  const sums = tf.cumsum(logs.squeeze([3]), 2).expandDims(3)
  const total = sums.slice([0, 0, count - 1, 0], [batch, heads, 1, 1])
  const later = new Float32Array(count * count)
  for (let t = 0; t < count; t++) later.fill(hidden, t * count + t + 1, (t + 1) * count)
  return {
    pairs: sums
      .sub(sums.transpose([0, 1, 3, 2]))
      .add(tf.tensor2d(later, [count, count]))
      .exp(),
    faded: sums.exp(),
    left: total.sub(sums).exp(),
    last: total.exp()
  }
}

function chunk(
  state: Tensor | undefined,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { pairs, faded, left, last }: Decay,
  beta: Tensor | undefined
): { answer: Tensor; next: Tensor } {
  const fade = (x: Tensor): Tensor => (faded ? x.mul(faded) : x)
  let u = v
  if (beta) {
    const wrong = state ? v.sub(fade(tf.matMul(k, state))) : v
    u = solved(strictlyLower(tf.matMul(k, k, false, true).mul(pairs)).mul(beta), wrong.mul(beta))
  }
  const within = tf.matMul(tf.matMul(q, k, false, true).mul(pairs), u)
  const written = tf.matMul(left ? k.mul(left) : k, u, true, false)
  if (!state) return { answer: within, next: written }
  return {
    answer: within.add(fade(tf.matMul(q, state))),
    next: (last ? state.mul(last) : state).add(written)
  }
}

function strictlyLower(x: Tensor): Tensor {
  const count = x.shape[3]!
  const mask = new Float32Array(count * count)
  for (let t = 0; t < count; t++) mask.fill(1, t * count, t * count + t)
  return x.mul(tf.tensor2d(mask, [count, count]))
}

/** (I + T)^-1 R for a strictly lower T [.., C, C], by doubling. */
function solved(t: Tensor, r: Tensor): Tensor {
  const count = t.shape[3]!
  let x = r.sub(tf.matMul(t, r))
  let power = t
  for (let reach = 2; reach < count; reach *= 2) {
    power = tf.matMul(power, power)
    x = x.add(tf.matMul(power, x))
  }
  return x
}

/** What of `run` costs, per head. */
export interface RecurrenceSizes {
  tokens: number
  heads: number
  dk: number
  dv: number
  decay: 'none' | 'head' | 'token'
  delta: boolean
  /** Whether a state is there before the call. */
  before: boolean
}

/** FLOPs of `run`. */
export function recurrenceFlops(p: RecurrenceSizes): number {
  let flops = 0
  for (let at = 0; at < p.tokens; at += recurrenceChunk)
    flops += chunkFlops(p, Math.min(recurrenceChunk, p.tokens - at), p.before || at > 0)
  return p.heads * flops
}

function chunkFlops({ dk, dv, decay, delta }: RecurrenceSizes, C: number, before: boolean): number {
  const decays = decay !== 'none'
  const fade = decays ? C * dv : 0
  // Scores, mask, sum over values; the new state.
  let flops = C * C * (2 * dk + 1 + 2 * dv) + 2 * C * dk * dv + (decays ? C * dk : 0)
  if (decay === 'token') flops += 3 * C * C + 4 * C + 1
  if (before) flops += 2 * C * dk * dv + fade + C * dv + dk * dv * (decays ? 2 : 1)
  if (delta) {
    const doublings = Math.ceil(Math.log2(Math.max(2, C))) - 1
    flops += C * C * (2 * dk + 3) + C * dv + (2 * C * C * dv + C * dv)
    flops += doublings * (2 * C ** 3 + 2 * C * C * dv + C * dv)
    if (before) flops += 2 * C * dk * dv + fade + C * dv
  }
  return flops
}

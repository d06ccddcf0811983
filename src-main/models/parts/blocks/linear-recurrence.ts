/**
 * Memories that are one matrix a head, S [d_k, d_v], written token by token with a decay:
 *
 *   S_t = a_t S_(t-1) + k_t^T u_t,   y_t = q_t S_t
 *
 * u_t is the value v_t, or, for the delta rule, b_t (v_t - a_t k_t S_(t-1)): the value less what the key recalls already.
 * A chunk of C tokens is computed at once. With A_t = a_1 ... a_t and D_it = a_(i+1) ... a_t for i <= t, else 0:
 *
 *   Y = (D o K Q^T)^T U + A o (Q S_0),   S_C = A_C S_0 + (D_iC o K)^T U
 *   delta:  (I + N)^T U = b o (V - A o (K S_0)),   N = strictly upper (D o K K^T) o b^T   (parts/blocks/triangular-solve.ts)
 *
 * ln D_it is the sum of ln a over i+1..t, each by itself: a difference of two sums from the start of the chunk, as well as
 * a ratio of two products, would lose all digits after a token that clears the memory (ln a = -1e6).
 *
 * Where the backend has the recurrence as one op, it runs token by token instead.
 * Sources: Katharopoulos et al. (2020); Sun et al. (2023); Dao & Gu (2024); Yang et al. (2024).
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'
import { fusedRecurrence } from '../../../tensors/fused-ops.ts'
import { hidden } from './block-heads.ts'
import { stretches } from './token-decay.ts'
import { framedSteps } from '../traces/frames.ts'
import { read } from '../traces/memory-frames.ts'
import { above, solveFlops, solveTransposed } from './triangular-solve.ts'

/** Tokens of a chunk. */
export const recurrenceChunk = 32

export interface RecurrenceInput {
  /** [B, H, L, d_k] */
  q: Tensor
  k: Tensor
  /** [B, H, L, d_v] */
  v: Tensor
  /** ln a_t: for each head, or [B, H, L, 1] for each token; no decay if left out. */
  logDecay?: readonly number[] | Tensor | undefined
  /** b_t [B, H, L, 1]: writes by the delta rule. */
  beta?: Tensor | undefined
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
    this.#watch({ k, v, logDecay, beta, before: this.#state })
    const fused = fusedRecurrence({ q, k, v, decay: decaysAlong(q, logDecay), beta, state: this.#state })
    const [answer, next] = fused ?? this.#inChunks({ q, k, v, logDecay, beta })
    const kept = next && tf.keep(next.clone())
    this.#state?.dispose()
    this.#state = kept
    return answer
  }

  #inChunks({ q, k, v, logDecay, beta }: RecurrenceInput): [Tensor, Tensor | undefined] {
    const length = q.shape[2]!
    const answers: Tensor[] = []
    let state = this.#state
    for (let at = 0; at < length; at += recurrenceChunk) {
      const count = Math.min(recurrenceChunk, length - at)
      const part = partOf(at, count)
      const decay = isTensor(logDecay) ? ofTokens(part(logDecay)) : ofHeads(logDecay, count)
      const { answer, next } = chunk(state, part(q), part(k), part(v), decay, beta && part(beta))
      answers.push(answer)
      state = next
    }
    return [answers.length === 1 ? answers[0] : tf.concat(answers, 2), state]
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

/** a_t [B, H, L, 1] of what decays are given as; undefined without decay. */
function decaysAlong(q: Tensor, logDecay: RecurrenceInput['logDecay']): Tensor | undefined {
  if (!logDecay) return undefined
  if (isTensor(logDecay)) return logDecay.exp()
  const [batch, heads, length] = q.shape as [number, number, number]
  return tf.tensor4d(logDecay.map(Math.exp), [1, heads, 1, 1]).tile([batch, 1, length, 1])
}

interface Decay {
  /** D [B or 1, H or 1, C, C], rows i, columns t. */
  pairs: Tensor
  /** D without its diagonal. */
  before: () => Tensor
  /** A_t and A_C / A_t [.., C, 1], and A_C [.., 1, 1]; undefined without decay. */
  faded?: Tensor
  left?: Tensor
  last?: Tensor
}

/** Decays that are plain data: the same for all tokens of a head. */
function ofHeads(logs: readonly number[] | undefined, count: number): Decay {
  const heads = logs?.length ?? 1
  const table = (rows: number, of: (row: number, t: number) => number): Tensor =>
    tf.tensor4d(
      Float32Array.from({ length: heads * rows * count }, (_, at) => {
        const steps = of(Math.floor(at / count) % rows, at % count)
        return steps < 0 ? 0 : Math.exp(steps * (logs?.[Math.floor(at / (rows * count))] ?? 0))
      }),
      [1, heads, rows, count]
    )
  const decay = {
    pairs: table(count, (i, t) => t - i),
    before: () => table(count, (i, t) => (t > i ? t - i : -1))
  }
  if (!logs) return decay
  const column = (x: Tensor): Tensor => x.reshape([1, heads, count, 1])
  const faded = column(table(1, (_, t) => t + 1))
  return {
    ...decay,
    faded,
    left: column(table(1, (_, t) => count - 1 - t)),
    last: faded.slice([0, 0, count - 1, 0], [1, heads, 1, 1])
  }
}

/** Decays of each token. */
function ofTokens(given: Tensor): Decay {
  const [batch, heads, count] = given.shape as [number, number, number]
  // Not below what a mask hides, so that nothing times zero stays zero.
  const logs = tf.maximum(given.reshape([batch, heads, 1, count]), hidden)
  const pairs = stretches(logs)
  const faded = tf.cumsum(logs, 3).exp().reshape([batch, heads, count, 1])
  return {
    pairs,
    before: () => pairs.mul(above(count)),
    faded,
    left: pairs.slice([0, 0, 0, count - 1], [batch, heads, count, 1]),
    last: faded.slice([0, 0, count - 1, 0], [batch, heads, 1, 1])
  }
}

function chunk(
  state: Tensor | undefined,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { pairs, before, faded, left, last }: Decay,
  beta: Tensor | undefined
): { answer: Tensor; next: Tensor } {
  const fade = (x: Tensor): Tensor => (faded ? x.mul(faded) : x)
  let u = v
  if (beta) {
    const [batch, heads, count] = beta.shape as [number, number, number]
    const wrong = state ? v.sub(fade(tf.matMul(k, state))) : v
    const known = tf.matMul(k, k, false, true).mul(before())
    u = solveTransposed(known.mul(beta.reshape([batch, heads, 1, count])), wrong.mul(beta))
  }
  const within = tf.matMul(tf.matMul(k, q, false, true).mul(pairs), u, true, false)
  const written = tf.matMul(left ? k.mul(left) : k, u, true, false)
  if (!state) return { answer: within, next: written }
  return {
    answer: within.add(fade(tf.matMul(q, state))),
    next: (last ? state.mul(last) : state).add(written)
  }
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
  if (decay === 'token') flops += 4 * C * C + 3 * C
  if (before) flops += 2 * C * dk * dv + fade + C * dv + dk * dv * (decays ? 2 : 1)
  if (delta) {
    flops += C * C * (2 * dk + (decay === 'token' ? 3 : 2)) + C * dv + solveFlops(C, dv)
    if (before) flops += 2 * C * dk * dv + fade + C * dv
  }
  return flops
}

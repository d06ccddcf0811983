import type { RecallSetup } from './recaller.ts'

/** localist: an item brings a unit of its own; distributed: a pattern over all units, as alike as the words are. */
export const featureNames = ['localist', 'distributed'] as const
export type Features = (typeof featureNames)[number]

/** What an item brings to context from before the experiment: v_i over the item units, of unit length. */
export interface ItemContexts {
  /** out += gain V^T x. @param x [pool] */
  bring(x: Float64Array, gain: number, out: Float64Array): void
  /** a += gain V c. @param a [pool] */
  cue(c: Float64Array, gain: number, a: Float64Array): void
}

/**
 * Item contexts v_i with v_i · v_j = S_ij, the similarity of the words, so that a word drifts context toward the words that
 * are like it. Without a similarity, and localist, v_i is unit i.
 *
 * The dynamics of context depend on v_i · v_j alone, so any vectors with these products do: here the rows of the Cholesky
 * factor of S. Where S is not that of any vectors (drawn similarities need not be), a row that would be longer than 1 is
 * made unit length, which keeps its direction among the words before it.
 * Source: N. W. Morton & S. M. Polyn (2016), A predictive framework for evaluating models of semantic organization in free
 * recall: distributed patterns as pre-experimental weights of both matrices.
 */
export function itemContexts({ pool, similarity }: RecallSetup, form: Features): ItemContexts {
  if (form === 'localist' || !similarity)
    return {
      bring(x, gain, out) {
        for (let i = 0; i < pool; i++) out[i] += gain * x[i]
      },
      cue(c, gain, a) {
        for (let i = 0; i < pool; i++) a[i] += gain * c[i]
      }
    }
  const V = patterns(pool, similarity)
  return {
    bring(x, gain, out) {
      for (let i = 0; i < pool; i++) {
        if (x[i] === 0) continue
        for (let j = 0; j <= i; j++) out[j] += gain * x[i] * V[i * pool + j]
      }
    },
    cue(c, gain, a) {
      for (let i = 0; i < pool; i++) {
        let sum = 0
        for (let j = 0; j <= i; j++) sum += V[i * pool + j] * c[j]
        a[i] += gain * sum
      }
    }
  }
}

/** Below this a row adds no direction of its own. */
const smallest = 1e-9

/** [n, n], lower triangle: rows of unit length with the given products, as near as there are such. */
export function patterns(n: number, similarity: ArrayLike<number>): Float64Array {
  const V = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = i * n
    let square = 0
    for (let j = 0; j < i; j++) {
      const other = j * n
      let sum = similarity[row + j]
      for (let k = 0; k < j; k++) sum -= V[row + k] * V[other + k]
      const own = V[other + j]
      const value = own > smallest ? sum / own : 0
      V[row + j] = value
      square += value * value
    }
    if (square < 1) V[row + i] = Math.sqrt(1 - square)
    else for (let j = 0; j < i; j++) V[row + j] /= Math.sqrt(square)
  }
  return V
}

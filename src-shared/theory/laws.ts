/**
 * What theory says of the mean cosine of retrieved and true value. N items, key dimension d; values i.i.d. normal. Keys
 * random unit or normal unless said. Sources are the derivations in each function's comment.
 */
import { lgamma } from '../statistics/special.ts'

/**
 * Linear associator: r = v |k|^2 + sum over the others of v_j (k_j . q), each overlap of variance 1/d of the lengths.
 *   cos = 1 / sqrt(1 + (N-1)(1 + sigma^2) / d)
 * sigma: length of the cue's noise relative to the key.
 */
export const linearAssociator = (items: number, dim: number, sigma = 0): number =>
  1 / Math.sqrt(1 + ((items - 1) * (1 + sigma * sigma)) / dim)

/**
 * The same with keys k_i = sqrt(r) g + sqrt(1-r) e_i, whose overlap has mean r and variance (1-r^2)/d:
 *   cos = 1 / sqrt(1 + (N-1)(r^2 + (1-r^2)/d))
 */
export const correlatedAssociator = (items: number, dim: number, r: number): number =>
  1 / Math.sqrt(1 + (items - 1) * (r * r + (1 - r * r) / dim))

/** Softmax retrieval with orthonormal keys and their own cues, whose weights are e^beta and 1: cos = 1 / sqrt(1 + (N-1) e^(-2 beta)). */
export const orthonormalHopfield = (items: number, beta: number): number =>
  1 / Math.sqrt(1 + (items - 1) * Math.exp(-2 * beta))

/** The largest N whose expected cosine exceeds theta in a linear associator: N = 1 + d (1/theta^2 - 1). */
export const associatorCapacity = (dim: number, theta: number): number => 1 + dim * (1 / (theta * theta) - 1)

/**
 * Delta rule with unit keys and beta 1, random keys: mean cosine over all N items of a list written once. For an item
 * after t later writes, with V = dv the mean squared length of a value,
 *   F <- F (1 - 1/d) + V                                              squared size of the matrix
 *   b <- b (1 - 1/d),   a <- a (1 - 2/d + 2/(d(d+2))) + F/(d(d+2)) + V/d     overlap and squared length of its recall
 * from a = b = V at its own write, cos = b / sqrt(V a). F in the step of `a` is the one before that write.
 */
export function deltaRule(items: number, dim: number): number {
  const d = dim
  // V scales out: everything is in units of V. F after n writes is d (1 - (1 - 1/d)^n).
  const sizes = [0]
  for (let n = 0; n < items; n++) sizes.push(sizes[n] * (1 - 1 / d) + 1)
  let sum = 0
  for (let item = 1; item <= items; item++) {
    let [a, b] = [1, 1]
    for (let n = item; n < items; n++) {
      b *= 1 - 1 / d
      a = a * (1 - 2 / d + 2 / (d * (d + 2))) + sizes[n] / (d * (d + 2)) + 1 / d
    }
    sum += b / Math.sqrt(a)
  }
  return sum / items
}

/**
 * m(b) = Gamma(d/2) (2/b)^(d/2-1) I_(d/2-1)(b): the mean of e^(b cos) over the unit sphere in d dimensions. Summed as
 * sum over k of (b/2)^(2k) Gamma(d/2) / (k! Gamma(k + d/2)), all of whose terms are positive.
 */
export function sphereMean(b: number, dim: number): number {
  let [term, sum] = [1, 1]
  for (let k = 1; k < 100_000; k++) {
    term *= (b * b) / 4 / (k * (k + dim / 2 - 1))
    sum += term
    if (term < sum * 1e-17) break
  }
  return sum
}

/**
 * Hopfield network or perfect slots, unit keys, inverse temperature beta: softmax weights e^(beta cos), so
 *   cos = 1 / sqrt(1 + (N-1) e^(-2 beta) m(2 beta))
 */
export const hopfield = (items: number, dim: number, beta: number): number =>
  1 / Math.sqrt(1 + (items - 1) * Math.exp(-2 * beta) * sphereMean(2 * beta, dim))

/** Share of the softmax that lies on the target: 1 / (1 + (N-1) e^(-beta) m(beta)). */
export const hopfieldShare = (items: number, dim: number, beta: number): number =>
  1 / (1 + (items - 1) * Math.exp(-beta) * sphereMean(beta, dim))

/** A value written once and then overwritten under the same key: Hebb gives the sum of both, cos = 1/sqrt(2). */
export const overwritten = { hebb: Math.SQRT1_2, delta: 1 } as const

/** A ring buffer of M entries recalls an item if fewer than M writes came after it; the mean over a list of N. */
export const ringBuffer = (items: number, memorySize: number): number => Math.min(1, memorySize / items)

/** Mean length of a standard normal vector, sqrt(2) Gamma((d+1)/2) / Gamma(d/2). */
export const normalLength = (dim: number): number => Math.SQRT2 * Math.exp(lgamma((dim + 1) / 2) - lgamma(dim / 2))

/**
 * Student's t about a mean that is not zero: what the power of t tests and the intervals of standardised effects come from.
 * Sources: Johnson, Kotz & Balakrishnan (1995), ch. 31; Steiger & Fouladi (1997) for intervals by its inversion.
 */
import { incompleteGamma, lgamma, normalCdf, normalQuantile } from './special.ts'

/** Nodes and weights of Gauss and Legendre's rule on [-1, 1]. */
const rule = gaussLegendre(16)
/** As many of them side by side. */
const pieces = 8

/**
 * P(T <= t) for Student's t with v degrees of freedom and noncentrality delta: with Z normal and S = sqrt(chi²_v / v),
 * P(Z + delta <= t S), integrated over the one of both along which it changes slowly.
 */
export function noncentralCdf(t: number, v: number, delta: number): number {
  if (t < 0) return 1 - noncentralCdf(-t, v, -delta)
  if (t === 0) return normalCdf(-delta)
  return Math.min(1, Math.max(0, t * t <= 2 * v ? overSpread(t, v, delta) : overNormal(t, v, delta)))
}

/** The mean of Phi(t s - delta) over the spread s. */
function overSpread(t: number, v: number, delta: number): number {
  const reach = 12 / Math.sqrt(2 * v)
  const front = Math.LN2 + (v / 2) * Math.log(v / 2) - lgamma(v / 2)
  return integral(Math.max(0, 1 - reach), 1 + reach, (s) => {
    const density = Math.exp(front + (v - 1) * Math.log(s) - (v * s * s) / 2)
    return density * normalCdf(t * s - delta)
  })
}

/** Beyond this nothing of a normal distribution is left. */
const far = 9

/** The mean of P(S >= (z + delta) / t) over the normal z. */
function overNormal(t: number, v: number, delta: number): number {
  const below = normalCdf(-delta)
  const from = Math.max(-far, -delta)
  if (from >= far) return below
  return (
    below +
    integral(from, far, (z) => {
      const s = (z + delta) / t
      return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * incompleteGamma(v / 2, (v * s * s) / 2).upper
    })
  )
}

function integral(from: number, to: number, f: (x: number) => number): number {
  const half = (to - from) / (2 * pieces)
  let sum = 0
  for (let i = 0; i < pieces; i++) {
    const middle = from + (2 * i + 1) * half
    for (const [x, weight] of rule) sum += weight * f(middle + half * x)
  }
  return half * sum
}

/** By Newton's method on the Legendre polynomial. */
function gaussLegendre(n: number): [x: number, weight: number][] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 0
    for (let step = 0; step < 50; step++) {
      let [last, own] = [1, x]
      for (let k = 2; k <= n; k++) [last, own] = [own, ((2 * k - 1) * x * own - (k - 1) * last) / k]
      slope = (n * (x * own - last)) / (x * x - 1)
      const next = x - own / slope
      if (Math.abs(next - x) < 1e-16) break
      x = next
    }
    return [x, 2 / ((1 - x * x) * slope * slope)]
  })
}

/**
 * The noncentralities under which a statistic t lies at either end of its distribution: their interval.
 * @returns low with P(T >= t) = (1 - level) / 2, high with P(T <= t) = (1 - level) / 2
 */
export function noncentralInterval(t: number, v: number, level = 0.95): { low: number; high: number } {
  // Turned round, so that a sample and its mirror have mirrored intervals to the last bit.
  if (t < 0) {
    const { low, high } = noncentralInterval(-t, v, level)
    return { low: -high, high: -low }
  }
  const tail = (1 - level) / 2
  const start = normalQuantile(1 - tail) * Math.sqrt(1 + (t * t) / (2 * v))
  return { low: noncentralityAt(t, v, 1 - tail, t - start), high: noncentralityAt(t, v, tail, t + start) }
}

/** The noncentrality with P(T <= t) = p, which falls as it rises: by secants within a bracket, begun near it. */
function noncentralityAt(t: number, v: number, p: number, start: number): number {
  const z = (delta: number): number => {
    const at = Math.min(1 - 1e-16, Math.max(1e-300, noncentralCdf(t, v, delta)))
    return Math.log((at / (1 - at)) * ((1 - p) / p))
  }
  // On the scale of the logit the distribution function is nearly a line.
  let [low, high] = [start, start]
  let [atLow, atHigh] = [z(low), z(high)]
  for (let step = 0.5 + 0.1 * Math.abs(t); atLow < 0; step *= 2) atLow = z((low -= step))
  for (let step = 0.5 + 0.1 * Math.abs(t); atHigh > 0; step *= 2) atHigh = z((high += step))
  let side = 0
  for (let i = 0; i < 100 && high - low > 1e-12 * (1 + Math.abs(low)); i++) {
    const secant = (low * atHigh - high * atLow) / (atHigh - atLow)
    const middle = secant > low && secant < high ? secant : (low + high) / 2
    const at = z(middle)
    if (Math.abs(at) < 1e-12) return middle
    // Illinois: an end that stays counts half, so that both close in.
    if (at > 0) {
      ;[low, atLow] = [middle, at]
      if (side === 1) atHigh /= 2
      side = 1
    } else {
      ;[high, atHigh] = [middle, at]
      if (side === -1) atLow /= 2
      side = -1
    }
  }
  return (low + high) / 2
}

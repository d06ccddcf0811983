/**
 * Special functions and the distributions built on them, to about 1e-12. Sources: Lanczos's approximation of the gamma
 * function with the coefficients of Godfrey (g = 7, n = 9); incomplete beta and gamma by series and Lentz's continued
 * fractions (Abramowitz & Stegun 6.5.29, 6.5.31, 26.5.8).
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
]

/** ln Gamma(x) for x > 0. */
export function lgamma(x: number): number {
  if (!(x > 0)) return NaN
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lgamma(1 - x)
  const z = x - 1
  const t = z + 7.5
  let sum = lanczos[0]
  for (let i = 1; i < 9; i++) sum += lanczos[i] / (z + i)
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

const tiny = 1e-300

/** One continued fraction b0 + a1/(b1 + a2/(b2 + ...)) by Lentz's method. */
function continuedFraction(b0: number, term: (i: number) => readonly [a: number, b: number]): number {
  let f = b0 || tiny
  let c = f
  let d = 0
  for (let i = 1; i < 100_000; i++) {
    const [a, b] = term(i)
    d = 1 / (b + a * d || tiny)
    c = b + a / c || tiny
    f *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return f
}

/** Regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NaN
  if (x === 0 || x === 1) return x
  // The fraction converges fast below the mean; above it the symmetry I_x(a, b) = 1 - I_(1-x)(b, a) is used.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  const fraction = continuedFraction(1, (i) => {
    const m = Math.floor(i / 2)
    const term =
      i % 2
        ? (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
        : (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    return [term, 1]
  })
  return front / fraction
}

/** Regularised lower incomplete gamma function P(a, x) and its complement Q = 1 - P, each precise where it is small. */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (!(a > 0 && x >= 0)) return { lower: NaN, upper: NaN }
  if (x === 0) return { lower: 0, upper: 1 }
  if (x === Infinity) return { lower: 1, upper: 0 }
  const front = Math.exp(a * Math.log(x) - x - lgamma(a))
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a]
    for (let n = 1; n < 100_000 && Math.abs(term) > Math.abs(sum) * 1e-17; n++) sum += term *= x / (a + n)
    return { lower: front * sum, upper: 1 - front * sum }
  }
  const upper = front / continuedFraction(x + 1 - a, (i) => [i * (a - i), x + 1 - a + 2 * i])
  return { lower: 1 - upper, upper }
}

/** Numerators and denominators of the approximations to erf below .46875 and to erfc below and above 4, by rising powers from the last. */
const erfParts = {
  near: [
    [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
    [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
  ],
  middle: [
    [
      2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
      881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972
    ],
    [
      1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
      4362.619090143247, 3439.3676741437216, 1230.3393548037495
    ]
  ],
  far: [
    [
      0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
      0.0006587491615298378
    ],
    [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918]
  ]
} as const

function rational([above, below]: readonly (readonly number[])[], x: number): number {
  let [a, b] = [0, 0]
  for (let i = 0; i < above.length; i++) {
    a = a * x + above[i]
    b = b * x + below[i]
  }
  return a / b
}

/** P(Z <= x) for a standard normal Z, precise also where it is small. Source: Cody (1969) for the error function. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN
  const y = Math.abs(x) * Math.SQRT1_2
  if (y <= 0.46875) return 0.5 + (x * Math.SQRT1_2 * rational(erfParts.near, y * y)) / 2
  const tail = y > 27 ? 0 : (Math.exp((-x * x) / 2) * tailFactor(y)) / 2
  return x < 0 ? tail : 1 - tail
}

/** exp(y²) erfc(y) for y > .46875. */
function tailFactor(y: number): number {
  if (y <= 4) return rational(erfParts.middle, y)
  const z = 1 / (y * y)
  return (1 / Math.sqrt(Math.PI) - z * rational(erfParts.far, z)) / y
}

/** The x with P(Z <= x) = p. */
export function normalQuantile(p: number): number {
  return quantile(normalCdf, p)
}

/** P(T <= t) for Student's t with v degrees of freedom. */
export function tCdf(t: number, v: number): number {
  if (!(v > 0) || Number.isNaN(t)) return NaN
  if (v === Infinity) return normalCdf(t)
  if (Math.abs(t) === Infinity) return t > 0 ? 1 : 0
  const tail = incompleteBeta(v / (v + t * t), v / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** The t with P(T <= t) = p. */
export function tQuantile(p: number, v: number): number {
  return v > 0 ? quantile((t) => tCdf(t, v), p) : NaN
}

/** P(F <= f) for Fisher's F with v1 and v2 degrees of freedom. */
export function fCdf(f: number, v1: number, v2: number): number {
  if (!(v1 > 0 && v2 > 0) || Number.isNaN(f)) return NaN
  if (f <= 0) return 0
  return f === Infinity ? 1 : incompleteBeta((v1 * f) / (v1 * f + v2), v1 / 2, v2 / 2)
}

/** P(chi² > x) with v degrees of freedom. */
export const chiSquareTail = (x: number, v: number): number => (x <= 0 ? 1 : incompleteGamma(v / 2, x / 2).upper)

/** P(range of k standard normal values > q): 1 - k times the mean of (Phi(z) - Phi(z - q))^(k - 1) over the largest, z. */
export function rangeTail(q: number, k: number): number {
  if (!(k >= 2) || Number.isNaN(q)) return NaN
  if (q <= 0) return 1
  // Of 1 - (...)^(k - 1), so that small tails keep their digits: the largest has the density k phi(z) Phi(z)^(k - 1).
  const [from, to, steps] = [-9, 9, 180]
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const z = from + ((to - from) * i) / steps
    const below = normalCdf(z)
    if (below === 0) continue
    const missed = -Math.expm1((k - 1) * Math.log1p(-Math.min(1, normalCdf(z - q) / below)))
    sum += Math.exp((-z * z) / 2) * below ** (k - 1) * missed
  }
  return Math.min(1, (k * sum * ((to - from) / steps)) / Math.sqrt(2 * Math.PI))
}

/** The q with P(range of k standard normal values <= q) = p. */
export const rangeQuantile = (p: number, k: number): number =>
  k >= 2 ? quantile((q) => (q <= 0 ? 0 : 1 - rangeTail(q, k)), p) : NaN

/** Inverse of a continuous distribution function: a bracket that doubles, then bisection to the last bit. */
function quantile(cdf: (x: number) => number, p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN
  let [low, high] = [-1, 1]
  while (cdf(low) > p) if ((low *= 2) === -Infinity) return low
  if (p === 0) return cdf(0) === 0 ? 0 : -Infinity
  while (cdf(high) < p) if ((high *= 2) === Infinity) return high
  if (p === 1) return Infinity
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (cdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Random numbers for resampling: a generator the caller makes and passes on, so that every interval can be repeated. */

/** Draws uniformly from [0, 1). */
export type Uniform = () => number

/** SplitMix32: small, fast and seeded; for resampling, not for experiments. */
export function seeded(seed: number): Uniform {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
}

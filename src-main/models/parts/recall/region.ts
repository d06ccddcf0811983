import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import { drift, type Rho } from './drift.ts'
import type { StateArray } from './recaller.ts'

export interface RegionOptions {
  units: number
  pool: number
  /** The unit that is on at the start of a list; left out: none, and the first input starts the context. */
  start?: number
  /** The first of the units kept for distractors; they last to the end of the region. */
  fresh?: number
  rho?: Rho
}

/**
 * One sub-region of context with the experimental associations that bind it to the items.
 *
 *   c [units], of unit length;   M^FC [units, pool] gives an item its context, M^CF [pool, units] cues items by context
 */
export class Region {
  readonly c: Float64Array
  readonly fc: Float64Array
  readonly cf: Float64Array
  readonly units: number
  readonly #pool: number
  readonly #options: RegionOptions
  #fresh: number

  constructor(options: RegionOptions) {
    const { units, pool } = options
    this.#options = options
    this.units = units
    this.#pool = pool
    this.c = new Float64Array(units)
    this.fc = new Float64Array(units * pool)
    this.cf = new Float64Array(pool * units)
    this.#fresh = options.fresh ?? units
    this.reset()
  }

  reset(): void {
    const { start, fresh } = this.#options
    for (const array of [this.c, this.fc, this.cf]) array.fill(0)
    if (start !== undefined) this.c[start] = 1
    this.#fresh = fresh ?? this.units
  }

  /** gain M^FC x, added to `out` [units]. */
  retrieve(x: Float64Array, gain: number, out: Float64Array): void {
    for (let j = 0; j < this.units; j++) {
      let sum = 0
      for (let i = 0; i < this.#pool; i++) sum += this.fc[j * this.#pool + i] * x[i]
      out[j] += gain * sum
    }
  }

  /** gain M^CF c, added to `out` [pool]. */
  cue(gain: number, out: Float64Array): void {
    for (let i = 0; i < this.#pool; i++) {
      let sum = 0
      for (let j = 0; j < this.units; j++) sum += this.cf[i * this.units + j] * this.c[j]
      out[i] += gain * sum
    }
  }

  drift(input: Float64Array, beta: number): void {
    drift(this.c, input, beta, this.#options.rho)
  }

  /**
   * Drift toward a unit that nothing else has used in this list.
   * @throws StudioError bad-input when none is left
   */
  distract(beta: number): void {
    if (this.#fresh >= this.units)
      throw new StudioError('bad-input', 'This list has more distractors than context units were reserved for.', {
        field: 'distractors'
      })
    const input = new Float64Array(this.units)
    input[this.#fresh++] = 1
    this.drift(input, beta)
  }

  /** M^FC += fcRate c x^T,  M^CF += cfRate x c^T. */
  learn(x: Float64Array, fcRate: number, cfRate: number): void {
    const { c, fc, cf, units } = this
    const pool = this.#pool
    for (let i = 0; i < pool; i++) {
      if (x[i] === 0) continue
      for (let j = 0; j < units; j++) {
        fc[j * pool + i] += fcRate * c[j] * x[i]
        cf[i * units + j] += cfRate * c[j] * x[i]
      }
    }
  }

  /** Keep this share of what was learned. */
  keep(share: number): void {
    for (const array of [this.fc, this.cf]) for (let k = 0; k < array.length; k++) array[k] *= share
  }

  /** Copies of c, M^FC and M^CF. */
  arrays(): { c: StateArray; fc: StateArray; cf: StateArray } {
    return {
      c: { shape: [this.units], data: this.c.slice() },
      fc: { shape: [this.units, this.#pool], data: this.fc.slice() },
      cf: { shape: [this.#pool, this.units], data: this.cf.slice() }
    }
  }
}

/** A temporal context: one unit for each item, the start unit, then the distractors in the order of their use. */
export function temporalRegion({ pool, distractors }: { pool: number; distractors: number }, rho?: Rho): Region {
  return new Region({ units: pool + 1 + distractors, pool, start: pool, fresh: pool + 1, ...(rho && { rho }) })
}

/** The feature vector of one item. */
export function feature(item: number, pool: number): Float64Array {
  const x = new Float64Array(pool)
  x[item] = 1
  return x
}

/** Learning is stronger at the start of a list: 1 + phiS exp(-phiD i), i from 0. */
export const primacy = (i: number, { phiS, phiD }: { phiS: number; phiD: number }): number =>
  1 + phiS * Math.exp(-phiD * i)

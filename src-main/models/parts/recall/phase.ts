import { luce, race, stopProbability, type Decision } from './decision.ts'

/** How many draws of each kind the recall phase of one list may use. */
export function drawsFor(
  decision: Decision,
  items: number,
  recallSeconds: number
): { kind: 'normal' | 'uniform'; size: number } {
  return decision.kind === 'luce'
    ? { kind: 'uniform', size: 2 * items + 1 }
    : { kind: 'normal', size: stepsOf(decision.dt, recallSeconds) * items }
}

const stepsOf = (dtMs: number, seconds: number): number => Math.round((seconds * 1000) / dtMs)

/**
 * The recall of one list, choice by choice: give it the activations, get the next item, until it says that recall is
 * over. With accumulators the time of all races together is limited; with Luce's rule a stop is drawn before each choice.
 */
export class RecallPhase {
  /** Indices of the items in the order of recall, and when each came, in seconds (only accumulators take time). */
  readonly recalls: number[] = []
  readonly times: number[] = []
  readonly #recalled: Uint8Array
  readonly #decision: Decision
  readonly #draws: ArrayLike<number>
  readonly #steps: number
  #used = 0

  /** @param draws as `drawsFor` says */
  constructor(decision: Decision, items: number, recallSeconds: number, draws: ArrayLike<number>) {
    this.#decision = decision
    this.#recalled = new Uint8Array(items)
    this.#draws = draws
    this.#steps = decision.kind === 'luce' ? 0 : stepsOf(decision.dt, recallSeconds)
  }

  /** The next recalled item, or -1 when recall is over. @param a [items] */
  next(a: Float64Array): number {
    const decision = this.#decision
    if (this.recalls.length === this.#recalled.length) return -1
    const winner = decision.kind === 'luce' ? this.#choose(a, decision) : this.#race(a, decision)
    if (winner < 0) return -1
    this.#recalled[winner] = 1
    this.recalls.push(winner)
    return winner
  }

  #choose(a: Float64Array, { tau, stopBase, stopGrowth }: Extract<Decision, { kind: 'luce' }>): number {
    if (this.#draws[this.#used++] < stopProbability(this.recalls.length, stopBase, stopGrowth)) return -1
    const p = luce(a, tau, (j) => this.#recalled[j] === 1)
    let left = this.#draws[this.#used++]
    let last = -1
    for (let j = 0; j < p.length; j++) {
      if (p[j] === 0) continue
      last = j
      left -= p[j]
      if (left < 0) break
    }
    return last
  }

  #race(a: Float64Array, decision: Extract<Decision, { kind: 'accumulator' }>): number {
    const { eta, dt, tau } = decision
    const scale = eta * Math.sqrt(dt / tau)
    const from = this.#used * a.length
    const { winner, step } = race(a, decision, this.#recalled, this.#draws, scale, from, this.#steps - this.#used)
    this.#used += step
    if (winner >= 0) this.times.push((this.#used * dt) / 1000)
    return winner
  }
}

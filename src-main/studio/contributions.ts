import type { Computer } from '../../src-shared/shapes/place.ts'

/** The computers that trials came from, each with how many. */
export class Contributions {
  readonly #known: Map<string, Computer & { trials: number }>

  constructor(known: readonly (Computer & { trials: number })[]) {
    this.#known = new Map(known.map((one) => [nameOf(one), one]))
  }

  /** @param computer as it is now, with so many more */
  add(computer: Computer, trials: number): void {
    const key = nameOf(computer)
    this.#known.set(key, { ...computer, trials: (this.#known.get(key)?.trials ?? 0) + trials })
  }

  get all(): (Computer & { trials: number })[] {
    return [...this.#known.values()]
  }
}

const nameOf = ({ name, host }: Computer): string => JSON.stringify([host, name])

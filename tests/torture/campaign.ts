/** One kind of torture. */
export interface Setting {
  rounds: number
  /** Everything random comes from it. */
  seed: number
  /** Its own, empty, removed afterwards. */
  folder: string
  /** A line of progress. */
  tell(line: string): void
}

export interface Outcome {
  /** What happened, counted. */
  summary: Record<string, number>
  /** What must never happen, with the round; empty when all is well. */
  failures: string[]
}

export type Campaign = (setting: Setting) => Outcome | Promise<Outcome>

/** A clock that goes on between two messages: milliseconds since the last one, every half a second while it runs. */
export class Ticking {
  ms = $state(0)

  /** Made while a component is. @param told the last message @param runs whether time passes meanwhile */
  constructor(told: () => unknown, runs: () => boolean) {
    $effect(() => {
      told()
      this.ms = 0
      if (!runs()) return
      const began = performance.now()
      const timer = setInterval(() => (this.ms = performance.now() - began), 500)
      return () => clearInterval(timer)
    })
  }

  /** What is left of so much time; never less than nothing. */
  left(ms: number): number {
    return Math.max(0, ms - this.ms)
  }
}

/** On whose behalf something is computed: a run, a measurement, a fit. Cancelled once, it stays so. */
export class Owner {
  /** Shared with threads: one Int32 that is not 0 once it is cancelled. */
  readonly flag = new SharedArrayBuffer(4)
  readonly #view = new Int32Array(this.flag)

  get cancelled(): boolean {
    return Atomics.load(this.#view, 0) !== 0
  }
  cancel(): void {
    Atomics.store(this.#view, 0, 1)
  }
}

/** How long edits of one thing are taken as one step, in milliseconds. */
const oneStep = 1000
const depth = 200

/** Undo and redo over immutable values. Edits with the same key that follow each other quickly are one step. */
export class UndoHistory<T> {
  #past: T[] = []
  #future: T[] = []
  #lastKey: string | undefined
  #lastTime = 0
  present: T

  constructor(present: T) {
    this.present = present
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }
  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /**
   * Make a new state the present one.
   * @param key what was edited (a field); undefined = always a step of its own
   * @param now the time of the edit in milliseconds
   */
  commit(next: T, key: string | undefined, now: number): void {
    const goesOn = key !== undefined && key === this.#lastKey && now - this.#lastTime < oneStep
    if (!goesOn) this.#past = [...this.#past.slice(1 - depth), this.present]
    this.#future = []
    this.#lastKey = key
    this.#lastTime = now
    this.present = next
  }

  undo(): void {
    const previous = this.#past.pop()
    if (previous === undefined) return
    this.#future.push(this.present)
    this.present = previous
    this.#lastKey = undefined
  }

  redo(): void {
    const next = this.#future.pop()
    if (next === undefined) return
    this.#past.push(this.present)
    this.present = next
    this.#lastKey = undefined
  }
}

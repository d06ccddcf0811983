/** What has been read of something, and whether it is what is asked for now. */
export interface Read<T> {
  /** The last answer: it stays while another is on its way, and beside an error unless something else had been asked. */
  value: T | undefined
  error: unknown
  loading: boolean
  /** Whether the value answers what is asked now, not what was asked before. */
  fresh: boolean
}

/** Reads again and again. Of several questions only the last one counts, whichever answer comes first. */
export class Reading<T> {
  readonly #read: () => Promise<T> | undefined
  readonly #show: (now: Read<T>) => void
  #now: Read<T> = { value: undefined, error: undefined, loading: false, fresh: false }
  #turn = 0
  #again = false

  /** @param read asks the studio; undefined = there is nothing to ask */
  constructor(read: () => Promise<T> | undefined, show: (now: Read<T>) => void) {
    this.#read = read
    this.#show = show
  }

  /** Another question: what has been read answers an earlier one. */
  ask(): void {
    const answer = this.#read()
    if (answer) this.#become({ fresh: false })
    void this.#take(answer)
  }

  /** The same question once more. While it is being answered already, it is asked again after that, once. */
  async reload(): Promise<void> {
    if (this.#now.loading) this.#again = true
    else await this.#take(this.#read())
  }

  /** What became known without asking. */
  put(value: T): void {
    this.#become({ value })
  }

  async #take(answer: Promise<T> | undefined): Promise<void> {
    const turn = ++this.#turn
    this.#again = false
    if (!answer) return this.#become({ value: undefined, error: undefined, loading: false, fresh: true })
    this.#become({ loading: true })
    const outcome = await answer.then(
      (value) => ({ value, error: undefined, fresh: true }),
      (error: unknown) => ({ error, ...(!this.#now.fresh && { value: undefined }) })
    )
    if (turn !== this.#turn) return
    this.#become({ ...outcome, loading: false })
    if (this.#again) await this.reload()
  }

  #become(change: Partial<Read<T>>): void {
    this.#show((this.#now = { ...this.#now, ...change }))
  }
}

/** What could not be stored of jobs that have ended: kept as they ended, and tried again until it can be. */

/** Between two tries. */
const retryMs = 2000

export class Unsaved<D extends { id: string }> {
  readonly #save: (document: D) => void
  readonly #kept = new Map<string, D>()
  #retry: NodeJS.Timeout | undefined
  #closed = false

  /** @param save stores a document as it ended, or throws why it cannot */
  constructor(save: (document: D) => void) {
    this.#save = save
  }

  /** What is kept under this id. */
  get(id: string): D | undefined {
    return this.#kept.get(id)
  }

  /** All that is kept. */
  get all(): D[] {
    return [...this.#kept.values()]
  }

  /** Keep it, and try to store it until it can be. */
  keep(document: D): void {
    this.#kept.set(document.id, document)
    this.#soon()
  }

  /** Store what is kept under this id, if anything is. @throws why it still cannot be */
  save(id: string): void {
    const document = this.#kept.get(id)
    if (!document) return
    this.#save(document)
    this.#kept.delete(id)
  }

  /** One last try; nothing is tried any more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#tryAll()
  }

  #soon(): void {
    if (!this.#closed) this.#retry ??= setTimeout(() => this.#tryAll(), retryMs).unref()
  }

  #tryAll(): void {
    this.#retry = undefined
    for (const id of [...this.#kept.keys()])
      try {
        this.save(id)
      } catch {
        // A later try may succeed; meanwhile it is shown as it ended.
        this.#soon()
      }
  }
}

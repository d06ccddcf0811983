/** A long list of which only the pages that are looked at are held. */
export class Paging<Row extends { id: string }> {
  readonly size: number
  total: number | undefined
  readonly #pages = new Map<number, readonly Row[]>()
  readonly #claimed = new Set<number>()

  constructor(size = 100) {
    this.size = size
  }

  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / this.size))?.[index % this.size]
  }

  put(page: number, rows: readonly Row[], total: number): void {
    this.#pages.set(page, rows)
    this.total = total
  }

  /** Pages between two rows (both included) that are not held. */
  missing(first: number, last: number): number[] {
    const end = Math.min(last, (this.total ?? 1) - 1)
    const pages: number[] = []
    for (let page = Math.floor(Math.max(0, first) / this.size); page * this.size <= end; page++)
      if (!this.#pages.has(page)) pages.push(page)
    return pages
  }

  /** True for the first who wants to read a page; a page that could not be read is released. */
  claim(page: number): boolean {
    if (this.#claimed.has(page)) return false
    this.#claimed.add(page)
    return true
  }
  release(page: number): void {
    this.#claimed.delete(page)
  }

  /** Change a row where it is held, before the studio has answered. */
  patch(id: string, change: Partial<Row>): void {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.id === id)
      if (at >= 0) this.#pages.set(page, rows.with(at, { ...rows[at], ...change }))
    }
  }

  /** Every row that is held. */
  get held(): Row[] {
    return [...this.#pages.values()].flat()
  }

  find(id: string): Row | undefined {
    for (const rows of this.#pages.values()) {
      const row = rows.find((candidate) => candidate.id === id)
      if (row) return row
    }
    return undefined
  }
}

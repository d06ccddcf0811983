/** A list of groups, some of which are open: their members follow them. */

interface Open<Row> {
  index: number
  members: readonly Row[]
}

/** A line of the list: a group, or one of its members. */
export interface Place {
  group: number
  /** Index among the group's members; undefined for the group itself. */
  member?: number
}

export class Outline<Row> {
  readonly #open: readonly Open<Row>[]

  constructor(open: readonly Open<Row>[] = []) {
    this.#open = [...open].sort((a, b) => a.index - b.index)
  }

  /** Lines that the open groups add. */
  get added(): number {
    return this.#open.reduce((sum, { members }) => sum + members.length, 0)
  }
  get groups(): readonly Open<Row>[] {
    return this.#open
  }
  isOpen(group: number): boolean {
    return this.#open.some(({ index }) => index === group)
  }

  /** What stands at a line of the list. */
  at(line: number): Place {
    let added = 0
    for (const { index, members } of this.#open) {
      const first = index + added + 1
      if (line < first) break
      if (line < first + members.length) return { group: index, member: line - first }
      added += members.length
    }
    return { group: line - added }
  }
  /** The line of a group. */
  lineOf(group: number): number {
    return this.#open.reduce((line, { index, members }) => (index < group ? line + members.length : line), group)
  }
  member({ group, member }: Place): Row | undefined {
    return member === undefined ? undefined : this.#open.find(({ index }) => index === group)?.members[member]
  }

  with(index: number, members: readonly Row[]): Outline<Row> {
    return new Outline([...this.without(index).#open, { index, members }])
  }
  without(index: number): Outline<Row> {
    return new Outline(this.#open.filter((open) => open.index !== index))
  }
}

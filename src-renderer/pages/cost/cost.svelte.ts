/** What the cost page shows and what is being typed: the chart keeps the last sizes that were sound. */
import type { BlockId } from '../../../src-shared/cost/block.ts'
import { canBeLog } from '../../../src-shared/cost/grid.ts'
import { checkCostInput, type CostInput, type CostName } from '../../../src-shared/cost/symbols.ts'
import type { CostView, Quantity } from '../../../src-shared/cost/view.ts'
import { costStart, mostSets, setNames, wholeRange, type CostSet, type CostShown } from './address.ts'
import { memoryIds } from './figures.ts'

export class CostState {
  memories = $state.raw<readonly BlockId[]>([])
  view = $state<CostView>('exact')
  quantity = $state<Quantity>('sequence')
  x = $state<CostName>('L')
  logX = $state(true)
  logY = $state(true)
  facet = $state<CostName | undefined>()
  /** Ends that the user chose; otherwise the symbol's whole range. */
  range = $state.raw<{ low: number; high: number } | undefined>()
  /** The last sound sizes: what is drawn. */
  sets = $state.raw<readonly CostSet[]>([])
  /** As typed, sound or not; one for each set. */
  drafts = $state.raw<readonly CostInput[]>([])
  active = $state(0)
  /** The value of x that the table speaks of; undefined: where the active set is. */
  #cursor = $state<number | undefined>()
  /** The sizes bounded by others, as the user last set them: a slider that passes by must not shrink them for good. */
  #wanted = { C: 0, s: 0, K: 0 }

  constructor(shown: CostShown = costStart()) {
    this.show(shown)
  }

  shown = $derived.by((): CostShown => {
    const { memories, view, quantity, x, logX, logY, facet, sets } = this
    const { low, high } = this.range ?? wholeRange(x, sets[0].input)
    return { memories: [...memories], view, quantity, x, low, high, logX, logY, facet, sets: [...sets] }
  })
  set = $derived.by(() => this.sets[this.active])
  draft = $derived.by(() => this.drafts[this.active])
  errors = $derived.by((): Readonly<Record<string, string | undefined>> =>
    Object.fromEntries(checkCostInput(this.draft).map(({ field, message }) => [field, message]))
  )
  cursor = $derived.by(() => {
    const { low, high } = this.shown
    return Math.min(high, Math.max(low, this.#cursor ?? this.set.input[this.x]))
  })

  show(shown: CostShown): void {
    const whole = wholeRange(shown.x, shown.sets[0].input)
    this.memories = shown.memories
    this.view = shown.view
    this.quantity = shown.quantity
    this.x = shown.x
    this.logX = shown.logX
    this.logY = shown.logY
    this.facet = shown.facet
    this.range = shown.low === whole.low && shown.high === whole.high ? undefined : { low: shown.low, high: shown.high }
    this.sets = shown.sets
    this.drafts = shown.sets.map(({ input }) => input)
    this.active = 0
    this.#cursor = undefined
    this.#want()
  }

  /** Change the active set; drawn as soon as it is sound. */
  edit(change: Partial<CostInput>): void {
    const draft = { ...this.draft, ...change }
    this.drafts = this.drafts.with(this.active, draft)
    if (checkCostInput(draft).length) return
    this.sets = this.sets.with(this.active, { ...this.set, input: draft })
    if (Object.keys(change).some((name) => name in this.#wanted)) this.#want()
  }

  /** A slider never leaves the bounds: what L and M bound goes with them, and comes back. */
  slide(name: CostName, value: number): void {
    const next = { ...this.draft, [name]: value }
    if (name === 'L') {
      next.C = Math.min(this.#wanted.C, value)
      next.s = Math.min(this.#wanted.s, value)
    }
    if (name === 'M') next.K = Math.min(this.#wanted.K, value)
    const wanted = { ...this.#wanted }
    this.edit(next)
    if (name === 'L' || name === 'M') this.#wanted = wanted
    if (this.x === name) this.#cursor = undefined
  }

  #want(): void {
    const { C, s, K } = this.draft
    this.#wanted = { C, s, K }
  }

  /** All sizes of the active set at once. */
  put(input: CostInput): void {
    this.edit(input)
    this.#cursor = undefined
  }

  choose(index: number): void {
    this.active = index
    this.#want()
  }

  /** Another set, a copy of the active one unless given. */
  add(input: CostInput = this.set.input): void {
    if (this.sets.length >= mostSets) return
    const name = setNames.find((free) => this.sets.every((set) => set.name !== free)) ?? `${this.sets.length + 1}`
    this.sets = [...this.sets, { name, input }]
    this.drafts = [...this.drafts, input]
    this.choose(this.sets.length - 1)
  }

  remove(index: number): void {
    if (this.sets.length < 2) return
    this.sets = this.sets.toSpliced(index, 1)
    this.drafts = this.drafts.toSpliced(index, 1)
    this.choose(Math.min(this.active, this.sets.length - 1))
  }

  toggle(memory: BlockId, on: boolean): void {
    this.memories = memoryIds.filter((id) => (id === memory ? on : this.memories.includes(id)))
  }

  over(x: CostName): void {
    this.x = x
    this.logX = canBeLog(x)
    this.range = undefined
    this.#cursor = undefined
    if (this.facet === x) this.facet = undefined
  }

  point(at: number): void {
    this.#cursor = at
  }
}

/**
 * The recalls of many lists of one length as a tree: lists that begin with the same recalls share all that these decide.
 * What a list's likelihood depends on besides parameters is laid out once, in typed arrays; an evaluation allocates nothing.
 *
 *   log L = sum over branchings v of sum_children m_child s a_child - m_v log sum_left exp(s a_i)  +  stops,
 *   s = 2/T,  m: lists that pass,  a_i at least 1e-6
 */
import { ListGeometry, type StudyParams } from './list-geometry.ts'

/** What choice and stop depend on. */
export interface ChoiceParams extends StudyParams {
  T: number
  X1: number
  X2: number
}

/** The least activation that the choice rule sees. */
export const leastActivation = 1e-6

/** The probability that nothing more is recalled after k of n items. */
export const stopAfter = (k: number, n: number, { X1, X2 }: Pick<ChoiceParams, 'X1' | 'X2'>): number =>
  k === n ? 1 : Math.min(1 - 1e-6, Math.max(1e-6, X1 * Math.exp(X2 * k)))

interface Branch {
  lists: number
  children: Map<number, Branch>
}

/** Numbers of a branching in `#nodes`. */
const fields = 6
/** `exp` of more than this is no number any more. */
const overflow = 700

export class RecallTree {
  readonly n: number
  /** Choices among items, and the ends that were not forced. */
  readonly points: number
  readonly #geometry: ListGeometry
  /** By branching, parents first: recalls so far; the last of them, and its place among what was left before it; where its
   * row of `#left` begins; where its children begin; lists that go on. */
  readonly #nodes: Int32Array
  /** The items left at each branching. */
  readonly #left: Int32Array
  /** By child: its place among the items left, the lists that go there. */
  readonly #children: Int32Array
  /** [n + 1]: lists that go on after k recalls, and that end. */
  readonly #going: Int32Array
  readonly #ending: Int32Array
  /** [n, n]: a and o of what is left, by the number of recalls. */
  readonly #a: Float64Array
  readonly #o: Float64Array

  /** @param recalls of each list: items from 0 in the order of study, without repeats and intrusions */
  constructor(n: number, pool: number, recalls: readonly (readonly number[])[]) {
    this.n = n
    this.#geometry = new ListGeometry(n, pool)
    this.#going = new Int32Array(n + 1)
    this.#ending = new Int32Array(n + 1)
    const root: Branch = { lists: 0, children: new Map() }
    for (const order of recalls) {
      let branch = root
      branch.lists++
      for (const [k, item] of order.entries()) {
        this.#going[k]++
        let next = branch.children.get(item)
        if (!next) branch.children.set(item, (next = { lists: 0, children: new Map() }))
        next.lists++
        branch = next
      }
      this.#ending[order.length]++
    }
    this.points = recalls.reduce((sum, order) => sum + order.length + (order.length < n ? 1 : 0), 0)
    const [nodes, left, children]: number[][] = [[], [], []]
    const lay = (branch: Branch, items: readonly number[], last: number, place: number): void => {
      if (branch.children.size === 0) return
      const own = [...branch.children].sort(([a], [b]) => a - b)
      const lists = own.reduce((sum, [, child]) => sum + child.lists, 0)
      nodes.push(n - items.length, last, place, left.length, children.length, lists)
      left.push(...items)
      for (const [item, child] of own) children.push(items.indexOf(item), child.lists)
      for (const [item, child] of own)
        lay(
          child,
          items.filter((other) => other !== item),
          item,
          items.indexOf(item)
        )
    }
    lay(
      root,
      Array.from({ length: n }, (_, i) => i),
      -1,
      -1
    )
    // The end of the last branching's children.
    nodes.push(0, 0, 0, 0, children.length, 0)
    this.#nodes = Int32Array.from(nodes)
    this.#left = Int32Array.from(left)
    this.#children = Int32Array.from(children)
    this.#a = new Float64Array(n * n)
    this.#o = new Float64Array(n * n)
  }

  logLikelihood(p: ChoiceParams): number {
    this.#geometry.study(p)
    return this.#stops(p) + this.#choices(2 / p.T)
  }

  #stops(p: ChoiceParams): number {
    let sum = 0
    for (let k = 0; k <= this.n; k++) {
      const [going, ending] = [this.#going[k], this.#ending[k]]
      if (going === 0 && ending === 0) continue
      const stop = stopAfter(k, this.n, p)
      if (going > 0) sum += going * Math.log1p(-stop)
      sum += ending * Math.log(stop)
    }
    return sum
  }

  #choices(s: number): number {
    const n = this.n
    const { cue, overlap, cueOf, overlapOf, beta } = this.#geometry
    const [nodes, left, children, a, o] = [this.#nodes, this.#left, this.#children, this.#a, this.#o]
    let sum = 0
    for (let v = 0; v + fields < nodes.length; v += fields) {
      const [k, j, place, at] = [nodes[v], nodes[v + 1], nodes[v + 2], nodes[v + 3]]
      const [base, r] = [k * n, n - k]
      let most = 0
      if (k === 0)
        for (let t = 0; t < n; t++) {
          a[t] = cue[t]
          o[t] = overlap[t]
          if (cue[t] > most) most = cue[t]
        }
      else {
        // The row of one recall fewer is that of the parent.
        const from = base - n
        const b = beta[j]
        const along = o[from + place]
        const rho = Math.sqrt(1 + b * b * (along * along - 1)) - b * along
        const row = j * n
        for (let t = 0; t < r; t++) {
          const source = from + (t < place ? t : t + 1)
          const i = row + left[at + t]
          const value = rho * a[source] + b * cueOf[i]
          a[base + t] = value
          o[base + t] = rho * o[source] + b * overlapOf[i]
          if (value > most) most = value
        }
      }
      const shift = s * most > overflow ? s * most : 0
      let total = 0
      for (let t = 0; t < r; t++) {
        const value = a[base + t]
        total += Math.exp(s * (value > leastActivation ? value : leastActivation) - shift)
      }
      sum -= nodes[v + 5] * (shift + Math.log(total))
      for (let c = nodes[v + 4]; c < nodes[v + fields + 4]; c += 2) {
        const value = a[base + children[c]]
        sum += children[c + 1] * s * (value > leastActivation ? value : leastActivation)
      }
    }
    return sum
  }
}

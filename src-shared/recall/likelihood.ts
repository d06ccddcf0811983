/**
 * The likelihood of a recall sequence under a context model of free recall: what fitting needs. Memory and context start
 * anew for each list.
 *
 *   study i (from 1):  c <- rho c + B_enc unit(pre_i);   then  M^FC_i += Lfc c,   M^CF_i += (Lcf + P1 exp(-P2 (i-1))) c
 *   before recall:     the start unit is integrated with B_start
 *   recall k (from 0): a_j = M^CF_j · c,   p_j = exp(2 max(a_j, 1e-6)/T), normalised over the items not yet recalled;
 *                      the recalled item's context unit(M^FC_j) is integrated with B_rec
 *   stop after k:      X1 exp(X2 k) within [1e-6, 1 - 1e-6], and 1 when nothing is left
 *
 * Each recall multiplies the likelihood by (1 - stop) p, the end by stop. Intrusions and repeats are dropped and advance
 * nothing. The pre-experimental weights of both matrices are D I + A over the pool; the start unit stands apart.
 */
import { StudioError } from '../shapes/errors.ts'
import { correctPositions, type RecallList } from './data.ts'
import { ListGeometry } from './list-geometry.ts'
import { leastActivation, RecallTree, stopAfter } from './recall-tree.ts'

export const likelihoodParams = {
  B_enc: { label: 'Drift at study', min: 0, max: 1, tex: 'B_{\\mathrm{enc}}' },
  B_start: { label: 'Return to the start', min: 0, max: 1, tex: 'B_{\\mathrm{start}}' },
  B_rec: { label: 'Drift at recall', min: 0, max: 1, tex: 'B_{\\mathrm{rec}}' },
  Lfc: { label: 'Learning, item to context', min: 0, max: 1000, tex: 'L_{FC}' },
  Lcf: { label: 'Learning, context to item', min: 0, max: 1000, tex: 'L_{CF}' },
  P1: { label: 'Primacy', min: 0, max: 1000, tex: 'P_1' },
  P2: { label: 'Primacy decay', min: 0, max: 1000, tex: 'P_2' },
  D: { label: 'Own context before the experiment', min: 0, max: 1000, tex: 'D' },
  A: { label: 'Other items’ context before the experiment', min: 0, max: 1000, tex: 'A' },
  T: { label: 'Choice noise', min: 1e-6, max: 1e6, tex: 'T' },
  X1: { label: 'Stop, at first', min: 0, max: 1, tex: 'X_1' },
  X2: { label: 'Stop, growth', min: 0, max: 100, tex: 'X_2' }
} as const
export type LikelihoodName = keyof typeof likelihoodParams
export type LikelihoodParams = Record<LikelihoodName, number>
export const likelihoodNames = Object.keys(likelihoodParams) as LikelihoodName[]

/** What a fit names as its model. */
export const likelihoodModel = {
  title: 'CMR with Luce’s rule',
  source:
    'After S. M. Polyn, K. A. Norman & M. J. Kahana (2009), with Luce’s choice rule and a stop probability that grows with each recall'
} as const
export const likelihoodEquations: readonly string[] = [
  'c \\leftarrow \\rho\\,c + B_{\\mathrm{enc}}\\,\\widehat{\\mathrm{pre}_i}',
  '\\Delta M^{FC}_i = L_{FC}\\,c,\\quad \\Delta M^{CF}_i = \\bigl(L_{CF} + P_1 e^{-P_2 (i-1)}\\bigr)\\,c',
  'a_j = M^{CF}_j \\cdot c,\\quad p_j \\propto e^{2 \\max(a_j,\\,10^{-6}) / T}',
  'P(\\text{stop after } k) = X_1 e^{X_2 k}'
]

/** Where a fit begins, and what a parameters file may leave out. */
const omitted = { B_start: 0, P1: 0, P2: 1, D: 1, A: 0 } satisfies Partial<LikelihoodParams>

/**
 * Parameters from a parsed JSON object. `L` sets Lfc and Lcf; B_start, P1, P2, D and A may be left out (0, 0, 1, 1, 0).
 * @throws StudioError bad-input that names the parameter
 */
export function readLikelihoodParams(json: unknown, file?: string): LikelihoodParams {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new StudioError('bad-input', `Parameters are an object such as {"B_enc": 0.7, "T": 0.3, ...}.`, { file })
  const { L, ...given } = json as Record<string, unknown>
  const all: Record<string, unknown> = { ...omitted, ...(L !== undefined && { Lfc: L, Lcf: L }), ...given }
  for (const name of Object.keys(all))
    if (!Object.hasOwn(likelihoodParams, name))
      throw new StudioError('bad-input', `There is no parameter "${name}"; known are ${likelihoodNames.join(', ')}.`, {
        file,
        field: name
      })
  for (const name of likelihoodNames) {
    const value = all[name]
    const { min, max } = likelihoodParams[name]
    if (typeof value !== 'number' || !(value >= min && value <= max))
      throw new StudioError('bad-input', `${name} must be a number from ${min} to ${max}.`, { file, field: name })
  }
  return all as LikelihoodParams
}

/** A list as it was learned: one row of `units` numbers for each item. */
export interface Learned {
  units: number
  /** Context after study. */
  context: Float64Array
  /** [n, units]: pre-experimental weights, and the context in which each item was learned. */
  pre: Float64Array
  contexts: Float64Array
}

/**
 * Study items one after another.
 * @param pre [n, units] pre-experimental weights of the items in the order of study
 * @param context [units] before the first item, unit length
 */
export function studyList(
  pre: Float64Array,
  context: Float64Array,
  { B_enc }: Pick<LikelihoodParams, 'B_enc'>
): Learned {
  const units = context.length
  const contexts = new Float64Array(pre.length)
  const c = context.slice()
  for (let at = 0; at < pre.length; at += units) {
    integrate(c, pre.subarray(at, at + units), B_enc)
    contexts.set(c, at)
  }
  return { units, context: c, pre, contexts }
}

/** c <- rho c + beta unit(input), |c| = 1. An input of length 0 moves nothing. */
export function integrate(c: Float64Array, input: Float64Array, beta: number): void {
  let [square, overlap] = [0, 0]
  for (let j = 0; j < c.length; j++) {
    square += input[j] * input[j]
    overlap += c[j] * input[j]
  }
  if (square === 0) return
  const length = Math.sqrt(square)
  overlap /= length
  const rho = Math.sqrt(1 + beta * beta * (overlap * overlap - 1)) - beta * overlap
  for (let j = 0; j < c.length; j++) c[j] = rho * c[j] + (beta * input[j]) / length
}

/**
 * The weights D I + A of n items of a pool, over their own n units, one unit that stands for all others of the pool
 * (they behave alike: m units of weight A are one of weight A sqrt(m)), and the start unit, last.
 */
export function poolWeights(n: number, pool: number, { D, A }: Pick<LikelihoodParams, 'D' | 'A'>): Float64Array {
  const units = n + 2
  const pre = new Float64Array(n * units)
  const rest = A * Math.sqrt(Math.max(0, pool - n))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) pre[i * units + j] = A + (i === j ? D : 0)
    pre[i * units + n] = rest
  }
  return pre
}

/** The recall of one list, choice by choice. */
export class Recall {
  readonly #p: LikelihoodParams
  readonly #geometry: ListGeometry
  /** How the context cues each item, and how alike it is to what each brings back. */
  readonly #a: Float64Array
  readonly #o: Float64Array
  readonly #left: Uint8Array
  readonly #choice: Float64Array
  #count = 0

  /** @param pool items of the whole pool from which the list's n come */
  constructor(n: number, pool: number, p: LikelihoodParams) {
    this.#p = p
    this.#geometry = new ListGeometry(n, pool)
    this.#geometry.study(p)
    this.#a = this.#geometry.cue.slice()
    this.#o = this.#geometry.overlap.slice()
    this.#left = new Uint8Array(n).fill(1)
    this.#choice = new Float64Array(n)
  }

  /** The probability that nothing more is recalled. */
  stop(): number {
    return stopAfter(this.#count, this.#left.length, this.#p)
  }

  /** [n]: the probability of each item to be the next, given that one is; 0 once recalled. Valid until the next call. */
  choice(): Float64Array {
    const out = this.logChoice()
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(out[i])
    return out
  }

  /** The same as logarithms, -Infinity once recalled: finite also where the probability is too small for a number. */
  logChoice(): Float64Array {
    const [a, out, left] = [this.#a, this.#choice, this.#left]
    const n = left.length
    let most = -Infinity
    for (let i = 0; i < n; i++) {
      if (left[i] === 0) continue
      out[i] = (2 * (a[i] > leastActivation ? a[i] : leastActivation)) / this.#p.T
      if (out[i] > most) most = out[i]
    }
    let sum = 0
    for (let i = 0; i < n; i++) if (left[i]) sum += Math.exp(out[i] - most)
    const total = most + Math.log(sum)
    for (let i = 0; i < n; i++) out[i] = left[i] ? out[i] - total : -Infinity
    return out
  }

  /** Item i (from 0, in the order of study) was recalled. */
  recalled(i: number): void {
    const { n, beta, cueOf, overlapOf } = this.#geometry
    const [a, o] = [this.#a, this.#o]
    const [b, along] = [beta[i], o[i]]
    const rho = Math.sqrt(1 + b * b * (along * along - 1)) - b * along
    for (let j = 0; j < n; j++) {
      a[j] = rho * a[j] + b * cueOf[i * n + j]
      o[j] = rho * o[j] + b * overlapOf[i * n + j]
    }
    this.#left[i] = 0
    this.#count++
  }
}

/**
 * Log-likelihood of one list's recalls, its end included.
 * @param recalls items from 0 in the order of study, without repeats and intrusions
 */
export function sequenceLogLikelihood(
  recalls: readonly number[],
  n: number,
  pool: number,
  p: LikelihoodParams
): number {
  const recall = new Recall(n, pool, p)
  let sum = 0
  for (const item of recalls) {
    sum += Math.log1p(-recall.stop()) + recall.logChoice()[item]
    recall.recalled(item)
  }
  return sum + Math.log(recall.stop())
}

/** A list as fitting sees it. */
export interface Sequence {
  items: number
  recalls: readonly number[]
  /** Of the experiment in which it was studied, where there are several. */
  condition?: string
}
export interface Sequences {
  subject: string
  lists: readonly Sequence[]
}

/** Lists as sequences by subject, and the number of different items of the whole pool. */
export function sequencesOf(lists: readonly RecallList[]): { pool: number; subjects: Sequences[] } {
  const pool = new Set(lists.flatMap(({ items }) => items)).size
  const subjects = [...Map.groupBy(lists, ({ subject }) => subject)].map(([subject, own]) => ({
    subject,
    lists: own.map((list) => ({
      items: list.items.length,
      recalls: correctPositions(list).map((p) => p - 1),
      ...(list.condition !== undefined && { condition: list.condition })
    }))
  }))
  return { pool, subjects }
}

/** The likelihood of many lists, laid out once for parameters that change. */
export class ListsLikelihood {
  /** Data points: every recall, and every end that was not forced. */
  readonly points: number
  readonly #trees: readonly RecallTree[]

  constructor(lists: readonly Sequence[], pool: number) {
    this.#trees = [...Map.groupBy(lists, ({ items }) => items)].map(
      ([items, own]) =>
        new RecallTree(
          items,
          pool,
          own.map(({ recalls }) => recalls)
        )
    )
    this.points = this.#trees.reduce((sum, { points }) => sum + points, 0)
  }

  /** Summed log-likelihood. */
  at(p: LikelihoodParams): number {
    let sum = 0
    for (const tree of this.#trees) sum += tree.logLikelihood(p)
    return sum
  }
}

/** Summed log-likelihood, and the number of data points. */
export function logLikelihood(
  lists: readonly Sequence[],
  pool: number,
  p: LikelihoodParams
): { logLikelihood: number; points: number } {
  const all = new ListsLikelihood(lists, pool)
  return { logLikelihood: all.at(p), points: all.points }
}

/** Draw one recall sequence. @param uniform numbers in [0, 1) */
export function drawSequence(n: number, pool: number, p: LikelihoodParams, uniform: () => number): number[] {
  const recall = new Recall(n, pool, p)
  const recalls: number[] = []
  while (recalls.length < n && uniform() >= recall.stop()) {
    const choice = recall.choice()
    let left = uniform()
    let item = -1
    for (let i = 0; i < n; i++) {
      if (choice[i] === 0) continue
      item = i
      left -= choice[i]
      if (left < 0) break
    }
    recall.recalled(item)
    recalls.push(item)
  }
  return recalls
}

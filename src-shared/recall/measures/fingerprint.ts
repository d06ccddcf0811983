/**
 * Memory fingerprint: how much recall is clustered by each feature of the items, as it is and against random orders of the
 * same recalls.
 */
import { seeded, type Uniform } from '../../statistics/random.ts'
import { isMissing } from '../../text/read.ts'
import type { ListView } from '../view.ts'
import { average, probability, type Measure, type MeasuredData, type MeasuredSubject } from './measure.ts'

/** Merit of going from one serial position to another: larger is nearer. */
type Merit = (from: number, to: number) => number

const sharing =
  (labels: readonly string[]): Merit =>
  (from, to) =>
    !isMissing(labels[from - 1]) && labels[from - 1] === labels[to - 1] ? 1 : 0

/** The features, and how near two items are by each; undefined where a list does not have it. */
const features: Readonly<Record<string, (view: ListView, data: MeasuredData) => Merit | undefined>> = {
  temporal: () => (from, to) => -Math.abs(to - from),
  category: ({ list }) => list.categories && sharing(list.categories),
  source: ({ list }) => list.sources && sharing(list.sources),
  semantic(view, { alike, length }) {
    const matrix = alike?.(view)
    return matrix && ((from, to) => matrix[(from - 1) * length + to - 1])
  }
}
const names = Object.keys(features)

/** Recalls of a list from which on an order says something. */
const fewestRecalls = 3

/**
 * Clustering of an order of recalls: the mean over its steps of
 *   (items left that are farther + (those equally near, the next one included, + 1) / 2) / items left
 * @param correct serial positions, each once; an order is one of their places, 0 to m - 1
 */
export function clustering(correct: readonly number[], length: number, merit: Merit): (order: Int32Array) => number {
  const m = correct.length
  const forgotten: number[] = []
  for (let other = 1; other <= length; other++) if (!correct.includes(other)) forgotten.push(other)
  const merits = new Float64Array(m * m)
  for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) if (a !== b) merits[a * m + b] = merit(correct[a], correct[b])
  // Of the items that are never recalled, from when a step is first asked for: farther, and equally near.
  const less = new Int32Array(m * m).fill(-1)
  const equal = new Int32Array(m * m)
  const count = (a: number, at: number): void => {
    less[at] = 0
    for (const other of forgotten) {
      const its = merit(correct[a], other)
      if (its < merits[at]) less[at]++
      else if (its === merits[at]) equal[at]++
    }
  }
  return (order) => {
    let sum = 0
    for (let k = 0; k + 1 < m; k++) {
      const row = order[k] * m
      const at = row + order[k + 1]
      if (less[at] < 0) count(order[k], at)
      const own = merits[at]
      let farther = less[at]
      let alike = equal[at] + 1
      for (let j = k + 2; j < m; j++) {
        const its = merits[row + order[j]]
        if (its < own) farther++
        else if (its === own) alike++
      }
      sum += (farther + (alike + 1) / 2) / (length - 1 - k)
    }
    return sum / (m - 1)
  }
}

const asRecalled = (m: number): Int32Array => Int32Array.from({ length: m }, (_, i) => i)

/** Equal but for the order in which the parts were added up. */
const rounding = 1e-12

/** Share of orders with less clustering than the one recalled, equal ones half: of all orders, or of so many random ones. */
export function corrected(m: number, score: (order: Int32Array) => number, draws: number, random: Uniform): number {
  const own = score(asRecalled(m))
  const order = asRecalled(m)
  let [below, count] = [0, 0]
  const compare = (): void => {
    const other = score(order)
    below += other < own - rounding ? 1 : other <= own + rounding ? 0.5 : 0
    count++
  }
  const swap = (i: number, j: number): void => {
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  const every = (k: number): void => {
    if (k === m) return compare()
    for (let i = k; i < m; i++) {
      swap(k, i)
      every(k + 1)
      swap(k, i)
    }
  }
  if (factorial(m) <= draws) every(0)
  else
    for (let d = 0; d < draws; d++) {
      for (let i = m - 1; i > 0; i--) swap(i, Math.floor(random() * (i + 1)))
      compare()
    }
  return below / count
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

/** A list's own stream, whatever else is counted beside it. */
function streamOf({ subject, session = '', list }: ListView['list']): Uniform {
  let hash = 0x811c9dc5
  for (const character of JSON.stringify([subject, session, list]))
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  return seeded(hash >>> 0)
}

const ofLists =
  (value: (view: ListView, score: (order: Int32Array) => number, data: MeasuredData) => number) =>
  ({ lists }: MeasuredSubject, data: MeasuredData): (number | null)[] =>
    names.map((name) =>
      average(
        lists.map((view) => {
          const merit = view.correct.length >= fewestRecalls ? features[name](view, data) : undefined
          return merit && value(view, clustering(view.correct, data.length, merit), data)
        })
      )
    )

const about = {
  section: 'order',
  look: 'curve',
  x: { label: 'Feature' },
  source: 'Heusser, Fitzpatrick, Field & Manning (2017); Polyn, Norman & Kahana (2009)',
  places: () => ({ x: names })
} as const

export const fingerprint: Measure = {
  ...about,
  name: 'fingerprint',
  label: 'Memory fingerprint',
  help: 'Clustering of recall by position, category, source and meaning: the mean rank of each step among the items left, 1 being the nearest; of lists with at least three correct recalls, intrusions and repeats dropped.',
  tex: '\\overline{\\frac{\\#\\{\\text{farther}\\}+(\\#\\{\\text{equally near}\\}+1)/2}{\\#\\{\\text{left}\\}}}',
  value: probability('Clustering'),
  of: ofLists((view, score) => score(asRecalled(view.correct.length)))
}

export const correctedFingerprint: Measure = {
  ...about,
  name: 'fingerprint-corrected',
  label: 'Memory fingerprint, corrected by permutation',
  help: 'Share of the orders of the same recalls that are less clustered, equal ones counting half: .5 is chance. All orders are taken where there are at most as many as draws, else 500 random ones (unless said).',
  tex: 'P(F_\\pi<F)+\\tfrac12 P(F_\\pi=F)',
  value: probability('Clustering against random orders'),
  chance: 0.5,
  permuted: true,
  of: ofLists((view, score, { analysis }) =>
    corrected(view.correct.length, score, analysis.permutations, streamOf(view.list))
  )
}

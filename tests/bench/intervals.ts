/**
 * How often the offered 95 % intervals hold the true mean, how wide they are, and how often the offered tests at 5 % find
 * a difference where there is none: simulated where scores really lie, shares near 1 and skewed errors. The tables in
 * resources/guide/intervals.md come from here.
 */
import {
  logInterval,
  meanInterval,
  shareInterval,
  tCritical,
  tInterval,
  type Interval
} from '../../src-shared/statistics/interval.ts'
import { deviation, mean, significant } from '../../src-shared/statistics/numbers.ts'
import { seeded, type Uniform } from '../../src-shared/statistics/random.ts'
import { pairedT, permutation, welch, wilcoxon, type TestResult } from '../../src-shared/statistics/significance.ts'
import type { BenchOptions } from './run.ts'

const normal = (uniform: Uniform): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
const expit = (x: number): number => 1 / (1 + Math.exp(-x))

/** A seed's own share: p for all, or p in the mean with a normal spread of its logit. */
function shares(p: number, spread: number, uniform: Uniform): () => number {
  if (spread === 0) return () => p
  const grid = Array.from({ length: 161 }, (_, i) => (i - 80) / 10)
  const weight = grid.reduce((sum, z) => sum + Math.exp((-z * z) / 2), 0)
  const average = (centre: number): number =>
    grid.reduce((sum, z) => sum + Math.exp((-z * z) / 2) * expit(centre + spread * z), 0) / weight
  let [low, high] = [-20, 20]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (average(middle) < p) low = middle
    else high = middle
  }
  return () => expit(low + spread * normal(uniform))
}

/** The share of m questions answered rightly. */
function answered(m: number, p: number, uniform: Uniform): number {
  let right = 0
  for (let i = 0; i < m; i++) if (uniform() < p) right++
  return right / m
}

/** The logit of the pooled mean with the larger of both variances, delta method: what the share interval is held against. */
function pooledLogit(values: readonly number[], of: number): { low: number; high: number } {
  const [n, questions] = [values.length, values.length * of]
  const p = (mean(values) * questions + 0.5) / (questions + 1)
  const variance = Math.max(deviation(values) ** 2 / n, (p * (1 - p)) / questions)
  const half = (tCritical(n - 1, 0.95) * Math.sqrt(variance)) / (p * (1 - p))
  const centre = Math.log(p / (1 - p))
  return { low: expit(centre - half), high: expit(centre + half) }
}

type Ends = Pick<Interval, 'low' | 'high'>
interface Count {
  covers: number
  width: number
}
function tally(truth: number, draws: number, draw: () => number[], methods: ((values: number[]) => Ends)[]): Count[] {
  const counts = methods.map(() => ({ covers: 0, width: 0 }))
  for (let i = 0; i < draws; i++) {
    const values = draw()
    for (const [k, method] of methods.entries()) {
      const { low, high } = method(values)
      if (low! <= truth + 1e-12 && high! >= truth - 1e-12) counts[k].covers += 100 / draws
      counts[k].width += (high! - low!) / draws
    }
  }
  return counts
}

const seedCounts = [3, 5, 10, 20]
const cover = ({ covers, width }: Count): string => `${covers.toFixed(1)} (${width.toFixed(3)})`
const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

function shareTable(draws: number, uniform: Uniform): string {
  const rows: string[][] = []
  for (const p of [0.5, 0.9, 0.98])
    for (const m of [8, 24, 100])
      for (const n of seedCounts)
        for (const spread of [0, 0.5]) {
          const own = shares(p, spread, uniform)
          const counts = tally(p, draws, () => Array.from({ length: n }, () => answered(m, own(), uniform)), [
            (values) => tInterval(values),
            (values) => pooledLogit(values, m),
            (values) => shareInterval(values, m)
          ])
          rows.push([String(p), String(m), String(n), spread ? 'yes' : 'no', ...counts.map(cover)])
        }
  return markdown(['share', 'questions', 'seeds', 'spread', 'Student t', 'pooled logit', 'Wilson score (used)'], rows)
}

function positiveTable(draws: number, uniform: Uniform): string {
  const kinds: [name: string, truth: number, draw: () => number][] = [
    ...[0.1, 0.3, 0.5, 1].map((s): [string, number, () => number] => [
      `lognormal, ${s}`,
      Math.exp((s * s) / 2),
      () => Math.exp(s * normal(uniform))
    ]),
    ['exponential', 1, () => -Math.log(1 - uniform())],
    ['uniform', 0.5, uniform],
    ['normal, 1 ± .2', 1, () => Math.max(0, 1 + 0.2 * normal(uniform))]
  ]
  const rows = kinds.flatMap(([name, truth, draw]) =>
    seedCounts.map((n) => {
      let below = 0
      const counts = tally(truth, draws, () => Array.from({ length: n }, draw), [
        (values) => {
          const ends = tInterval(values)
          if (ends.low! < 0) below++
          return ends
        },
        (values) => logInterval(values)
      ])
      return [name, String(n), ...counts.map(cover), `${((100 * below) / draws).toFixed(0)} %`]
    })
  )
  return markdown(['errors', 'seeds', 'Student t', 'on a log scale (used)', 't below 0'], rows)
}

/** What lies within 0 and 1 and is no share of a known number of questions. */
function boundedTable(draws: number, uniform: Uniform): string {
  const share = (m: number, p: number): number => answered(m, p, uniform)
  const kinds: [name: string, draw: (p: number) => number][] = [
    [
      'F1 of 24 and 24',
      (p) => {
        const [precision, recall] = [share(24, p), share(24, p)]
        return precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0
      }
    ],
    ['share of 12 to 36', (p) => share(12 + Math.floor(25 * uniform()), p)],
    ['worst of 3 shares of 24', (p) => Math.min(share(24, p), share(24, p), share(24, p))]
  ]
  const cut = (values: readonly number[]): Ends => {
    const { low, high } = tInterval(values)
    return { low: Math.max(0, low!), high: Math.min(1, high!) }
  }
  const rows = kinds.flatMap(([name, draw]) =>
    [0.5, 0.9, 0.98].flatMap((p) => {
      const own = shares(p, 0.5, uniform)
      const truth = mean(Array.from({ length: 100 * draws }, () => draw(own())))
      return seedCounts.map((n) => {
        const counts = tally(truth, draws, () => Array.from({ length: n }, () => draw(own())), [
          cut,
          (values) => meanInterval(values, { kind: 'bounded', low: 0, high: 1 })
        ])
        return [name, truth.toFixed(3), String(n), ...counts.map(cover)]
      })
    })
  )
  return markdown(['measure', 'mean', 'seeds', 'Student t, cut', 't, score beyond the bounds (used)'], rows)
}

/** Two models that are equally good at each seed: how often a test says otherwise. */
function sizeTable(draws: number, uniform: Uniform): string {
  const random = seeded(1)
  const tests: [name: string, test: (a: number[], b: number[]) => TestResult, cost: number][] = [
    ['paired t', (a, b) => pairedT(a, b), 1],
    ['Wilcoxon', wilcoxon, 1],
    ['permutation', (a, b) => permutation(a, b, true, { random, draws: 2000 }), 20],
    ['Welch', (a, b) => welch(a, b), 1]
  ]
  const rows: string[][] = []
  for (const p of [0.9, 0.98])
    for (const m of [24, 100])
      for (const n of seedCounts)
        for (const spread of [0, 0.5]) {
          const own = shares(p, spread, uniform)
          const found = tests.map(([, test, cost]) => {
            const times = Math.ceil(draws / (n > 5 ? cost : 1))
            let wrong = 0
            for (let i = 0; i < times; i++) {
              const truth = Array.from({ length: n }, own)
              const [a, b] = [0, 1].map(() => truth.map((share) => answered(m, share, uniform)))
              if (significant(test(a, b).p)) wrong++
            }
            return `${((100 * wrong) / times).toFixed(1)} %`
          })
          rows.push([String(p), String(m), String(n), spread ? 'yes' : 'no', ...found])
        }
  return markdown(['share', 'questions', 'seeds', 'spread', ...tests.map(([name]) => name)], rows)
}

const tables = { shares: shareTable, bounded: boundedTable, positive: positiveTable, tests: sizeTable }

export function bench({ quick, json, only }: BenchOptions): Promise<void> {
  const draws = quick ? 500 : 10_000
  const made = Object.entries(tables)
    .filter(([name]) => !only.length || only.includes(name))
    .map(([name, make]) => [name, make(draws, seeded(7))])
  if (json) console.log(JSON.stringify({ draws, ...Object.fromEntries(made) }))
  else for (const [name, table] of made) console.log(`${name}, ${draws} samples each\n\n${table}\n`)
  return Promise.resolve()
}

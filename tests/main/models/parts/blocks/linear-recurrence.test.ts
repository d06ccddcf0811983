/** Recurrences in chunks and in one op, forward and gradient, against plain loops in double precision that know only the recurrence. */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../../../src-main/tensors/kernels/index.ts'
import { LinearRecurrence, recurrenceChunk } from '../../../../../src-main/models/parts/blocks/linear-recurrence.ts'

const [heads, dk, dv] = [2, 3, 5]

afterEach(() => setKernels(true))

interface Case {
  /** [H][L][n] */
  q: number[][][]
  k: number[][][]
  v: number[][][]
  /** ln a and b [H][L]; none without them. */
  log?: number[][]
  beta?: number[][]
}
type Name = keyof Case

/** y [H L d_v] of S_t = a_t S_(t-1) + k_t^T u_t, token by token. */
function loops({ q, k, v, log, beta }: Case): number[] {
  return q.flatMap((queries, h) => {
    const s = Array.from({ length: dk }, () => new Array<number>(dv).fill(0))
    return queries.flatMap((query, t) => {
      const a = log ? Math.exp(log[h][t]) : 1
      for (const row of s) for (let j = 0; j < dv; j++) row[j] *= a
      const known = read(k[h][t], s)
      const u = v[h][t].map((x, j) => (beta ? beta[h][t] * (x - known[j]) : x))
      k[h][t].forEach((x, i) => u.forEach((y, j) => (s[i][j] += x * y)))
      return read(query, s)
    })
  })
}
const read = (x: number[], s: number[][]): number[] =>
  s[0].map((_, j) => x.reduce((sum, value, i) => sum + value * s[i][j], 0))

const deep = (x: Case): Case => structuredClone(x)
const column = (x: number[][]): tf.Tensor => tf.tensor4d([x.map((row) => row.map((value) => [value]))])

/** The same with the part under test, in calls of these lengths. */
function chunked(given: Record<string, tf.Tensor>, calls: readonly number[]): tf.Tensor {
  const memory = new LinearRecurrence(false)
  let at = 0
  const answers = calls.map((count) => {
    const part = (name: Name): tf.Tensor | undefined =>
      (given[name] as tf.Tensor | undefined)?.slice([0, 0, at, 0], [-1, -1, count, -1])
    const answer = memory.run({
      ...{ q: part('q')!, k: part('k')!, v: part('v')! },
      ...(given.log && { logDecay: part('log')! }),
      ...(given.beta && { beta: part('beta')! })
    })
    at += count
    return answer
  })
  return tf.concat(answers, 2)
}
const tensors = ({ q, k, v, log, beta }: Case): Record<string, tf.Tensor> => ({
  ...{ q: tf.tensor4d([q]), k: tf.tensor4d([k]), v: tf.tensor4d([v]) },
  ...(log && { log: column(log) }),
  ...(beta && { beta: column(beta) })
})

function near(got: ArrayLike<number>, wanted: readonly number[], within: number): void {
  expect(got.length).toBe(wanted.length)
  const scale = Math.max(1, ...wanted.map(Math.abs))
  const worst = Math.max(...wanted.map((x, i) => Math.abs(got[i] - x)))
  expect(worst / scale).toBeLessThanOrEqual(within)
}

const wave = (h: number, t: number, i: number, by: number): number => Math.sin(by * (t * 7 + i) + 1.9 * h)
const unit = (x: number[]): number[] => x.map((value) => value / Math.hypot(...x))
function caseOf(length: number, key: (h: number, t: number) => number[], rest: Pick<Case, 'log' | 'beta'> = {}): Case {
  const table = <T>(of: (h: number, t: number) => T): T[][] =>
    Array.from({ length: heads }, (_, h) => Array.from({ length }, (_, t) => of(h, t)))
  const row = (n: number, by: number) => (h: number, t: number) =>
    Array.from({ length: n }, (_, i) => wave(h, t, i, by))
  return { q: table(row(dk, 0.7)), k: table((h, t) => unit(key(h, t))), v: table(row(dv, 1.3)), ...rest }
}
const each = (length: number, of: (t: number) => number): number[][] =>
  Array.from({ length: heads }, (_, h) => Array.from({ length }, (_, t) => of(t + h)))

const length = recurrenceChunk + 8
const distinct = (h: number, t: number): number[] => [0, 1, 2].map((i) => wave(h, t, i, 0.9))
const same = (): number[] => [1, 2, -1]
const nearly = (_: number, t: number): number[] => [1, 2 + 1e-3 * Math.sin(t), -1]
const cases: [string, Case][] = [
  ['keys that differ, no decay', caseOf(length, distinct)],
  ['keys that differ, decays of tokens', caseOf(length, distinct, { log: each(length, (t) => -0.3 * (t % 4)) })],
  ['the delta rule', caseOf(length, distinct, { beta: each(length, (t) => 0.2 + 0.1 * (t % 7)) })],
  ['the delta rule, one key again and again at full strength', caseOf(length, same, { beta: each(length, () => 1) })],
  ['the delta rule, keys that hardly differ', caseOf(length, nearly, { beta: each(length, () => 1) })],
  [
    'the gated delta rule, one key, fast forgetting',
    caseOf(length, same, { beta: each(length, () => 1), log: each(length, (t) => -0.5 - (t % 3)) })
  ],
  [
    'a hard reset inside a chunk, slow decay after it',
    caseOf(length, distinct, { log: each(length, (t) => (t % 11 === 5 ? -1e6 : -0.01)) })
  ],
  [
    'a hard reset under the delta rule',
    caseOf(length, distinct, {
      beta: each(length, () => 0.9),
      log: each(length, (t) => (t % 11 === 5 ? -1e6 : -0.01))
    })
  ],
  ['a decay below what float32 holds', caseOf(length, distinct, { log: each(length, (t) => (t % 5 ? -0.1 : -3e38)) })]
]

describe.each([
  ['wasm', 'in one op', true],
  ['wasm', 'in plain ops', false],
  ['cpu', 'in plain ops', false]
] as const)('on %s %s', (backend, _, fused) => {
  beforeEach(async () => {
    await useBackend(backend)
    setKernels(fused)
  })

  it.each(cases)('answers as the loop does: %s', (_, one) => {
    tf.tidy(() => near(chunked(tensors(one), [length]).dataSync(), loops(one), 2e-6))
  })

  it.each(cases)('and in calls of any length: %s', (_, one) => {
    tf.tidy(() => near(chunked(tensors(one), [1, 3, length - 7, 2, 1]).dataSync(), loops(one), 2e-6))
  })

  it.each(cases.filter(([name]) => !name.includes('holds')))('has the gradient of finite differences: %s', (_, one) => {
    // Differences of the loop, in double precision; two calls, so that the gradient passes through the state.
    const weights = loops(one).map((_, i) => Math.cos(2.1 * i))
    const loss = (at: Case): number => loops(at).reduce((sum, y, i) => sum + weights[i] * y, 0)
    tf.tidy(() => {
      const given = tensors(one)
      const names = Object.keys(given) as Name[]
      const grads = tf.grads((...of: tf.Tensor[]) => {
        const y = chunked(Object.fromEntries(of.map((x, i) => [names[i], x])), [recurrenceChunk + 5, 3])
        return tf.sum(y.mul(tf.tensor(weights, y.shape)))
      })(Object.values(given))
      names.forEach((name, i) => {
        const wide = one[name]![0][0]
        const width = Array.isArray(wide) ? wide.length : 1
        // Every third token: their derivatives are as different as those of all.
        const wanted: number[] = []
        const got: number[] = []
        const data = grads[i].dataSync()
        for (let h = 0; h < heads; h++)
          for (let t = 0; t < length; t += 3)
            for (let c = 0; c < width; c++) {
              const moved = [1e-5, -1e-5].map((by) => {
                const other = deep(one)
                const rows = other[name]![h] as (number | number[])[]
                const row = rows[t]
                if (Array.isArray(row)) row[c] += by
                else rows[t] = row + by
                return loss(other)
              })
              got.push(data[(h * length + t) * width + c])
              wanted.push((moved[0] - moved[1]) / 2e-5)
            }
        near(got, wanted, 2e-5)
      })
    })
  })
})

describe.each([true, false])('any tokens (in one op: %s)', (fused) => {
  beforeEach(async () => {
    await useBackend('wasm')
    setKernels(fused)
  })
  const few = fc.integer({ min: -2, max: 2 })
  const tokens = fc.array(
    fc.record({
      q: fc.tuple(few, few, few),
      // Few keys, so that they repeat; zero is one of them.
      k: fc.constantFrom<number[]>([1, 0, 0], [0.6, 0.8, 0], [0.6, 0.8, 1e-4], [0, 0, 0]),
      v: fc.tuple(few, few, few, few, few),
      log: fc.constantFrom(0, -1e-4, -0.5, -40, -1e6),
      beta: fc.constantFrom(0, 0.5, 1)
    }),
    { minLength: 1, maxLength: 70 }
  )

  it('are answered as the loop answers them, in any calls', () => {
    fc.assert(
      fc.property(tokens, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (list, cuts) => {
        const both = <T>(of: (token: (typeof list)[number]) => T): T[][] => [list.map(of), [...list].reverse().map(of)]
        const one: Case = {
          ...{ q: both((x) => x.q), k: both((x) => x.k), v: both((x) => x.v) },
          ...{ log: both((x) => x.log), beta: both((x) => x.beta) }
        }
        const calls: number[] = []
        for (let at = 0, i = 0; at < list.length; at += calls[i++])
          calls.push(Math.min(cuts[i % cuts.length], list.length - at))
        tf.tidy(() => near(chunked(tensors(one), calls).dataSync(), loops(one), 2e-6))
      }),
      { numRuns: 60, seed: 3 }
    )
  })
})

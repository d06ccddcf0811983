import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultFree, startParams } from '../../../src-shared/recall/fit.ts'
import { readRecall } from '../../../src-shared/recall/data.ts'
import {
  drawSequence,
  logLikelihood,
  readLikelihoodParams,
  sequenceLogLikelihood,
  sequencesOf,
  studyList,
  type LikelihoodParams
} from '../../../src-shared/recall/likelihood.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'

const plain = readLikelihoodParams({ B_enc: 0.5, B_rec: 0.8, L: 1, T: 10, X1: 0.05, X2: 1 })
/** Every parameter at work. */
const full: LikelihoodParams = {
  B_enc: 0.6,
  B_start: 0.3,
  B_rec: 0.7,
  Lfc: 0.8,
  Lcf: 1.4,
  P1: 2,
  P2: 0.6,
  D: 0.9,
  A: 0.15,
  T: 0.7,
  X1: 0.04,
  X2: 0.5
}

/** Every order of every subset of n items. */
function orders(n: number): number[][] {
  const extend = (order: number[]): number[][] => [
    order,
    ...Array.from({ length: n }, (_, i) => i)
      .filter((i) => !order.includes(i))
      .flatMap((i) => extend([...order, i]))
  ]
  return extend([])
}

const csv = [
  'subject,list,position,trial_type,item',
  ...['a', 'b', 'c'].map((item, i) => `1,1,${i + 1},study,${item}`),
  ...['b', 'c', 'x'].map((item, i) => `1,1,${i + 1},recall,${item}`),
  ...['d', 'e', 'f'].map((item, i) => `1,2,${i + 1},study,${item}`),
  ...['f', 'd', 'f'].map((item, i) => `1,2,${i + 1},recall,${item}`)
].join('\n')

describe('the likelihood of recall', () => {
  it('context after study is the published one', () => {
    const pre = new Float64Array(3 * 6)
    for (let i = 0; i < 3; i++) for (let j = 0; j < 5; j++) pre[i * 6 + j] = i * 5 + j
    const { context } = studyList(pre, Float64Array.of(0, 0, 0, 0, 0, 1), { B_enc: 0.5 })
    const expected = [0.27217749, 0.341992, 0.4118065, 0.481621, 0.55143551, 0.32145976]
    expected.forEach((x, i) => expect(context[i]).toBeCloseTo(x, 7))
  })

  it('of two short lists with an intrusion and a repeat is the published one, over six data points', () => {
    const { pool, subjects } = sequencesOf(readRecall(csv))
    expect(pool).toBe(6)
    const { logLikelihood: sum, points } = logLikelihood(subjects[0].lists, pool, plain)
    expect(sum).toBeCloseTo(-5.936799964636842, 12)
    expect(points).toBe(6)
  })

  it('over all sequences of a short list sums to 1', () => {
    for (const p of [plain, full])
      for (const n of [1, 2, 3, 4]) {
        const sum = orders(n).reduce((s, order) => s + Math.exp(sequenceLogLikelihood(order, n, n + 3, p)), 0)
        expect(sum).toBeCloseTo(1, 10)
      }
  })

  it('with items outside the list is what a matrix over the whole pool gives', () => {
    const [n, pool] = [3, 7]
    for (const order of orders(n))
      expect(sequenceLogLikelihood(order, n, pool, full)).toBeCloseTo(written(order, n, pool, full), 10)
  })

  it('is what drawn sequences show', () => {
    const uniform = seeded(5)
    const draws = 20_000
    let [empty, first] = [0, 0]
    for (let i = 0; i < draws; i++) {
      const order = drawSequence(3, 3, full, uniform)
      if (order.length === 0) empty++
      else if (order[0] === 2) first++
    }
    const p = orders(3)
      .filter((order) => order[0] === 2)
      .reduce((s, order) => s + Math.exp(sequenceLogLikelihood(order, 3, 3, full)), 0)
    expect(empty / draws).toBeCloseTo(0.04, 2)
    // Five standard errors.
    expect(Math.abs(first / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws))
  })

  it('is finite for any parameters within bounds', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    const weight = fc.double({ min: 0, max: 20, noNaN: true })
    fc.assert(
      fc.property(
        unit,
        unit,
        unit,
        weight,
        weight,
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (a, b, s, l, d, T) => {
          const p = { ...full, B_enc: a, B_rec: b, B_start: s, Lfc: l, Lcf: l, D: d, A: 0, T }
          expect(sequenceLogLikelihood([2, 0, 1], 4, 4, p)).not.toBeNaN()
        }
      )
    )
  })
})

describe('parameters of the likelihood', () => {
  it.each([
    ['an unknown one', { ...full, Q: 1 }, 'Q'],
    ['one that is missing', { ...full, T: undefined }, 'T'],
    ['one out of bounds', { ...full, B_enc: 1.5 }, 'B_enc'],
    ['one that is no number', { ...full, X1: 'much' }, 'X1']
  ])('with %s are refused by name', (_, json, field) => {
    expect(() => readLikelihoodParams(json, 'p.json')).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ field, file: 'p.json' }) as object }) as Error
    )
  })
})

/** The same likelihood with matrices over the whole pool, from the equations. */
function written(order: readonly number[], n: number, pool: number, p: LikelihoodParams): number {
  const units = pool + 1
  const weights = (): number[][] =>
    Array.from({ length: pool }, (_, i) =>
      Array.from({ length: units }, (_, j) => (j === pool ? 0 : (i === j ? p.D : 0) + p.A))
    )
  const [fcM, cfM, pre] = [weights(), weights(), weights()]
  let c: number[] = Array.from({ length: units }, (_, j) => (j === pool ? 1 : 0))
  const dot = (a: number[], b: number[]): number => a.reduce((s, x, i) => s + x * b[i], 0)
  const drift = (input: number[], beta: number): void => {
    const length = Math.sqrt(dot(input, input))
    if (length === 0) return
    const into = input.map((x) => x / length)
    const overlap = dot(c, into)
    const rho = Math.sqrt(1 + beta ** 2 * (overlap ** 2 - 1)) - beta * overlap
    c = c.map((x, j) => rho * x + beta * into[j])
  }
  for (let i = 0; i < n; i++) {
    drift(pre[i], p.B_enc)
    for (let j = 0; j < units; j++) {
      fcM[i][j] += p.Lfc * c[j]
      cfM[i][j] += (p.Lcf + p.P1 * Math.exp(-p.P2 * i)) * c[j]
    }
  }
  drift(
    Array.from({ length: units }, (_, j) => (j === pool ? 1 : 0)),
    p.B_start
  )
  const stop = (k: number): number => (k === n ? 1 : Math.min(1 - 1e-6, Math.max(1e-6, p.X1 * Math.exp(p.X2 * k))))
  let sum = 0
  const left = new Set(Array.from({ length: n }, (_, i) => i))
  for (const [k, item] of order.entries()) {
    const strength = (j: number): number => Math.exp((2 * Math.max(1e-6, dot(cfM[j], c))) / p.T)
    const all = [...left].reduce((s, j) => s + strength(j), 0)
    sum += Math.log(1 - stop(k)) + Math.log(strength(item) / all)
    drift(fcM[item], p.B_rec)
    left.delete(item)
  }
  return sum + Math.log(stop(order.length))
}

it('is finite where the probability of a recall is smaller than any number', () => {
  // From explicit matrices over the pool in 60 decimal digits, the probabilities multiplied before their logarithm is taken.
  const sharp: LikelihoodParams = {
    ...full,
    B_start: 0.9,
    Lfc: 1,
    Lcf: 1,
    P1: 20,
    P2: 0.8,
    D: 1,
    A: 0.1,
    T: 0.02,
    X1: 0.01,
    X2: 0.3
  }
  const of = (recalls: number[], n: number, pool: number) => sequenceLogLikelihood(recalls, n, pool, sharp)
  expect(of([5, 2, 7], 8, 16)).toBeCloseTo(-3733.26222462492, 8)
  expect(of([0, 1], 8, 16)).toBeCloseTo(-4.02881104411602, 11)
  expect(of([5, 0, 4, 1, 3, 2], 6, 6)).toBeCloseTo(-2553.543836805496, 8)
})

it('stays finite over all the bounds a fit searches by default', () => {
  const point = fc.record(
    Object.fromEntries(defaultFree.map(({ name, min, max }) => [name, fc.constantFrom(min, (min + max) / 2, max)]))
  )
  fc.assert(
    fc.property(point, fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]), (free, recalls) => {
      const value = sequenceLogLikelihood(recalls, 8, 24, { ...startParams, ...free })
      expect(Number.isFinite(value)).toBe(true)
      expect(value).toBeLessThanOrEqual(0)
    })
  )
})

describe('the likelihood of many lists', () => {
  it('is the sum of the lists, each from matrices over the whole pool, whatever they share and however long they are', () => {
    const orders = [[2, 0, 1], [2, 0, 3], [2, 0, 1], [], [3, 2, 1, 0], [0]]
    const lists = [...orders.map((recalls) => ({ items: 4, recalls })), { items: 6, recalls: [5, 4, 0, 1] }]
    for (const p of [full, plain, { ...full, D: 0, A: 0 }, { ...full, B_enc: 1, B_rec: 1, B_start: 1 }]) {
      const expected = lists.reduce((sum, { items, recalls }) => sum + written(recalls, items, 9, p), 0)
      expect(logLikelihood(lists, 9, p).logLikelihood).toBeCloseTo(expected, 9)
    }
    // Every recall, and every end but that of the list which was recalled whole.
    expect(logLikelihood(lists, 9, full).points).toBe(9 + 4 + 1 + 4 + 6)
  })

  it('agrees with such matrices at points all over the bounds', () => {
    const point = fc.record(
      Object.fromEntries(defaultFree.map(({ name, min, max }) => [name, fc.double({ min, max, noNaN: true })]))
    )
    const lists = [
      { items: 5, recalls: [4, 3, 0] },
      { items: 5, recalls: [0, 1, 2, 3, 4] },
      { items: 5, recalls: [4, 0, 1, 2] }
    ]
    fc.assert(
      fc.property(point, fc.double({ min: 0, max: 0.5, noNaN: true }), (free, A) => {
        // As sharp a choice as the other implementation can take without its exponentials leaving the numbers.
        const p = { ...startParams, ...free, A, T: Math.max(0.3, (free as { T: number }).T), X2: 0.1 }
        const expected = lists.reduce((sum, { items, recalls }) => sum + written(recalls, items, 12, p), 0)
        const found = logLikelihood(lists, 12, p).logLikelihood
        expect(Math.abs(found - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)))
      }),
      { numRuns: 200 }
    )
  })

  it('where items bring nothing back moves no context: only the start is there, and all are alike', () => {
    const p = { ...plain, D: 0, A: 0, Lfc: 0 }
    // Nothing learned but by M^CF in the start context: each choice is by chance.
    const { logLikelihood: found } = logLikelihood([{ items: 3, recalls: [1, 0] }], 3, { ...p, P1: 0 })
    const stops = Math.log(1 - 0.05) + Math.log(1 - 0.05 * Math.E) + Math.log(0.05 * Math.E ** 2)
    expect(found).toBeCloseTo(Math.log(1 / 3) + Math.log(1 / 2) + stops, 12)
  })
})

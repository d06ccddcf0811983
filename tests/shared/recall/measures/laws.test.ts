import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecallList } from '../../../../src-shared/recall/data.ts'
import { measureRecall } from '../../../../src-shared/recall/measured.ts'
import { clustering, corrected } from '../../../../src-shared/recall/measures/fingerprint.ts'
import { recallMeasures } from '../../../../src-shared/recall/measures/registry.ts'
import { seeded } from '../../../../src-shared/statistics/random.ts'
import { list, measure } from './support.ts'

const n = 7
/** Sequences of recalls with repeats and intrusions. */
const recalls = fc.array(fc.integer({ min: 0, max: n }), { maxLength: 10 })
const session = fc
  .array(recalls, { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map((own, i) => list(n, own, { list: String(i + 1), categories: [...'abababa'], sources: [...'xxyyxxy'] }))
  )
/** Similarity of two words by the distance of their numbers on a circle. */
const similarity = (a: string, b: string): number => Math.cos(Number(a.slice(1)) * 2 - Number(b.slice(1)) * 2)

const orders = (m: number): number[][] =>
  m === 0
    ? [[]]
    : orders(m - 1).flatMap((own) => Array.from({ length: m }, (_, i) => [...own.slice(0, i), m - 1, ...own.slice(i)]))

describe('every statistic', () => {
  const all = (lists: readonly RecallList[]) => [
    ...measureRecall(lists, { similarity }).statistics,
    ...measureRecall(lists, { similarity, permuted: true }).statistics
  ]
  it('has a name of its own, a definition, a formula, a source and axes for what it is', () => {
    expect(new Set(recallMeasures.map(({ name }) => name)).size).toBe(recallMeasures.length)
    for (const { name, help, tex, source, look, x, rows, places } of recallMeasures) {
      expect([name, help, tex, source].every((text) => text.length > 1)).toBe(true)
      expect(name).toMatch(/^[a-z0-9-]+$/)
      expect([x !== undefined, places !== undefined]).toEqual([look !== 'number', look !== 'number'])
      expect(rows !== undefined).toBe(look === 'map' || look === 'curves')
    }
  })
  it('has as many values as places, each probability within 0 and 1, whatever is recalled', () => {
    fc.assert(
      fc.property(session, (lists) => {
        for (const { name, x, rows, members, means, missing } of all(lists)) {
          const { value, look } = recallMeasures.find((own) => own.name === name)!
          if (missing !== undefined) continue
          const size = x.length * Math.max(1, rows.length)
          const values = look === 'map' ? means.map((own) => own?.mean ?? null) : members[0]
          expect(values, name).toHaveLength(size)
          for (const v of values) {
            expect(v === null || Number.isFinite(v), name).toBe(true)
            if (v !== null && value.scale?.kind === 'bounded') expect(v >= 0 && v <= 1, name).toBe(true)
          }
        }
      }),
      { numRuns: 60 }
    )
  })
  it('does not depend on the order of lists in a file, nor on the names of subjects', () => {
    fc.assert(
      fc.property(session, (lists) => {
        const renamed = [...lists].reverse().map((own) => ({ ...own, subject: 'other' }))
        const [one, other] = [all(lists), all(renamed)]
        for (const [i, { name, members, means }] of one.entries()) {
          if (name === 'fingerprint-corrected') continue
          for (const [k, v] of (members[0] ?? means.map((own) => own?.mean ?? null)).entries()) {
            const its = (other[i].members[0] ?? other[i].means.map((own) => own?.mean ?? null))[k]
            if (v === null) expect(its, name).toBeNull()
            else expect(its, name).toBeCloseTo(v, 10)
          }
        }
      }),
      { numRuns: 40 }
    )
  })
  it('has no value, and says so, of a subject who recalls nothing, or of lists of one item', () => {
    const silent = measureRecall([list(4, [])]).statistics
    expect(silent.find(({ name }) => name === 'recalled')!.members).toEqual([[0]])
    expect(silent.find(({ name }) => name === 'spc')!.members).toEqual([[0, 0, 0, 0]])
    expect(silent.find(({ name }) => name === 'lag-crp')!.missing).toBe('no subject gives a value')
    const single = measureRecall([list(1, [1])], { similarity }).statistics
    expect(single.find(({ name }) => name === 'spc')!.members).toEqual([[1]])
    expect(single.find(({ name }) => name === 'distance-crp')!.missing).toBe('no subject gives a value')
  })
  it('says what data lack', () => {
    const { statistics } = measureRecall([list(4, [1, 2])])
    const why = Object.fromEntries(statistics.map(({ name, missing }) => [name, missing]))
    expect(why.arc).toBe('needs a category of each item')
    expect(why.delay).toBe('needs a delay between study and test')
    expect(why['distance-crp']).toBe('needs a table of how alike the words are')
    expect(why.spc).toBeUndefined()
  })
})

describe('parts of one whole', () => {
  it('quartiles add up to the curve of the lists with four recalls', () => {
    const lists = [list(n, [3, 1, 7, 2, 0, 2, 5]), list(n, [6, 7, 1, 4], { list: '2' })]
    const spc = measure('spc', lists)
    const { at } = measure('spc-quartile', lists)
    for (let i = 1; i <= n; i++)
      expect([1, 2, 3, 4].reduce((sum, q) => sum + at(q, i)!, 0)).toBeCloseTo(spc.at(0, i)!, 12)
  })
  it('start positions: the curve of the lists that began with it', () => {
    const { at } = measure('spc-start', [list(3, [3, 1]), list(3, [3], { list: '2' }), list(3, [1, 2], { list: '3' })])
    expect([at(3, 1), at(3, 2), at(3, 3), at(1, 2), at(2, 1)]).toEqual([0.5, 0, 1, 1, null])
  })
  it('lag-CRP by output, and without the first ones, count each transition as the lag-CRP does', () => {
    const lists = [list(n, [7, 6, 1, 2, 3]), list(n, [7, 1, 2, 6], { list: '2' })]
    const { at } = measure('lag-crp-output', lists)
    expect([at(1, -1), at(1, -6), at(3, 1), at(2, 1)]).toEqual([1 / 2, 1 / 2, 1 / 2, 1 / 1])
    expect(measure('lag-crp-from', lists, { analysis: { skip: 0 } }).values).toEqual(measure('lag-crp', lists).values)
  })
  it('prior-list and extra-list intrusions are all there are', () => {
    const lists = [list(3, [1]), { ...list(3, []), list: '2', items: ['a', 'b', 'c'], recalls: ['w1', 'x', 'a'] }]
    const [all, prior, extra] = ['intrusions', 'prior-list', 'extra-list'].map((name) => measure(name, lists).values[0])
    expect([all, prior, extra]).toEqual([1, 0.5, 0.5])
  })
  it('delays: the share recalled at each, or in twelve bins at their mean', () => {
    const few = measure('delay', [list(2, [1], { delays: [10, 20] }), list(2, [2], { delays: [10, null], list: '2' })])
    expect(few.x).toEqual([10, 20])
    expect(few.values).toEqual([0.5, 0])
    const many = measure('delay', [list(24, [1, 2, 3], { delays: Array.from({ length: 24 }, (_, i) => i) })])
    expect(many.x).toEqual(Array.from({ length: 12 }, (_, k) => 2 * k + 0.5))
    expect(many.values.slice(0, 3)).toEqual([1, 0.5, 0])
  })
})

describe('reversal', () => {
  it('of recalls turns lags around in the input CRP’s steps', () => {
    const { at } = measure('lag-crp', [list(n, [1, 2, 3, 4, 5, 6, 7])])
    const back = measure('lag-crp', [list(n, [7, 6, 5, 4, 3, 2, 1])])
    for (let lag = -n + 1; lag < n; lag++) expect(back.at(0, -lag)).toBe(at(0, lag))
  })
  it('of similarities turns ranks around chance', () => {
    fc.assert(
      fc.property(session, (lists) => {
        const [own, other] = [similarity, (a: string, b: string) => -similarity(a, b)].map(
          (by) => measure('semantic', lists, { similarity: by }).values[0]
        )
        if (own === undefined || own === null) expect(other ?? null).toBeNull()
        else expect(other).toBeCloseTo(1 - own, 10)
      }),
      { numRuns: 40 }
    )
  })
})

describe('clustering against random orders', () => {
  const merit = (from: number, to: number): number => -Math.abs(to - from)
  it('is one half on average over all orders, ties counting half', () => {
    const correct = [2, 5, 3, 6]
    const scores = orders(4).map((order) => {
      const own = order.map((k) => correct[k])
      return corrected(4, clustering(own, n, merit), 24, seeded(1))
    })
    expect(scores.reduce((a, b) => a + b) / scores.length).toBeCloseTo(0.5, 12)
  })
  it('enumerates every order of few recalls as a second count does', () => {
    const correct = [1, 2, 4, 7, 6]
    const score = clustering(correct, n, merit)
    const own = score(Int32Array.of(0, 1, 2, 3, 4))
    const others = orders(5).map((order) => score(Int32Array.from(order)))
    const expected = others.reduce((sum, s) => sum + (s < own - 1e-12 ? 1 : s <= own + 1e-12 ? 0.5 : 0), 0) / 120
    expect(corrected(5, score, 120, seeded(1))).toBeCloseTo(expected, 12)
  })
  it('comes near that by random orders, and is the same each time', () => {
    const score = clustering([1, 2, 4, 7, 6], n, merit)
    const drawn = corrected(5, score, 119, seeded(3))
    expect(Math.abs(drawn - corrected(5, score, 120, seeded(1)))).toBeLessThan(0.15)
    expect(corrected(5, score, 119, seeded(3))).toBe(drawn)
  })
  it('counts farther items among all that are left, as a plain count does', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: n }), { minLength: 2 }), (correct) => {
        const left = new Set(Array.from({ length: n }, (_, i) => i + 1))
        let sum = 0
        for (const [k, from] of correct.slice(0, -1).entries()) {
          left.delete(from)
          const ranks = [...left].map((to) => Math.abs(to - from))
          const own = Math.abs(correct[k + 1] - from)
          const equal = ranks.filter((rank) => rank === own).length
          sum += (ranks.filter((rank) => rank > own).length + (equal + 1) / 2) / ranks.length
        }
        const score = clustering(correct, n, merit)(Int32Array.from(correct, (_, k) => k))
        expect(score).toBeCloseTo(sum / (correct.length - 1), 12)
      })
    )
  })
})

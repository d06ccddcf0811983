import { describe, expect, it } from 'vitest'
import { clustering } from '../../../../src-shared/recall/measures/fingerprint.ts'
import { binOf } from '../../../../src-shared/recall/measures/similarity.ts'
import type { RecallList } from '../../../../src-shared/recall/data.ts'
import { list, measure } from './support.ts'

/** Similarity of words w1, w2, ... by a matrix of distances from 0. */
const nearer =
  (distances: readonly (readonly number[])[], first = 1) =>
  (a: string, b: string): number =>
    -distances[Number(a.slice(1)) - first][Number(b.slice(1)) - first]

const square = (...rows: string[]): number[][] => rows.map((row) => [...row].map(Number))

describe('psifr’s own values', () => {
  it('of the lag-CRP within and across categories', () => {
    const categories = ['1', '1', '2', '2', '1', '1', '2', '2']
    const found = measure('lag-crp-category', [list(8, [1, 3, 4, 8, 5, 4, 7, 6], { categories })])
    const shares = (actual: number[], possible: number[]): (number | null)[] =>
      actual.map((a, i) => (possible[i] ? a / possible[i] : null))
    expect(found.values).toEqual([
      ...shares([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 1, 0, 0]),
      ...shares([0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    ])
  })
  it('of the compound lag-CRP', () => {
    const one = [list(4, [4, 2, 1]), { ...list(4, [0, 2, 1, 3, 4]), list: '2' }]
    const { at, values } = measure('lag-crp-compound', one)
    expect([at(-2, -1), at(-2, 1), at(-1, 2), at(-1, 3), at(1, 1), at(2, 1)]).toEqual([1, 0, 1, 0, null, 1])
    expect(values.filter((value) => value !== null)).toHaveLength(5)
    const [other] = [measure('lag-crp-compound', [list(4, [4, 1, 2, 3])])]
    expect([other.at(-3, 1), other.at(-3, 2), other.at(1, 1)]).toEqual([1, 0, 1])
  })
  it('of the input CRP', () => {
    const { values } = measure('input-crp', [list(4, [4, 1, 2, 3])])
    const none = null
    expect(values).toEqual([none, 1, 0, none, none, none, 1, none, none, none, none, none, 1, 0, 0, none])
  })
  it('of the probability of nth recall', () => {
    // Recalls hollow, pupil, empty; pillow, fountain, pillow again.
    const { at } = measure('pnr', [list(3, [2, 3, 0]), { ...list(3, [3, 1, 3]), list: '2' }])
    expect([at(1, 1), at(1, 2), at(1, 3), at(2, 1), at(2, 2), at(2, 3)]).toEqual([0, 0.5, 0.5, 0.5, 0, 1])
  })
  it('of prior-list intrusions by list lag, for one, two and three lists back', () => {
    const items = [
      ['tree', 'cat'],
      ['absence', 'hollow'],
      ['fountain', 'piano'],
      ['pillow', 'pupil']
    ]
    const recalls = [
      ['tree', 'cat'],
      ['hollow', 'absence'],
      ['fountain', 'hollow'],
      ['absence', 'piano', 'cat']
    ]
    const lists = items.map((own, i): RecallList => ({
      subject: '1',
      list: String(i + 1),
      items: own,
      recalls: recalls[i]
    }))
    const of = (name: string, listLag: number) => measure(name, lists, { analysis: { listLag } }).values
    expect(of('prior-list-lag', 1)).toEqual([2 / 4])
    expect(of('prior-list-lag-rate', 1)).toEqual([2 / 3])
    expect(of('prior-list-lag', 2)).toEqual([2 / 4, 1 / 4])
    expect(of('prior-list-lag-rate', 2)).toEqual([1, 0.5])
    expect(of('prior-list-lag', 3)).toEqual([1 / 3, 1 / 3, 1 / 3])
    expect(of('prior-list-lag-rate', 3)).toEqual([1, 1, 1])
  })

  const distance = square(
    '01112222',
    '10112222',
    '11012222',
    '11102222',
    '22220333',
    '22223033',
    '22223303',
    '22223330'
  )
  const recalled = [4, 3, 2, 8, 1, 7, 6]
  it('of the rank of distances', () => {
    const { values } = measure('semantic', [list(8, recalled)], { similarity: nearer(distance) })
    const expected = [1 - 1 / 6, 1 - 0.5 / 5, 1 - 2.5 / 4, 1, 1 - 1 / 2, 1 - 0.5]
    expect(values[0]).toBeCloseTo(expected.reduce((a, b) => a + b) / expected.length, 12)
  })
  it('of distances in bins, each word counted or each bin once', () => {
    // Distances 3, 2 and 1: a bin each.
    const options = { similarity: nearer(distance) }
    const every = measure('distance-crp', [list(8, recalled)], options)
    expect([every.x, every.values]).toEqual([
      [-3, -2, -1],
      [1 / 5, 3 / 16, 2 / 6]
    ])
    // Distances 1 and 2 as one bin: 5 of 22 words, 5 of the 5 times that there was one; 3: 1 of 2.
    const joined = (a: string, b: string): number => Math.min(-2, nearer(distance)(a, b)) + 2
    const two = { similarity: joined }
    expect(measure('distance-crp', [list(8, recalled)], two).values).toEqual([1 / 5, 5 / 22])
    expect(measure('semantic-crp', [list(8, recalled)], two).values).toEqual([1 / 2, 5 / 5])
  })
  it('of the shifted rank of distances', () => {
    const changed = distance.map((row) => [...row])
    changed[3][1] = changed[1][3] = 4
    const { at } = measure('distance-rank-shifted', [list(8, [5, 4, 2, 8, 4, 1, 7, 3])], {
      similarity: nearer(changed),
      analysis: { shift: 2 }
    })
    expect(at(0, -2)).toBeCloseTo((0.8 + 0.25 + 1) / 3, 12)
    expect(at(0, -1)).toBeCloseTo((0 + 0.25 + 1) / 3, 12)
  })
  it('of the rank of distances to a window', () => {
    const window = square(
      '03112222',
      '30112222',
      '11042222',
      '11402222',
      '22220511',
      '22225011',
      '22221106',
      '22221160'
    )
    const { values } = measure('distance-rank-window', [list(8, [4, 2, 1, 7, 5, 3, 4])], { similarity: nearer(window) })
    const rows = [
      [0.875, 0.875, 0.375],
      [0, 1, 1],
      [0, 0, 0]
    ]
    for (const [w, value] of values.entries())
      expect(value).toBeCloseTo(rows.reduce((sum, row) => sum + row[w], 0) / 3, 12)
  })
})

describe('pybeh’s definitions', () => {
  const clean = [list(5, [5, 1, 2]), { ...list(5, [4, 5]), list: '2' }, { ...list(5, []), list: '3' }]
  it('stopping: the lists whose last recall it is, of the lists that came so far', () => {
    // After 2 recalls: one of two lists stops; after 3 the other.
    expect(measure('stop-probability', clean).values).toEqual([1 / 3, 0, 1 / 2, 1])
  })
  it('stopping leaves out lists that the clock may have ended', () => {
    const times = (own: number[]): Partial<RecallList> => ({ times: own })
    const lists = [
      list(5, [5, 1, 2], times([1, 3, 5])),
      list(5, [4, 5], { ...times([2, 55]), list: '2' }),
      list(5, [1, 2], { ...times([2, 40]), list: '3' })
    ]
    const analysis = { recallTime: 60 }
    // List 2 ends 5 s before the end, list 3 after less than its longest silence (20 s < 38 s).
    expect(measure('stop-probability', lists, { analysis }).values).toEqual([0, 0, 0, 1])
    expect(measure('exit-latency', lists, { analysis }).values).toEqual([null, null, null, 55])
    expect(measure('stop-probability', lists).values).toEqual([0, 0, 2 / 3, 1])
    expect(measure('exit-latency', lists).missing).toMatch(/how long recall lasted/)
  })
  it('conditional response latency: the mean time of the transitions of each lag', () => {
    const { at } = measure('crl', [
      list(4, [1, 2, 0, 3, 4], { times: [1, 3, 4, 6, 7] }),
      list(4, [2, 3, 1], { times: [1, 6, 7], list: '2' })
    ])
    expect([at(0, 1), at(0, -2), at(0, 2)]).toEqual([(2 + 1 + 5) / 3, 1, null])
  })
  it('skipped first recalls still count as recalled', () => {
    const { at } = measure('lag-crp-from', [list(5, [5, 1, 2, 4])], { analysis: { skip: 1 } })
    // From 1: 2, 3, 4 are left; from 2: 3, 4. The step from 5 does not count.
    expect([at(0, 1), at(0, 2), at(0, 3), at(0, -4)]).toEqual([1 / 2, 1 / 2, 0, null])
    expect(measure('lag-rank-from', [list(6, [6, 2, 1, 5, 4])], { analysis: { skip: 2 } }).values[0]).toBeCloseTo(
      (0 + 1) / 2,
      12
    )
  })
  it('repetitions: every one, or the items that had any', () => {
    const lists = [list(4, [1, 1, 1, 2, 2]), { ...list(4, [3]), list: '2' }]
    expect([measure('repeats', lists).values[0], measure('repeated-items', lists).values[0]]).toEqual([3 / 2, 2 / 2])
  })
  it('bins take their lower end in', () => {
    expect([0, 0.1, 0.2, 0.3, 0.4, -0.1].map((value) => binOf(value, [0, 0.1, 0.3]))).toEqual([0, 1, 1, 1, -1, -1])
  })
})

describe('quail’s own value', () => {
  it('of the fingerprint by category', () => {
    // cat, dog, shoe, horse; recalled horse, dog, cat.
    const categories = ['animal', 'animal', 'object', 'animal']
    const { at } = measure('fingerprint', [list(4, [4, 2, 1], { categories })])
    expect(at(0, 'category')).toBeCloseTo(0.91666667, 8)
    expect(at(0, 'source')).toBeNull()
  })
  it('of the rank among distances with ties', () => {
    // Distances 1, .5, .5, 0 and one of .5 taken: the mean of places 2 and 3, of 4.
    const merit = (_: number, to: number): number => [0, 0, -1, -0.5, -0.5, 0][to]
    expect(clustering([1, 3], 5, merit)(Int32Array.of(0, 1))).toBe(2.5 / 4)
  })
})

describe('the check values of the guide', () => {
  it('hold by the names of the statistics', () => {
    expect(measure('lag-rank', [list(6, [6, 2, 1, 5, 4])]).values[0]).toBeCloseTo((1 / 4 + 5 / 6 + 0 + 1) / 4, 12)
    const crp = measure('lag-crp', [list(8, [1, 3, 4, 8, 5, 4, 7, 6])])
    expect([-3, 1, 2, 4, -4, -5].map((lag) => crp.at(0, lag))).toEqual([1, 1 / 3, 1 / 3, 1 / 3, null, 0])
  })
})

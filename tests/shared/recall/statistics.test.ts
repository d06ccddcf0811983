import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecallList } from '../../../src-shared/recall/data.ts'
import { arc, groupStatistics, lbc, subjectStatistics } from '../../../src-shared/recall/statistics.ts'
import { lagCounts, temporalMerit, transitionRank, transitions } from '../../../src-shared/recall/transitions.ts'

const list = (length: number, recalls: number[], extra: Partial<RecallList> = {}): RecallList => ({
  subject: 's',
  list: '1',
  items: Array.from({ length }, (_, i) => `w${i + 1}`),
  recalls: recalls.map((p) => `w${p}`),
  ...extra
})

describe('transitions', () => {
  it('count as the published example does, repeats making none', () => {
    const { actual, possible } = lagCounts(transitions([1, 3, 4, 8, 5, 4, 7, 6], 8), 8)
    expect(actual).toEqual([0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0])
    expect(possible).toEqual([0, 1, 1, 0, 1, 2, 3, 0, 3, 3, 3, 3, 2, 1, 1])
  })
  it('rank by lag as the published example does, ties averaged', () => {
    const ranks = transitions([6, 2, 1, 5, 4], 6).map((t) => transitionRank(t, temporalMerit))
    expect(ranks).toEqual([1 / 4, 5 / 6, 0, 1])
  })
  it('have no rank when only one item was left', () => {
    expect(transitionRank({ from: 1, to: 2, possible: [2] }, temporalMerit)).toBeUndefined()
  })
  it('an intrusion makes none, neither to it nor from it', () => {
    expect(transitions([1, 0, 2, 3], 4).map((t) => [t.from, t.to])).toEqual([[2, 3]])
  })
  it('are as many as correct recalls allow, and every actual one was possible', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 9 })), (recalled) => {
        const all = transitions(recalled, 9)
        expect(all).toHaveLength(Math.max(0, recalled.length - 1))
        for (const t of all) expect(t.possible).toContain(t.to)
      })
    )
  })
})

describe('the statistics of one subject', () => {
  const [s] = subjectStatistics([
    list(4, [4, 1, 9, 1], { times: [1, 3, 4, 4.5] }),
    list(4, [4, 3], { list: '2', times: [2, 3] })
  ])
  it('serial position curve: share of lists in which the position came', () => {
    expect(s.spc).toEqual([0.5, 0, 0.5, 1])
  })
  it('first and second output', () => {
    expect(s.pnr[0]).toEqual([0, 0, 0, 1])
    // Position 4 was gone in both lists.
    expect(s.pnr[1]).toEqual([0.5, 0, 0.5, null])
  })
  it('recalls, intrusions and repeats per list', () => {
    expect([s.recalled, s.intrusions, s.repeats]).toEqual([2, 0.5, 0.5])
  })
  it('inter-response times by output', () => {
    expect(s.irt).toEqual([1.5, 1, 0.5])
  })
  it('counts an item of an earlier list of the session as a prior-list intrusion', () => {
    const [p] = subjectStatistics([
      { subject: 's', list: '1', items: ['a', 'b'], recalls: [] },
      { subject: 's', list: '2', items: ['c', 'd'], recalls: ['a', 'x'] }
    ])
    expect([p.priorListIntrusions, p.intrusions]).toEqual([0.5, 1])
  })
  it('refuses lists of different lengths, naming the list', () => {
    expect(() => subjectStatistics([list(4, []), list(5, [], { list: '7' })])).toThrow(/List 7/)
  })
})

describe('clustering', () => {
  it('ARC is 1 for perfect, 0 for chance and negative for avoided clustering', () => {
    expect(arc(['a', 'a', 'b', 'b'])).toBe(1)
    // R = 1 = E = (4 + 4)/4 - 1.
    expect(arc(['a', 'b', 'b', 'a'])).toBe(0)
    expect(arc(['a', 'b', 'a', 'b'])).toBe(-1)
    expect(arc(['a'])).toBeUndefined()
  })
  it('list-based clustering subtracts what the list leads to expect', () => {
    // r = 4, m = 2, L = 6: expected 3/5.
    expect(lbc(['a', 'a', 'b', 'b'], ['a', 'a', 'b', 'b', 'c', 'c'])).toBeCloseTo(2 - 3 / 5, 12)
    expect(lbc(['a'], ['a', 'a', 'b'])).toBeUndefined()
  })
  it('category and source transitions are shares of the chances to stay', () => {
    const labels = ['a', 'b', 'a', 'b']
    const [s] = subjectStatistics([list(4, [1, 3, 2, 4], { categories: labels, sources: ['x', 'x', 'x', 'x'] })])
    // 1->3 stays; 3->2 could not stay (no a left) and is no chance; 2->4 stays.
    expect(s.categoryCrp).toBe(1)
    expect(s.sourceCrp).toBe(1)
  })
  it('the semantic rank uses the similarity given', () => {
    const similarity = (a: string, b: string): number => (a + b === 'w1w3' ? 1 : 0)
    const [s] = subjectStatistics([list(3, [1, 3])], { similarity })
    expect(s.semanticRank).toBe(1)
  })
})

describe('the group', () => {
  it('averages over subjects with a t interval and leaves out who has no value', () => {
    const lists = [list(2, [2, 1]), list(2, [2], { subject: 't' })]
    const group = groupStatistics(subjectStatistics(lists))
    expect(group.subjects).toBe(2)
    expect(group.recalled).toMatchObject({ mean: 1.5, n: 2 })
    expect(group.lagCrp[0]).toMatchObject({ mean: 1, n: 1, low: null })
    expect(group.lagCrp[1]).toBeNull()
  })
})

describe('a category that is missing', () => {
  const blank = ['tree', 'tree', '', ' ', '']
  it.each([blank, ['tree', 'tree', 'NA', 'n/a', 'NaN'], ['tree', 'tree', 'na', 'N/A', ' NA ']])(
    'is shared with no other: %s, %s, %s, %s, %s',
    (...categories) => {
      const [one] = subjectStatistics([list(5, [3, 4, 5, 1, 2], { categories })])
      // Only 1 -> 2 had a chance: 1 of 1.
      expect(one.categoryCrp).toBe(1)
      const [none] = subjectStatistics([list(5, [1, 3, 4, 5, 2], { categories, sources: categories })])
      expect([none.categoryCrp, none.sourceCrp]).toEqual([0, 0])
      const [never] = subjectStatistics([list(5, [3, 4, 5], { categories })])
      expect(never.categoryCrp).toBeNull()
    }
  )
  it('leaves its list without a value of clustering, and others theirs', () => {
    const whole = list(4, [1, 2, 3, 4], { list: '2', categories: ['a', 'a', 'b', 'b'] })
    const part = list(4, [1, 2, 3, 4], { categories: ['a', 'a', 'b', ''] })
    expect(subjectStatistics([part])[0]).toMatchObject({ arc: null, lbc: null })
    expect(subjectStatistics([part, whole])[0]).toMatchObject({ arc: 1, lbc: 1 })
  })
})

describe('a prior-list intrusion', () => {
  const lists = (order: readonly string[], longer = 0): RecallList[] => {
    const all: Record<string, RecallList> = {
      '2': { subject: 's', list: '2', items: ['cat', 'dog'], recalls: ['oak'] },
      '10': { subject: 's', list: '10', items: ['sun', 'moon'], recalls: ['cat', 'oak'] },
      '1': { subject: 's', list: '1', items: ['oak', 'elm', ...(longer ? ['fir'] : [])], recalls: ['cat'] }
    }
    return order.map((name) => all[name])
  }
  it.each([[['1', '2', '10']], [['10', '1', '2']], [['2', '10', '1']]])(
    'follows the numbers of lists: rows %s',
    (rows) => {
      // oak in 2; cat and oak in 10; cat in 1 is of a later list.
      expect(subjectStatistics(lists(rows))[0].priorListIntrusions).toBe(3 / 3)
    }
  )
  it('is told by earlier lists of any length', () => {
    const all = lists(['10', '1', '2'], 1)
    const two = all.filter(({ items }) => items.length === 2)
    expect(subjectStatistics(two, { among: all })[0].priorListIntrusions).toBe(3 / 2)
    expect(subjectStatistics(two)[0].priorListIntrusions).toBe(1 / 2)
  })
  it('follows the rows where lists have names, and never crosses a session or a subject', () => {
    const named = lists(['1', '2']).map((l) => ({ ...l, list: l.list === '1' ? 'first' : 'second' }))
    expect(subjectStatistics(named)[0].priorListIntrusions).toBe(1 / 2)
    const sessions = lists(['1', '2']).map((l, i) => ({ ...l, session: String(i) }))
    expect(subjectStatistics(sessions)[0].priorListIntrusions).toBe(0)
    const [own, other] = lists(['1', '2'])
    const subjects = subjectStatistics([{ ...own, subject: 't' }, other], { among: [{ ...own, subject: 't' }, other] })
    expect(subjects.map((s) => s.priorListIntrusions)).toEqual([0, 0])
  })
})

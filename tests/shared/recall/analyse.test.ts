import { describe, expect, it } from 'vitest'
import { analyseRecall, conditionsOf, permuteRecall } from '../../../src-shared/recall/analyse.ts'
import { readRecall, type RecallList } from '../../../src-shared/recall/data.ts'
import { leaveOut } from '../../../src-shared/recall/left-out.ts'
import { measureRecall } from '../../../src-shared/recall/measured.ts'
import { matchSpelling } from '../../../src-shared/recall/spelling.ts'
import { list } from './measures/support.ts'

const header = 'subject,list,position,trial_type,item,condition,delay'
const rows = (n: number, condition: string, delay = ''): string[] => [
  `s,${n},1,study,oak${n},${condition},${delay}`,
  `s,${n},2,study,elm${n},${condition},`,
  `s,${n},1,recall,elm${n},,`
]
const file = (...lines: string[]): string => [header, ...lines].join('\n')

describe('conditions and delays of a file', () => {
  it('are read of each list and each item', () => {
    const lists = readRecall(file(...rows(1, 'immediate', '2.5'), ...rows(2, 'delayed'), ...rows(3, 'NA')))
    expect(lists.map(({ condition }) => condition)).toEqual(['immediate', 'delayed', undefined])
    expect(lists.map(({ delays }) => delays)).toEqual([[2.5, null], undefined, undefined])
    expect(conditionsOf(lists)).toEqual([
      { name: 'immediate', lists: 1 },
      { name: 'delayed', lists: 1 }
    ])
  })
  it('that differ within a list are of items, unless a list was said to have them: then the line is named', () => {
    const mixed = file(...rows(1, 'bold'), 's,1,3,study,fir,plain,')
    expect(readRecall(mixed)[0].condition).toBeUndefined()
    expect(() => readRecall(mixed, 'f.csv', { columns: { condition: 'condition' } })).toThrow(
      /Line 5, column condition: list 1 is plain here and bold above/
    )
  })
  it('refuse a delay that is no time, naming line and column', () => {
    expect(() => readRecall(file(...rows(1, 'a', '-3')), 'f.csv')).toThrow(/Line 2, column delay: "-3" is not a time/)
    expect(() => readRecall(file(...rows(1, 'a', 'soon')), 'f.csv')).toThrow(/Line 2, column delay/)
  })
  it('are analysed one by one, and one that is not there is named with those that are', () => {
    const lists = readRecall(file(...rows(1, 'immediate'), ...rows(2, 'delayed')))
    expect(analyseRecall(lists, { condition: 'delayed' }).group.lists).toBe(1)
    expect(analyseRecall(lists, {}).group.lists).toBe(2)
    expect(() => analyseRecall(lists, { condition: 'later' })).toThrow(/"later"; there are immediate, delayed/)
  })
})

describe('subjects with too little data', () => {
  const of = (subject: string, lists: number, recalls: number): RecallList[] =>
    Array.from({ length: lists }, (_, i) =>
      list(
        6,
        Array.from({ length: recalls }, (_, k) => k + 1),
        { subject, list: String(i + 1) }
      )
    )
  it('have fewer than a quarter of the lists or a tenth of the recalls of the median', () => {
    const lists = [...of('a', 8, 3), ...of('b', 8, 3), ...of('few', 1, 6), ...of('mute', 8, 0), ...of('c', 9, 3)]
    const { kept, leftOut } = leaveOut(lists)
    expect(leftOut.subjects).toEqual([
      { subject: 'few', why: '1 list' },
      { subject: 'mute', why: '0 correct recalls' }
    ])
    expect(leftOut.rule).toBe(
      'fewer than 2 lists (a quarter of the median) or 3 correct recalls (a tenth of the median)'
    )
    expect(new Set(kept.map(({ subject }) => subject))).toEqual(new Set(['a', 'b', 'c']))
  })
  it('are those that were asked for, or none; the rule says which', () => {
    const lists = [...of('a', 2, 3), ...of('b', 1, 3)]
    expect(leaveOut(lists).leftOut.subjects).toEqual([])
    expect(leaveOut(lists, { lists: 2, recalls: 0 }).leftOut).toEqual({
      rule: 'fewer than 2 lists or 0 correct recalls',
      subjects: [{ subject: 'b', why: '1 list' }]
    })
    expect(leaveOut(of('only', 1, 0)).leftOut.subjects).toEqual([])
    expect(() => analyseRecall(lists, { least: { lists: 3 } })).toThrow(/Every subject is left out: fewer than 3 lists/)
  })
})

describe('statistics by shuffling', () => {
  it('are the same subject by subject as all at once, and give way in between', async () => {
    const lists = [
      list(6, [1, 2, 3, 6]),
      list(6, [4, 1], { subject: 'short' }),
      list(6, [6, 1, 5, 2, 4, 3], { subject: 't' })
    ]
    let breaks = 0
    const found = await permuteRecall(lists, {}, undefined, () => Promise.resolve(void breaks++))
    expect(found).toEqual(measureRecall(lists, { permuted: true }).statistics)
    expect(breaks).toBe(3)
    expect(found[0].members.map(([temporal]) => temporal === null)).toEqual([false, true, false])
  })
  it('of nobody with enough recalls have no values', async () => {
    const [found] = await permuteRecall([list(6, [1]), list(6, [], { subject: 't' })], {})
    expect(found.missing).toBe('no subject gives a value')
  })
})

describe('spelling', () => {
  const lists = (recalls: string[], before: string[] = ['walnut']): RecallList[] => [
    { subject: 's', list: '1', items: before, recalls: [] },
    { subject: 's', list: '2', items: ['pencil', 'CANDLE', 'bear', 'bean'], recalls }
  ]
  const taken = (recalls: string[], edits = 1): readonly string[] =>
    matchSpelling(lists(recalls), { edits, undone: [] }).lists[1].recalls
  it('takes a recall for the word of its list within so many letters: dropped, added, exchanged or swapped', () => {
    expect(taken(['pencl', 'pencill', 'pemcil', 'pnecil', 'pancel'])).toEqual([
      'pencil',
      'pencil',
      'pencil',
      'pencil',
      'pancel'
    ])
    expect(taken(['pancel'], 2)).toEqual(['pencil'])
  })
  it('tells case and spaces apart from nothing', () => {
    expect(taken([' candle '], 0)).toEqual(['CANDLE'])
    expect(taken(['candl'], 0)).toEqual(['candl'])
  })
  it('leaves what is near to two words, what is a word itself, and what is too short', () => {
    // beas is one letter from bear and from bean.
    expect(taken(['beas', 'bean', 'be'])).toEqual(['beas', 'bean', 'be'])
  })
  it('knows words of earlier lists, and words of any list from misspelt ones', () => {
    expect(taken(['wallnut'])).toEqual(['walnut'])
    expect(matchSpelling(lists(['pencil'], ['pencils']), { edits: 1, undone: [] }).variants).toEqual([])
  })
  it('says what it takes for what, how often, and leaves what was undone; the lists given stay as they are', () => {
    const given = lists(['pencl', 'candle', 'pencl'])
    const { variants, lists: put } = matchSpelling(given, {
      edits: 1,
      undone: [{ recalled: 'candle', studied: 'CANDLE' }]
    })
    expect(variants).toEqual([
      { recalled: 'candle', studied: 'CANDLE', edits: 0, count: 1 },
      { recalled: 'pencl', studied: 'pencil', edits: 1, count: 2 }
    ])
    expect(put[1].recalls).toEqual(['pencil', 'candle', 'pencil'])
    expect(given[1].recalls).toEqual(['pencl', 'candle', 'pencl'])
    expect(measureRecall(put.slice(1)).subjects[0].repeats).toBe(1)
  })
})

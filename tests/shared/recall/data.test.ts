import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { correctPositions, readRecallCsv, serialPositions } from '../../../src-shared/recall/data.ts'

const header = 'subject,list,position,trial_type,item,session'
const rows = ['1,1,1,study,PIE,1', '1,1,2,study,"CAKE, BIG",1', '1,1,1,recall,"CAKE, BIG",1', '1,1,2,recall,DOG,1']
const csv = (...lines: string[]): string => [header, ...lines].join('\n')
const refusal = (text: string): { message: string; field?: string; file?: string } => {
  try {
    readRecallCsv(text, 'mine.csv')
  } catch (error) {
    if (error instanceof StudioError) return error.data
  }
  throw new Error('was accepted')
}

describe('a recall file', () => {
  it('gives lists in order of study and recall', () => {
    expect(readRecallCsv(csv(...rows))).toEqual([
      { subject: '1', list: '1', session: '1', items: ['PIE', 'CAKE, BIG'], recalls: ['CAKE, BIG', 'DOG'] }
    ])
  })
  it('takes a list in which nothing was recalled, a byte-order mark and Windows line ends', () => {
    const text = '\uFEFF' + [header, rows[0], rows[1]].join('\r\n') + '\r\n'
    expect(readRecallCsv(text)[0].recalls).toEqual([])
  })
  it('keeps times, categories and sources where the columns are there', () => {
    const text =
      'subject,list,position,trial_type,item,time,category,task\na,1,1,study,x,,fruit,size\na,1,1,recall,x,1.5,,'
    expect(readRecallCsv(text)[0]).toMatchObject({ times: [1.5], categories: ['fruit'], sources: ['size'] })
  })
  it('says which columns are missing', () => {
    expect(refusal('subject,list,item\n1,1,x')).toMatchObject({ field: 'position, trial_type', file: 'mine.csv' })
  })
  it.each([
    ['0', '1,1,0,study,X,1', 'position', /Line 6.*not a position/],
    ['an unknown trial type', '1,1,3,lure,X,1', 'trial_type', /Line 6.*neither/],
    ['a position twice', '1,1,2,study,X,1', 'position', /Line 6.*twice/],
    ['an empty item', '1,1,3,study,,1', 'item', /Line 6.*empty/],
    ['a gap', '1,1,5,study,X,1', 'position', /not 1, 2, 3/],
    ['an item studied twice', '1,1,3,study,PIE,1', 'item', /studies an item twice/],
    ['a recall without a study', '2,1,1,recall,X,1', 'trial_type', /nothing studied/]
  ])('refuses %s with line and column', (_, line, field, message) => {
    expect(refusal(csv(...rows, line))).toMatchObject({ field, message: expect.stringMatching(message) })
  })
})

describe('positions', () => {
  const list = { items: ['a', 'b', 'c'], recalls: ['c', 'x', 'a', 'c'] }
  it('are 0 for an intrusion', () => expect(serialPositions(list)).toEqual([3, 0, 1, 3]))
  it('correct ones have neither intrusions nor repeats', () => expect(correctPositions(list)).toEqual([3, 1]))
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { subjectStatistics } from '../../../src-shared/recall/statistics.ts'
import { textOf } from '../../../src-shared/text/read.ts'
import { readColumns } from '../../../src-shared/recall/columns.ts'
import { correctPositions, readRecall, readRecallFile, serialPositions } from '../../../src-shared/recall/data.ts'

const header = 'subject,list,position,trial_type,item,session'
const rows = ['1,1,1,study,PIE,1', '1,1,2,study,"CAKE, BIG",1', '1,1,1,recall,"CAKE, BIG",1', '1,1,2,recall,DOG,1']
const csv = (...lines: string[]): string => [header, ...lines].join('\n')
const refusal = (text: string): { message: string; field?: string; file?: string } => {
  try {
    readRecall(text, 'mine.csv')
  } catch (error) {
    if (error instanceof StudioError) return error.data
  }
  throw new Error('was accepted')
}

describe('a recall file', () => {
  it('gives lists in order of study and recall', () => {
    expect(readRecall(csv(...rows))).toEqual([
      { subject: '1', list: '1', session: '1', items: ['PIE', 'CAKE, BIG'], recalls: ['CAKE, BIG', 'DOG'] }
    ])
  })
  it('takes a list in which nothing was recalled, a byte-order mark and Windows line ends', () => {
    const text = '\uFEFF' + [header, rows[0], rows[1]].join('\r\n') + '\r\n'
    expect(readRecall(text)[0].recalls).toEqual([])
  })
  it('keeps times, categories and sources where the columns are there', () => {
    const text =
      'subject,list,position,trial_type,item,time,category,task\na,1,1,study,x,,fruit,size\na,1,1,recall,x,1.5,,'
    expect(readRecall(text)[0]).toMatchObject({ times: [1.5], categories: ['fruit'], sources: ['size'] })
  })
  it('says which columns are missing', () => {
    expect(refusal('subject,list,item\n1,1,x')).toMatchObject({ field: 'position, trial_type', file: 'mine.csv' })
  })
  it.each([
    ['0', '1,1,0,study,X,1', 'position', /Line 6.*not a position/],
    ['an unknown trial type', '1,1,3,lure,X,1', 'trial_type', /Line 6.*neither/],
    ['a position twice', '1,1,2,study,X,1', 'position', /Line 6.*twice/],
    ['an empty item', '1,1,3,study,,1', 'item', /Line 6.*empty/],
    ['an item studied twice', '1,1,3,study,PIE,1', 'item', /studies an item twice/],
    ['a recall without a study', '2,1,1,recall,X,1', 'trial_type', /nothing studied/]
  ])('refuses %s with line and column', (_, line, field, message) => {
    expect(refusal(csv(...rows, line))).toMatchObject({ field, message: expect.stringMatching(message) })
  })
})

describe('recall data as people have it', () => {
  const file = (name: string) => readRecall(textOf(readFileSync(join('tests/cases/recall', name)), name), name)
  const refused = (name: string) => {
    try {
      file(name)
    } catch (error) {
      if (error instanceof StudioError) return error.data.message
    }
    throw new Error(`${name} was accepted`)
  }
  it('has times that are missing, and gaps between positions', () => {
    expect(file('bids-na-time.csv')).toEqual([
      { subject: 's1', list: '1', items: ['oak', 'elm'], recalls: ['elm', 'oak'] }
    ])
    expect(file('gap-positions.csv')[0].recalls).toEqual(['fir', 'oak'])
  })
  it('may be UTF-16, and is refused by name where it is neither that nor UTF-8', () => {
    expect(file('utf16.csv').map(({ recalls }) => recalls.length)).toEqual([4, 2])
    expect(refused('latin1-collision.csv')).toMatch(/Line 2 is not UTF-8.*Latin-1/)
  })
  it('is refused with the line of the file', () => {
    expect(refused('blank-lines-then-error.csv')).toBe('Line 5, column position: "x" is not a position (1, 2, 3, ...).')
  })
  it('has no onsets where the times fall', () => {
    expect(refused('rt-since-last-ms.csv')).toMatch(/Line 6, column rt: the times of list 1 fall from 900 to 400/)
    const text = readFileSync('tests/cases/recall/rt-since-last-ms.csv', 'utf8')
    expect(readRecall(text, 'x', { columns: { time: '' } })[0].times).toBeUndefined()
  })
  it('counts prior-list intrusions by the order of list numbers, also from lists of other lengths', () => {
    const one = subjectStatistics(file('list-order.csv'))
    expect(one[0].priorListIntrusions).toBe(0.5)
    const all = file('mixed-lengths.csv')
    const two = all.filter(({ items }) => items.length === 2)
    expect(subjectStatistics(two, { among: all })[0]).toMatchObject({ lists: 2, priorListIntrusions: 0 })
  })
  it('has no category where the cell is blank', () => {
    expect(subjectStatistics(file('category-missing.csv'))[0].categoryCrp).toBe(1)
  })
  it('says by a mapping which column is which', () => {
    const text = 'participant,trial,pos,kind,word,cat\np,1,1,study,oak,tree\np,1,1,recall,oak,\n'
    const columns = readColumns('subject=participant, list=trial,position=pos,trial_type=kind,item=word,category=cat')
    expect(readRecall(text, 'x', { columns })).toEqual([
      { subject: 'p', list: '1', items: ['oak'], recalls: ['oak'], categories: ['tree'] }
    ])
    expect(() => readRecall(text, 'x')).toThrow(
      /This one has participant, trial.*--columns subject=participant,list=trial,position=pos,trial_type=COLUMN,item=word$/
    )
    expect(() => readRecall(text, 'x', { columns: { subject: 'who' } })).toThrow(/no column "who" for subject/)
    const own = 'Subject,List,Position,Trial Type,Item\np,1,1,STUDY,oak\np,1,1,Recall,oak\n'
    expect(readRecallFile(own)).toEqual({
      lists: [{ subject: 'p', list: '1', items: ['oak'], recalls: ['oak'] }],
      columns: { subject: 'Subject', list: 'List', position: 'Position', trial_type: 'Trial Type', item: 'Item' }
    })
    expect(() => readColumns('who=participant')).toThrow(/NAME is one of subject/)
    expect(() => readColumns('subject=')).toThrow(/says no column/)
  })
  it('may be a matrix of serial positions, with the presented items or without', () => {
    expect(readRecall('3,1,-1,0\n2,2,0,0\n', 'm.csv')).toEqual([
      { subject: '1', list: '1', items: ['1.1', '1.2', '1.3'], recalls: ['1.3', '1.1', 'intrusion 1.3'] },
      { subject: '1', list: '2', items: ['2.1', '2.2', '2.3'], recalls: ['2.2', '2.2'] }
    ])
    expect(readRecall('2,1\n1,0\n', 'm.csv', { items: 'oak,elm,fir\ncat,dog,\n' })).toMatchObject([
      { items: ['oak', 'elm', 'fir'], recalls: ['elm', 'oak'] },
      { items: ['cat', 'dog'], recalls: ['cat'] }
    ])
    const pandas = ',0,1,2\n0,2,1,\n1,1,,\n'
    expect(readRecall(pandas, 'm.csv', { items: ',a,b\n0,oak,elm\n1,cat,dog\n' })).toMatchObject([
      { items: ['oak', 'elm'], recalls: ['elm', 'oak'] },
      { items: ['cat', 'dog'], recalls: ['cat'] }
    ])
    expect(readRecall('"","V1","V2"\n"1",2,1\n"2",1,NA\n').map(({ recalls }) => recalls.length)).toEqual([2, 1])
    expect(() => readRecall('0,3,1\n1,2,1\n', 'm.csv')).toThrow('Line 1, column 1: there is no recall here')
    expect(() => readRecall('2,1\n', 'm.csv', { items: 'a,b\na,b\n' })).not.toThrow()
    expect(() => readRecall('2,1\n1,2\n', 'm.csv', { items: 'a,b\n' })).toThrow('2 lists have 1 rows')
    expect(() => readRecall('3,0\n', 'm.csv', { length: 2 })).toThrow(
      'Line 1, column 1: there is no position 3 in a list of 2.'
    )
  })
})

describe('positions', () => {
  const list = { items: ['a', 'b', 'c'], recalls: ['c', 'x', 'a', 'c'] }
  it('are 0 for an intrusion', () => expect(serialPositions(list)).toEqual([3, 0, 1, 3]))
  it('correct ones have neither intrusions nor repeats', () => expect(correctPositions(list)).toEqual([3, 1]))
})

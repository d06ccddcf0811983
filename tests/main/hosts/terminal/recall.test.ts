import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recallMeasures } from '../../../../src-shared/recall/measures/registry.ts'
import {
  likelihoodTable,
  recallLikelihood,
  recallStatistics,
  recallTable
} from '../../../../src-main/hosts/terminal/recall.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const folder = temporaryFolder('recall')
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const rows = [
  'subject,list,position,trial_type,item',
  ...['a', 'b', 'c'].map((item, i) => `1,1,${i + 1},study,${item}`),
  ...['b', 'c', 'x'].map((item, i) => `1,1,${i + 1},recall,${item}`),
  ...['d', 'e', 'f'].map((item, i) => `1,2,${i + 1},study,${item}`),
  ...['f', 'd', 'f'].map((item, i) => `1,2,${i + 1},recall,${item}`)
]
const csv = file('two.csv', rows.join('\n'))
const given = { B_enc: 0.5, B_rec: 0.8, B_start: 0, D: 1, A: 0, L: 1, P1: 0, T: 10, X1: 0.05, X2: 1 }
const params = file('params.json', JSON.stringify(given))

describe('recall-likelihood', () => {
  it('gives the published value, per subject and in sum', async () => {
    const report = await recallLikelihood(csv, params)
    expect(report.logLikelihood).toBeCloseTo(-5.936799964636842, 12)
    expect(report).toMatchObject({ pool: 6, points: 6, subjects: [{ subject: '1', lists: 2, points: 6 }] })
    expect(likelihoodTable(report)).toMatch(/all +2 +6 +−5\.9368/)
  })
  it('refuses parameters by name, and a file that is no JSON', async () => {
    const wrong = file('wrong.json', JSON.stringify({ ...given, T: 0 }))
    await expect(recallLikelihood(csv, wrong)).rejects.toMatchObject({ data: { field: 'T', file: wrong } })
    const broken = file('broken.json', '{')
    await expect(recallLikelihood(csv, broken)).rejects.toMatchObject({ data: { code: 'bad-file', file: broken } })
  })
})

describe('recall-stats', () => {
  it('gives group means, intervals and every subject', async () => {
    const report = await recallStatistics(csv)
    expect(report).toMatchObject({ length: 3, lists: 2, otherLists: 0 })
    expect(report.group).toMatchObject({ recalled: 2, spc: [0.5, 0.5, 1], pfr: [0, 0.5, 0.5], intrusions: 0.5 })
    expect(report.group.lagCrp).toEqual({ '-2': 1, '-1': 0, '0': null, '1': 1, '2': null })
    expect(report.subjects[0]).toMatchObject({ subject: '1', recalled: 2, repeats: 0.5 })
    expect(report.intervals.recalled).toMatchObject({ mean: 2, n: 1, low: null })
    expect(recallTable(report)).toContain('1 subject, 2 lists of 3 items')
  })
  it('gives the semantic factor when the words’ similarities are given', async () => {
    // After f only d and e are left, and d is the more alike.
    const words = file('words.csv', ',d,e,f\nd,1,0,.9\ne,0,1,.1\nf,.9,.1,1')
    expect((await recallStatistics(csv)).group.semanticRank).toBeNull()
    const { group, intervals } = await recallStatistics(csv, { similarity: words })
    // From b both others are unknown to the table: a tie, one half.
    expect(group.semanticRank).toBe((0.5 + 1) / 2)
    expect(intervals.semanticRank).toMatchObject({ n: 1 })
  })
  it('takes the lists of one length, and says how many are left out', async () => {
    const mixed = file('mixed.csv', [...rows, '1,3,1,study,g', '1,3,2,study,h'].join('\n'))
    expect(await recallStatistics(mixed)).toMatchObject({ length: 3, otherLists: 1 })
    expect(await recallStatistics(mixed, { length: 2 })).toMatchObject({ length: 2, lists: 1, otherLists: 2 })
    await expect(recallStatistics(mixed, { length: 9 })).rejects.toMatchObject({ data: { field: 'length' } })
  })
  it('gives every statistic by its name with its definition, of all lists and of each condition', async () => {
    const [head, ...body] = rows
    const told = body.map((row) => `${row},${row.startsWith('1,1,') ? 'immediate' : 'delayed'}`)
    const report = await recallStatistics(file('conditions.csv', [`${head},condition`, ...told].join('\n')))
    expect(report.statistics.map(({ name }) => name)).toEqual(recallMeasures.map(({ name }) => name))
    const spc = report.statistics.find(({ name }) => name === 'spc')!
    expect(spc).toMatchObject({ look: 'curve', x: { label: 'Serial position', places: [1, 2, 3] } })
    expect(spc.groups.map(({ group }) => group)).toEqual(['all', 'immediate', 'delayed'])
    expect(spc.groups[0].values.map((value) => value?.mean)).toEqual([0.5, 0.5, 1])
    const halves = spc.groups.slice(1).map(({ values }) => values.map((value) => value!.mean))
    expect(halves[0].map((own, i) => (own + halves[1][i]) / 2)).toEqual([0.5, 0.5, 1])
    expect(report.statistics.find(({ name }) => name === 'arc')!.missing).toMatch(/category/)
    expect(recallTable(report)).toMatch(/Recalled +immediate +\d/)
  })
  it('names recalls that it takes for words, and subjects that it leaves out', async () => {
    expect((await recallStatistics(csv)).spelling).toBeNull()
    const put = file('put.csv', rows.join('\n').replace(/recall,f/, 'recall,F'))
    const report = await recallStatistics(put, { spelling: 0 })
    expect(report.spelling).toEqual({
      edits: 0,
      variants: [{ recalled: 'F', studied: 'f', edits: 0, count: 1 }]
    })
    expect(report.group).toEqual((await recallStatistics(csv)).group)
    expect(recallTable(report)).toContain('F = f')
    await expect(recallStatistics(csv, { leastLists: 3 })).rejects.toMatchObject({
      data: { code: 'bad-input', field: 'least' }
    })
  })
  it('refuses a malformed row by line and column, and a file that is not there', async () => {
    const bad = file('bad.csv', rows.join('\n').replace('1,2,2,study', '1,2,2,stdy'))
    await expect(recallStatistics(bad)).rejects.toThrow('Line 9, column trial_type')
    await expect(recallStatistics(join(folder, 'none.csv'))).rejects.toMatchObject({ data: { code: 'not-found' } })
    await expect(recallStatistics(file('empty.csv', rows[0]))).rejects.toThrow('no list')
  })
})

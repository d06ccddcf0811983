import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fitFile, fitTable, type FitOptions } from '../../../../src-main/hosts/terminal/recall-fit.ts'
import { simulateSubject, startParams } from '../../../../src-shared/recall/fit.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const folder = temporaryFolder('recall-fit')
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** Three subjects with 20 lists of 6 words, who stop sooner when recall is delayed. */
function csv(): string {
  const rows = ['subject,list,position,trial_type,item,condition']
  for (let s = 1; s <= 3; s++)
    for (const [c, condition] of ['immediate', 'delayed'].entries()) {
      const empty = Array.from({ length: 10 }, () => ({ items: 6, recalls: [] }))
      const { lists } = simulateSubject({ subject: '', lists: empty }, 60, { ...startParams, X1: [0.02, 0.3][c] }, s)
      lists.forEach(({ items, recalls }, l) => {
        const list = c * 10 + l + 1
        for (let i = 0; i < items; i++) rows.push(`${s},${list},${i + 1},study,w${list * 6 + i},${condition}`)
        recalls.forEach((item, i) => rows.push(`${s},${list},${i + 1},recall,w${list * 6 + item},${condition}`))
      })
    }
  return rows.join('\n')
}

const data = file('people.csv', csv())
const options: FitOptions = { search: 'simplex', starts: 1, seed: 1, steps: 5, free: 'B_enc,T,X1', workers: 2 }

describe('recall-fit', () => {
  it('fits every subject by condition, tests it against the shared fit, predicts, recovers and profiles', async () => {
    const report = await fitFile(data, {
      ...options,
      byCondition: 'X1',
      folds: 2,
      recovery: true,
      profile: 'T'
    })
    expect(report).toMatchObject({ length: 6, lists: 60, otherLists: 0, workers: 2 })
    expect(report.subjects.map(({ subject }) => subject)).toEqual(['1', '2', '3'])
    for (const { conditions, aic, logLikelihood } of report.subjects) {
      const [immediate, delayed] = conditions!
      expect(immediate.params.X1).toBeLessThan(delayed.params.X1)
      expect(immediate.params.T).toBe(delayed.params.T)
      // B_enc, T and two of X1.
      expect(aic).toBeCloseTo(2 * 4 - 2 * logLikelihood, 9)
    }
    expect(report.ratio).toMatchObject({ df: 3 })
    expect(report.ratio!.p).toBeLessThan(0.05)
    expect(report.heldOut!).toBeLessThan(report.logLikelihood)
    // Of what each condition has for itself there are two values of every subject.
    expect(report.recovery!.map(({ name, pairs }) => [name, pairs.length])).toEqual([
      ['B_enc', 3],
      ['T', 3],
      ['X1', 6]
    ])
    for (const { points, best, subject } of report.profiles!) {
      expect(best.x).toBeCloseTo(report.subjects.find((own) => own.subject === subject)!.params.T, 1)
      expect(points.length).toBeGreaterThanOrEqual(6)
    }
    const text = fitTable(report)
    expect(text).toContain('By condition against shared: likelihood ratio chi² =')
    expect(text).toMatch(/X1 .* +\d/)
  }, 60_000)
  it.each([
    ['an unknown parameter', { free: 'B_enc,mood' }, 'free'],
    ['one by condition that is held', { byCondition: 'Lfc' }, 'by-condition'],
    ['a profile of one that is held', { profile: 'Lcf' }, 'profile'],
    ['a profile of one that each condition has', { byCondition: 'X1', profile: 'X1' }, 'profile'],
    ['a length that no list has', { length: 9 }, 'length']
  ])('refuses %s by name', async (_, wrong, field) => {
    await expect(fitFile(data, { ...options, ...wrong })).rejects.toMatchObject({ data: { code: 'bad-input', field } })
  })
  it('refuses conditions of a file that has none', async () => {
    const plain = file('plain.csv', csv().replaceAll(/,(immediate|delayed|condition)$/gm, ''))
    await expect(fitFile(plain, { ...options, byCondition: 'X1' })).rejects.toMatchObject({
      data: { code: 'bad-input', field: 'by-condition', file: plain }
    })
  })
})

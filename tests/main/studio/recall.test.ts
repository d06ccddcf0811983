import { describe, expect, it } from 'vitest'
import type { Fit } from '../../../src-shared/recall/fit-request.ts'
import { simulateSubject, startParams } from '../../../src-shared/recall/fit.ts'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import { openStudio, refusal, type Opened } from './support.ts'

/** Four subjects who recall as the model does: 12 lists of 6. */
function csv(): string {
  const rows = ['subject,list,position,trial_type,item']
  const empty = Array.from({ length: 12 }, () => ({ items: 6, recalls: [] }))
  for (let s = 1; s <= 4; s++) {
    const { lists } = simulateSubject({ subject: String(s), lists: empty }, 72, startParams, s)
    lists.forEach(({ items, recalls }, l) => {
      for (let i = 0; i < items; i++) rows.push(`${s},${l + 1},${i + 1},study,w${l * 6 + i}`)
      recalls.forEach((item, i) => rows.push(`${s},${l + 1},${i + 1},recall,w${l * 6 + item}`))
    })
  }
  return rows.join('\n')
}

const free = [
  { name: 'B_enc' as const, min: 0.05, max: 0.99 },
  { name: 'T' as const, min: 0.02, max: 2 }
]
const search = { starts: 1, seed: 1 }

async function fitted(studio: Opened, id: string): Promise<Fit> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const found = studio.all('recall.fit').findLast((fit) => fit.id === id && fit.status !== 'running')
      if (!found) return
      clearInterval(timer)
      resolve(found)
    }, 20)
  })
}

describe('data sets of free recall', () => {
  it('are imported, listed, named, analysed, removed and brought back', async () => {
    const { handlers } = await openStudio()
    const set = await handlers['recall.import']({ name: 'lists/peers.csv', text: csv() })
    expect(set).toMatchObject({ name: 'peers', file: 'peers.csv', subjects: 4, lists: 48 })
    expect(set.lengths).toEqual([{ length: 6, lists: 48 }])
    const { group, subjects, length } = await handlers['recall.statistics']({ id: set.id })
    expect([length, subjects.length, group.subjects]).toEqual([6, 4, 4])
    expect(group.spc).toHaveLength(6)
    await handlers['recall.rename']({ id: set.id, name: 'Pilot' })
    await handlers['recall.trash']({ id: set.id, trashed: true })
    expect(await handlers['recall.list']({})).toEqual([])
    await handlers['recall.trash']({ id: set.id, trashed: false })
    expect(await handlers['recall.list']({})).toEqual([{ ...set, name: 'Pilot' }])
  })
  it('can be simulated, and the curves of a fit are those of its subjects simulated', async () => {
    const studio = await openStudio({}, { startEngine })
    const { handlers } = studio
    const set = await handlers['recall.simulate']({})
    expect(set).toMatchObject({ name: 'Simulated by CMR (example)', subjects: 12, lists: 144 })
    const { id } = await handlers['recall.startFit']({
      kind: 'likelihood',
      dataset: set.id,
      free: [{ name: 'T', min: 0.02, max: 2 }],
      fixed: startParams,
      ...search
    })
    expect((await fitted(studio, id)).status).toBe('done')
    const { length, subjects, group } = await handlers['recall.fitCurves']({ dataset: set.id, fit: id })
    expect([length, subjects.length]).toEqual([12, 12])
    const people = await handlers['recall.statistics']({ id: set.id })
    expect(group.recalled!.mean).toBeGreaterThan(people.group.recalled!.mean / 2)
  })
  it('have their spelling put right as long as that is asked for, in statistics and in lists for fits', async () => {
    const { handlers } = await openStudio()
    const text = csv().replaceAll(/recall,w(\d)$/gm, 'recall,W$1')
    const { id, reading } = await handlers['recall.import']({ name: 'spelt.csv', text })
    const recalled = async () => (await handlers['recall.statistics']({ id })).subjects.map((own) => own.recalled)
    const before = await recalled()
    const variants = await handlers['recall.spelling']({ id, edits: 0 })
    expect(variants.length).toBeGreaterThan(0)
    expect(variants.every(({ recalled: own, studied }) => own.toLowerCase() === studied)).toBe(true)
    const set = await handlers['recall.setSpelling']({ id, spelling: { edits: 0, undone: [] } })
    expect(set.reading).toEqual({ ...reading, spelling: { edits: 0, undone: [] } })
    const after = await recalled()
    expect(after.some((own, i) => own > before[i])).toBe(true)
    await handlers['recall.setSpelling']({ id, spelling: { edits: 0, undone: variants } })
    expect(await recalled()).toEqual(before)
    expect((await handlers['recall.setSpelling']({ id, spelling: null })).reading).toEqual(reading)
    expect(await recalled()).toEqual(before)
  })
  it('are analysed by condition, and by shuffling on their own', async () => {
    const { handlers } = await openStudio()
    const [head, ...rows] = csv().split('\n')
    const told = rows.map((row) => `${row},${Number(row.split(',')[1]) % 2 ? 'immediate' : 'delayed'}`)
    const set = await handlers['recall.import']({ name: 'two.csv', text: [`${head},condition`, ...told].join('\n') })
    expect(set.reading.conditions).toEqual([
      { name: 'immediate', lists: 24 },
      { name: 'delayed', lists: 24 }
    ])
    const { group, leftOut } = await handlers['recall.statistics']({ id: set.id, condition: 'delayed' })
    expect([group.lists, leftOut.subjects]).toEqual([24, []])
    const shuffled = await handlers['recall.permuted']({ id: set.id, condition: 'delayed' })
    expect(shuffled.map(({ name }) => name)).toEqual(['fingerprint-corrected'])
    expect(shuffled[0].members).toHaveLength(4)
    expect(await refusal(async () => handlers['recall.statistics']({ id: set.id, condition: 'later' }))).toMatchObject({
      code: 'bad-input',
      field: 'condition'
    })
  })
  it('get a semantic factor from a table of similarities, and lose it with the table', async () => {
    const { handlers } = await openStudio()
    // One list of four words recalled in the order a, c, b: from a the nearest left is c, from c it is d, not b.
    const rows = ['subject,list,position,trial_type,item', ...[...'abcd'].map((w, i) => `1,1,${i + 1},study,${w}`)]
    const text = [...rows, ...[...'acb'].map((w, i) => `1,1,${i + 1},recall,${w}`)].join('\n')
    const { id } = await handlers['recall.import']({ name: 'four.csv', text })
    const semantic = async () => (await handlers['recall.statistics']({ id })).subjects[0].semanticRank
    expect(await semantic()).toBeNull()
    const table = ',a,b,c,d\na,1,.1,.9,.2\nb,.1,1,.3,.4\nc,.9,.3,1,.8\nd,.2,.4,.8,1\n'
    const answer = await handlers['recall.similarity']({ id, name: 'words.csv', text: table })
    expect(answer).toMatchObject({ known: 4, words: 4, dataset: { similarity: 'words.csv' } })
    // Ranks 1 (c of b, c, d) and 0 (b of b, d).
    expect(await semantic()).toBe(0.5)
    await handlers['recall.trashSimilarity']({ id, trashed: true })
    expect(await semantic()).toBeNull()
    await handlers['recall.trashSimilarity']({ id, trashed: false })
    expect(await semantic()).toBe(0.5)
    const bad = await refusal(() =>
      handlers['recall.similarity']({ id, name: 'x.csv', text: table.replace('.9', 'x') })
    )
    expect(bad).toMatchObject({ code: 'bad-file', file: 'x.csv', field: 'c' })
    const strange = ',sun,moon\nsun,1,.5\nmoon,.5,1\n'
    const unknown = await refusal(() => handlers['recall.similarity']({ id, name: 'sky.csv', text: strange }))
    expect(unknown.message).toContain('Fewer than two words')
    expect(await semantic()).toBe(0.5)
  })
  it('that are malformed are refused by line and column, and nothing is kept', async () => {
    const { handlers } = await openStudio()
    const text = csv().replace('2,1,1,study', '2,1,one,study')
    const error = await refusal(() => handlers['recall.import']({ name: 'bad.csv', text }))
    expect(error).toMatchObject({ code: 'bad-file', field: 'position', file: 'bad.csv' })
    expect(error.message).toMatch(/^Line \d+, column position/)
    expect(await handlers['recall.list']({})).toEqual([])
    expect(await refusal(() => handlers['recall.statistics']({ id: 'gone' }))).toMatchObject({ code: 'not-found' })
  })
})

describe('fits, computed by the real engine', () => {
  it('to subjects, their recovery, a surface and group curves are stored part by part', async () => {
    const studio = await openStudio({}, { startEngine: startEngine })
    const { handlers } = studio
    const { id: dataset } = await handlers['recall.import']({ name: 'a.csv', text: csv() })
    const run = async (request: Parameters<(typeof handlers)['recall.startFit']>[0]): Promise<Fit> =>
      fitted(studio, (await handlers['recall.startFit'](request)).id)

    const fit = await run({ kind: 'likelihood', dataset, free, fixed: startParams, ...search })
    expect(fit).toMatchObject({ status: 'done', done: 4, total: 4, error: null })
    expect(fit.subjects.map(({ subject }) => subject).sort()).toEqual(['1', '2', '3', '4'])
    for (const { params, aic, logLikelihood } of fit.subjects) {
      expect(params.P1).toBe(startParams.P1)
      expect(aic).toBeCloseTo(4 - 2 * logLikelihood, 9)
    }

    const again = await run({ kind: 'recovery', dataset, fit: fit.id })
    expect(again.subjects).toHaveLength(4)
    for (const { subject, truth } of again.subjects)
      expect(truth).toEqual(fit.subjects.find((own) => own.subject === subject)?.params)

    const at = { ...startParams }
    const surface = await run({
      kind: 'surface',
      dataset,
      at,
      x: { name: 'B_enc', min: 0.2, max: 0.8, steps: 4 },
      y: { name: 'T', min: 0.2, max: 1, steps: 3 }
    })
    expect(surface.surface.map((row) => row.length)).toEqual([4, 4, 4])
    const best = fit.subjects.reduce((sum, own) => sum + own.logLikelihood, 0)
    for (const value of surface.surface.flat()) expect(value).toBeLessThan(best)

    const curves = await run({
      kind: 'statistics',
      dataset,
      model: 'tcm',
      params: {},
      free: [{ name: 'betaEncoding', min: 0.2, max: 0.9 }],
      lists: 20,
      evaluations: 20,
      starts: 2,
      seed: 1
    })
    expect(curves.error).toBeNull()
    expect(curves.starts).toHaveLength(2)
    expect(curves.starts[0].rmsd).toBeLessThanOrEqual(curves.starts[1].rmsd)
    expect(curves.starts[0].curves.spc).toHaveLength(6)

    expect((await handlers['recall.fits']({ id: dataset })).map(({ id }) => id)).toEqual(
      [curves, surface, again, fit].map(({ id }) => id)
    )
    await handlers['recall.trashFit']({ id: surface.id, trashed: true })
    expect(await handlers['recall.fits']({ id: dataset })).toHaveLength(3)
  }, 60_000)

  it('can be cancelled, and one at a time computes', async () => {
    const studio = await openStudio({}, { startEngine: startEngine })
    const { handlers } = studio
    const { id: dataset } = await handlers['recall.import']({ name: 'a.csv', text: csv() })
    const long = { kind: 'likelihood' as const, dataset, free, fixed: startParams, starts: 100, seed: 1 }
    const { id } = await handlers['recall.startFit'](long)
    expect(await refusal(() => handlers['recall.startFit'](long))).toMatchObject({ code: 'conflict' })
    expect(await refusal(() => handlers['recall.trash']({ id: dataset, trashed: true }))).toMatchObject({
      code: 'conflict'
    })
    await handlers['recall.cancelFit']({ id })
    expect((await fitted(studio, id)).status).toBe('cancelled')
    expect(await refusal(() => handlers['recall.cancelFit']({ id }))).toMatchObject({ code: 'not-found' })
  }, 60_000)

  it('that ask for what is not there say so', async () => {
    const studio = await openStudio({}, { startEngine: startEngine })
    const { handlers } = studio
    const { id: dataset } = await handlers['recall.import']({ name: 'a.csv', text: csv() })
    const wrong = await handlers['recall.startFit']({
      kind: 'statistics',
      dataset,
      model: 'cmr',
      params: {},
      free: [{ name: 'mood', min: 0, max: 1 }],
      lists: 10,
      evaluations: 20,
      ...search
    })
    expect(await fitted(studio, wrong.id)).toMatchObject({ status: 'failed', error: { field: 'mood' } })
    expect(await refusal(() => handlers['recall.startFit']({ kind: 'recovery', dataset, fit: 'none' }))).toMatchObject({
      code: 'not-found'
    })
  }, 60_000)
})

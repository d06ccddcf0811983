import { expect, it } from 'vitest'
import { contentHash } from '../../../src-shared/grid/identity.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { openStudio } from './support.ts'

/** The fake engine scores 5 items as 5 + seed / 1000 for alpha and twice that for beta. */
const experiment = (predictions: object[]) => ({
  format: 'engram-experiment/1',
  name: 'Foreseen',
  task: { kind: 'count' },
  models: [{ kind: 'alpha' }, { kind: 'beta' }],
  seeds: { first: 0, count: 5 },
  predictions
})
const right = { metric: 'score', at: {}, intervals: { alpha: [4.9, 5.1] } }
const wrong = { metric: 'score', at: {}, order: ['alpha', 'beta'], margin: 0 }

it('predictions are registered before the run, judged after it, and stay as they are', async () => {
  const studio = await openStudio({ pace: 5 })
  const { handlers } = studio
  const { id } = await handlers['runs.start']({ experiment: experiment([right, wrong]) as never })
  const before = await handlers['runs.predictions']({ id })
  expect(before.map(({ prediction, hash, judgement }) => [prediction, hash, judgement])).toEqual([
    [right, contentHash(right), null],
    [wrong, contentHash(wrong), null]
  ])
  expect(await studio.until(id, ['done', 'interrupted', 'failed'])).toMatchObject({ status: 'done', error: null })
  const after = await handlers['runs.predictions']({ id })
  expect(after.map(({ judgement }) => judgement!.verdict)).toEqual(['confirmed', 'refuted'])
  expect(after[0].registered).toBe(before[0].registered)
  expect(after[0].judged! >= after[0].registered).toBe(true)
  expect((await handlers['runs.log']({ id })).map(({ text }) => text)).toContain('Prediction 2 (score): refuted.')
  await studio.close()

  const again = await openStudio({}, { folder: studio.folder })
  expect(await again.handlers['runs.predictions']({ id })).toEqual(after)
  await again.close()
  const database = realPort.connect(storeFile(studio.folder), { readonly: false, mustExist: true })
  for (const change of ["json = '{}'", "registered = '2000'", "judgement = '{}'", 'judgement = NULL'])
    expect(() => database.exec(`UPDATE predictions SET ${change}`)).toThrow('cannot be changed')
  database.close()
})

it('a prediction that means no cell is refused before anything runs', async () => {
  const { handlers } = await openStudio()
  const bad = experiment([{ ...right, intervals: { gamma: [0, 1] } }]) as never
  expect((await handlers['experiment.plan']({ experiment: bad })).errors).toEqual([
    expect.objectContaining({ field: 'predictions.0.intervals', message: expect.stringContaining('"gamma"') })
  ])
  await expect(handlers['runs.start']({ experiment: bad })).rejects.toThrow('"gamma"')
})

import { expect, it } from 'vitest'
import type { CallInput, CallName, Result } from '../../../../src-shared/contract/index.ts'
import { partsOf } from '../../../../src-shared/contract/parts.ts'
import { dispatch } from '../../../../src-main/hosts/dispatch.ts'
import { openStore } from '../../../../src-main/store/open.ts'
import { Encoded } from '../../../../src-main/studio/reading/reader.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { experiment, newRun } from '../../store/support.ts'
import { scoreOf } from '../fake-engine.ts'
import { openStudio, twoModels, type Opened } from '../support.ts'

/** Until the threads are there a page is answered without them. */
async function fromThread<N extends CallName>(studio: Opened, name: N, input: CallInput<N>): Promise<Result<unknown>> {
  for (;;) {
    const result = await dispatch(studio.pages, name, input)
    if (!result.ok) return result
    if (result.value instanceof Encoded)
      return { ok: true, value: JSON.parse(new TextDecoder().decode(result.value.bytes)) as unknown }
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

it('a page is answered by a thread as it is without one, whole or in parts', { timeout: 60_000 }, async () => {
  const studio = await openStudio()
  const { id } = await studio.handlers['runs.start']({ experiment: twoModels(5) as never })
  await studio.until(id, ['done'])
  const direct = await studio.handlers['runs.results']({ ids: [id] })
  expect(await dispatch(studio.pages, 'runs.results', { ids: [id] })).toEqual({ ok: true, value: direct })
  expect(await fromThread(studio, 'runs.results', { ids: [id] })).toEqual({ ok: true, value: direct })
  const curves = await studio.handlers['runs.series']({ ids: [id], name: 'curve' })
  expect(curves).toHaveLength(4)

  const run = await studio.handlers['runs.get']({ id })
  const [cells, series]: unknown[][] = [[], []]
  for (const part of partsOf([run], 10)) {
    const results = (await fromThread(studio, 'runs.results', part)) as { value: unknown[] }
    expect(results.value).toHaveLength(2)
    cells.push(...results.value)
    series.push(
      ...((await fromThread(studio, 'runs.series', { ...part, name: 'curve' })) as { value: unknown[] }).value
    )
  }
  expect(cells).toEqual(direct)
  expect(series).toEqual(curves)
  expect(await fromThread(studio, 'runs.results', { ids: [id], cells: { from: 4, count: 9 } })).toEqual({
    ok: true,
    value: []
  })

  const [first, second] = await Promise.all([
    fromThread(studio, 'runs.trials', { id, offset: 19, limit: 5 }),
    fromThread(studio, 'runs.results', { ids: ['nobody'] })
  ])
  expect(first).toMatchObject({ ok: true, value: { rows: [{ status: 'done' }], total: 20 } })
  expect(second).toMatchObject({ ok: false, error: { code: 'not-found' } })
  // What is stored later is read, too.
  const later = await studio.handlers['runs.start']({ experiment: twoModels(1, 500) as never })
  await studio.until(later.id, ['done'])
  expect(await fromThread(studio, 'runs.results', { ids: [later.id] })).toMatchObject({ value: { length: 4 } })
  await studio.close()
  expect(await dispatch(studio.pages, 'runs.results', { ids: [id] })).toMatchObject({ ok: false })
})

it(
  'more trials than one answer takes are refused, and the refusal says what to ask for',
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder('studio')
    const store = openStore({ folder })
    const cell = (use: number) => ({ use, label: `a${use}`, model: 'alpha', params: {}, taskParams: {}, point: {} })
    const large = experiment({ models: [{ kind: 'alpha' }], seeds: { first: 0, count: 10_000 } })
    store.write.addRun(
      newRun('A', { experiment: large, cells: Array.from({ length: 21 }, (_, i) => cell(i)), seeds: 10_000 })
    )
    store.close()
    const studio = await openStudio({}, { folder })
    expect(await fromThread(studio, 'runs.results', { ids: ['A'], cells: { from: 0, count: 1 } })).toMatchObject({
      ok: true
    })
    for (const name of ['runs.results', 'runs.series'] as const)
      expect(await fromThread(studio, name, { ids: ['A'], name: 'curve' })).toMatchObject({
        ok: false,
        error: { code: 'too-large', field: 'cells' }
      })
  }
)

it('what a large run comes to is what its trials say, looked at by a thread', { timeout: 60_000 }, async () => {
  const studio = await openStudio()
  const predicting = (seeds: number): Record<string, unknown> => ({
    ...twoModels(seeds),
    predictions: [{ metric: 'score', order: ['beta', 'alpha'], at: { items: 5 } }]
  })
  const small = (await studio.handlers['runs.start']({ experiment: predicting(3) as never })).id
  await studio.until(small, ['done'])
  await fromThread(studio, 'runs.results', { ids: [small] })
  const { id } = await studio.handlers['runs.start']({ experiment: predicting(500) as never })
  await studio.until(id, ['done'])
  const cell = (items: number) => ({ model: 'beta', taskParams: { items } })
  const scores = [5, 10].flatMap((items) => Array.from({ length: 500 }, (_, i) => scoreOf(cell(items), 100 + i)))
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length
  const { best } = await studio.handlers['runs.get']({ id })
  expect(best).toEqual({ label: 'beta', metric: 'score', mean: expect.closeTo(mean, 6) as number })
  const [{ judgement }] = await studio.handlers['runs.predictions']({ id })
  expect(judgement?.verdict).toBe('confirmed')
  expect((await studio.handlers['runs.log']({ id, limit: 9 })).map(({ text }) => text)).toContain(
    'Prediction 1 (score): confirmed.'
  )
})

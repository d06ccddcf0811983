import { describe, expect, it } from 'vitest'
import type { CallInput, CallName, CallOutput } from '../../../src-shared/contract/index.ts'
import type { Studio } from '../../../src-main/studio/studio.ts'
import { fakeCatalog } from './fake-engine.ts'
import { dispatch } from '../../../src-main/hosts/dispatch.ts'
import { asked, openStudio, refusal, twoModels } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ask = <N extends CallName>(studio: Studio, name: N, input: CallInput<N>): Promise<CallOutput<N>> =>
  asked(studio)(name, input)

async function finishedRun(): Promise<{ studio: Awaited<ReturnType<typeof openStudio>>; id: string }> {
  const studio = await openStudio()
  const { id } = await ask(studio, 'runs.start', { experiment: twoModels(3) as never, name: 'Mine' })
  await studio.until(id, ['done'])
  return { studio, id }
}

describe('the studio', () => {
  it('answers every call of the contract by its schema', async () => {
    const { studio, id } = await finishedRun()
    const ids = [id]
    expect(await ask(studio, 'studio.info', {})).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      host: 'serve',
      workers: 1,
      backends: [{ name: 'cpu', available: true, adapter: 'fake' }],
      engine: { state: 'ready' }
    })
    expect(await ask(studio, 'catalog.get', {})).toEqual(fakeCatalog)
    expect((await ask(studio, 'catalog.reload', {})).errors).toEqual([])
    expect((await ask(studio, 'examples.list', {}))[0].file).toBe('quickstart.json')
    expect(await ask(studio, 'experiment.estimate', { experiment: twoModels(1) as never })).toEqual({
      ms: 42,
      backend: 'cpu'
    })
    expect((await ask(studio, 'runs.list', {})).rows[0]).toMatchObject({ id, name: 'Mine', best: { label: 'beta' } })
    expect(await ask(studio, 'runs.facets', {})).toMatchObject({ tasks: ['count'], models: ['alpha', 'beta'] })
    expect(await ask(studio, 'runs.results', { ids })).toHaveLength(4)
    expect(await ask(studio, 'runs.series', { ids, name: 'curve' })).toHaveLength(4)
    const { rows, total } = await ask(studio, 'runs.trials', { id, offset: 0, limit: 5 })
    expect([rows.length, total]).toEqual([5, 12])
    expect(await ask(studio, 'runs.traces', { id, trial: rows[0].id })).toMatchObject([{ name: 'gate' }])
    expect(await ask(studio, 'runs.log', { id })).toHaveLength(2)
    expect(await ask(studio, 'runs.update', { ids, name: ' New ', addTags: ['a', 'b'], notes: 'n' })).toBeNull()
    await ask(studio, 'runs.update', { ids, removeTags: ['a'] })
    expect(await ask(studio, 'runs.get', { id })).toMatchObject({ name: 'New', tags: ['b'], notes: 'n' })
    await ask(studio, 'runs.trash', { ids })
    expect((await ask(studio, 'runs.list', {})).total).toBe(0)
    await ask(studio, 'runs.restore', { ids })
    expect((await refusal(() => ask(studio, 'runs.purge', { ids }))).code).toBe('conflict')
    await ask(studio, 'runs.trash', { ids })
    await ask(studio, 'runs.purge', { ids })
    expect((await refusal(() => ask(studio, 'runs.get', { id }))).code).toBe('not-found')
    expect(studio.store.check()).toBe('ok')
  })

  it('plans a grid: its size, its cost by model, or all of its errors', async () => {
    const studio = await openStudio()
    expect(await ask(studio, 'experiment.plan', { experiment: twoModels(7) as never })).toEqual({
      errors: [],
      trials: 28,
      cells: 4,
      tuningTrials: 0,
      // The fake's cost: items + 1, over items 5 and 10.
      flopsPerTrial: { alpha: 8.5, beta: 8.5 },
      storage: { alpha: { parameters: 0, stateBytes: 0 }, beta: { parameters: 0, stateBytes: 0 } },
      totalFlops: 7 * 2 * (6 + 11)
    })
    const wrong = { ...twoModels(7), models: [{ kind: 'gamma' }, { kind: 'alpha', params: { size: 0 } }] }
    const { errors, trials } = await ask(studio, 'experiment.plan', { experiment: wrong as never })
    expect(trials).toBe(0)
    expect(errors.map((e) => e.field)).toEqual(['models.0.kind'])
    expect((await ask(studio, 'experiment.plan', { experiment: 'text' })).errors[0].code).toBe('bad-input')
  })

  it('says what a trial of each model and point of stored runs costs', async () => {
    const { studio, id } = await finishedRun()
    const costs = await ask(studio, 'runs.costs', { ids: [id] })
    expect(new Set(costs.map(({ label, point, flops }) => `${label} ${Object.values(point).join()} ${flops}`))).toEqual(
      new Set(['alpha 5 6', 'alpha 10 11', 'beta 5 6', 'beta 10 11'])
    )
    const results = await ask(studio, 'runs.results', { ids: [id] })
    expect(new Set(costs.map(({ point }) => JSON.stringify(point)))).toEqual(
      new Set(results.map(({ point }) => JSON.stringify(point)))
    )
  })

  it('remembers settings, tells of them, and gives the engine its workers', async () => {
    const folder = temporaryFolder('studio')
    const studio = await openStudio({}, { folder })
    await ask(studio, 'catalog.get', {})
    expect(await ask(studio, 'settings.set', { theme: 'dark', layout: { run: { split: 0.3 } } })).toMatchObject({
      theme: 'dark'
    })
    expect(studio.all('settings.changed')).toHaveLength(1)
    expect(studio.fake.starts).toBe(1)
    await ask(studio, 'settings.set', { workers: 2 })
    expect(studio.fake.starts).toBe(2)
    await studio.close()
    const again = await openStudio({}, { folder })
    expect(await ask(again, 'settings.get', {})).toMatchObject({
      theme: 'dark',
      workers: 2,
      layout: { run: { split: 0.3 } }
    })
  })

  it('runs code from no folder that a page names: a page can only leave the folder', async () => {
    const studio = await openStudio({}, { modelFolder: '/named/at/start' })
    const setting = async (): Promise<string> => (await ask(studio, 'settings.get', {})).modelFolder
    const call = (name: string, input: unknown): Promise<unknown> => dispatch(studio.handlers, name, input)
    for (const modelFolder of ['/tmp', ' ', ['']])
      expect(await call('settings.set', { modelFolder })).toMatchObject({
        ok: false,
        error: { code: 'bad-input', field: 'modelFolder' }
      })
    expect(await call('models.choose', {})).toMatchObject({ ok: false, error: { code: 'not-supported' } })
    expect(await setting()).toBe('/named/at/start')
    expect(await ask(studio, 'settings.set', { theme: 'dark' })).toMatchObject({ modelFolder: '/named/at/start' })
    expect(await call('settings.set', { modelFolder: '' })).toMatchObject({ ok: true, value: { modelFolder: '' } })
    expect(await setting()).toBe('')
  })

  it('keeps the folder that the user chose in the host’s own dialog, and one named at start for that start only', async () => {
    const folder = temporaryFolder('studio')
    const answers = [undefined, '/chosen']
    const studio = await openStudio({}, { folder, chooseModels: async () => answers.shift() })
    expect(await ask(studio, 'models.choose', {})).toBeNull()
    expect(await ask(studio, 'models.choose', {})).toMatchObject({ modelFolder: '/chosen' })
    await studio.close()
    const named = await openStudio({}, { folder, modelFolder: '/named' })
    expect(await ask(named, 'settings.get', {})).toMatchObject({ modelFolder: '/named' })
    await named.close()
    expect(await ask(await openStudio({}, { folder }), 'settings.get', {})).toMatchObject({ modelFolder: '/chosen' })
  })

  it('sends the user’s backend with experiments that leave it open', async () => {
    const studio = await openStudio()
    await ask(studio, 'settings.set', { backend: 'wasm' })
    for (const backend of ['auto', 'cpu']) {
      const { id } = await ask(studio, 'runs.start', { experiment: { ...twoModels(1), backend } as never })
      await studio.until(id, ['done'])
    }
    expect(studio.fake.heard.flatMap((m) => (m.type === 'run' ? [m.job.backend] : []))).toEqual(['wasm', 'cpu'])
  })

  it('is one writer to a folder; a second can look on', async () => {
    const { studio, id } = await finishedRun()
    expect((await refusal(() => openStudio({}, { folder: studio.folder }))).code).toBe('store-locked')
    const looking = await openStudio({}, { folder: studio.folder, readOnly: true })
    expect((await ask(looking, 'runs.get', { id })).status).toBe('done')
    expect((await refusal(() => ask(looking, 'runs.trash', { ids: [id] }))).code).toBe('read-only')
    expect((await refusal(() => ask(looking, 'runs.start', { experiment: twoModels(1) as never }))).code).toBe(
      'read-only'
    )
  })

  it('starts no engine for a command that does not need one', async () => {
    const studio = await openStudio({}, { host: 'cli' })
    await ask(studio, 'runs.list', {})
    expect(studio.fake.starts).toBe(0)
    expect((await ask(studio, 'studio.info', {})).backends).toHaveLength(1)
    expect(studio.fake.starts).toBe(1)
  })
})

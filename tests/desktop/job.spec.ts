import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from '../e2e/fixtures.ts'
import { softwareGpu } from '../support/software-vulkan.ts'
import { children, expect, test } from './desktop.ts'
import { results, start, stored, until } from './runs.ts'
import { resources } from './stand-in/pack.ts'

const quickstart = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/experiments/quickstart.json'), 'utf8')
) as object

test('an experiment is composed, run, and exported to a file of the user’s choice', async ({ launch, dataFolder }) => {
  test.setTimeout(120_000)
  const app = await launch(dataFolder)
  const page = await app.page()
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', ({ message }) => errors.push(message))
  await ask(page, 'settings.set', { backend: 'wasm' })
  await page.getByRole('navigation').first().getByRole('link', { name: 'Compose' }).click()
  await page.getByRole('button', { name: /^Capacity of four memories/ }).click()
  await page.getByRole('button', { name: 'Start', exact: true }).first().click()
  await expect(page).toHaveURL(/#\/run\/\w+/)
  const id = /#\/run\/(\w+)/.exec(page.url())![1]
  await until(page, id, 'done')
  expect(await ask(page, 'runs.get', { id })).toMatchObject({ provenance: { backend: 'wasm' } })

  const file = join(dataFolder, 'report.html')
  // What the dialog of the system would answer.
  const saved = app.evaluate(
    ({ session }, path) =>
      new Promise<string>((resolve) =>
        session.defaultSession.once('will-download', (_event, item) => {
          item.setSavePath(path)
          item.once('done', (_done, state) => resolve(state))
        })
      ),
    file
  )
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'Export HTML report' }).click()
  expect(await saved).toBe('completed')
  expect(readFileSync(file, 'utf8')).toContain('Capacity of four memories')
  expect(errors).toEqual([])
})

test('the engine is the package’s own, in the Node that the package brings', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  await app.page()
  const engines = children(app.pid).filter(({ command }) => command.includes('process.js'))
  expect(engines).toHaveLength(1)
  expect(engines[0].command).toContain(join(resources, 'node', 'node'))
  expect(engines[0].command).toContain(join(resources, 'engine', 'process.js'))
  expect(engines[0].command).not.toContain('app.asar')
})

test('webgpu computes the quickstart, on a software Vulkan where there is no GPU', async ({ launch, dataFolder }) => {
  test.setTimeout(180_000)
  test.skip(!softwareGpu, 'Chromium’s software Vulkan is not installed.')
  const app = await launch(dataFolder, { env: softwareGpu })
  const page = await app.page()
  await expect
    // The engine's start, in processes of their own, as for any run.
    .poll(async () => (await ask(page, 'studio.info', {})).backends.find(({ name }) => name === 'webgpu'), {
      timeout: 60_000
    })
    .toMatchObject({ available: true, adapter: expect.stringContaining('SwiftShader') })
  // Software takes minutes for longer lists.
  const small = { ...quickstart, sweep: [{ param: 'task.items', values: [5] }], seeds: { first: 0, count: 1 } }
  const ids = [await start(page, { ...small, backend: 'webgpu' }), await start(page, { ...small, backend: 'wasm' })]
  for (const id of ids) await until(page, id, 'done')
  const [gpu, cpu] = await Promise.all(ids.map((id) => results(page, id)))
  expect(stored(gpu)).toBe(stored(cpu))
  expect((await ask(page, 'runs.get', { id: ids[0] })).provenance).toMatchObject({ backend: 'webgpu' })
  for (const [index, { metrics }] of gpu.entries())
    for (const [name, values] of Object.entries(metrics))
      for (const [seed, value] of values.entries())
        if (value !== null) expect(Math.abs(value - cpu[index].metrics[name][seed]!), name).toBeLessThan(0.02)
})

test('a model in the user’s Python runs beside the studio’s own and gives its numbers', async ({
  launch,
  dataFolder
}) => {
  test.setTimeout(120_000)
  const models = join(dataFolder, 'my models')
  mkdirSync(models)
  copyFileSync(join(import.meta.dirname, '../support/plain-matrix.py'), join(models, 'mine.py'))
  const app = await launch(dataFolder, { args: ['--models', models, '--python', 'python3'] })
  const page = await app.page()
  const id = await start(page, {
    ...{ format: 'engram-experiment/1', name: 'Side by side', backend: 'wasm' },
    task: { kind: 'capacity', params: { dim: 8, items: 4 } },
    models: [{ kind: 'mine-plain-matrix' }, { kind: 'linear-associator' }],
    seeds: { first: 0, count: 5 }
  })
  await until(page, id, 'done')
  const [mine, own] = await results(page, id)
  expect(mine.metrics.accuracy).toEqual(own.metrics.accuracy)
  // The numbers are large and of single precision: they agree as parity asks, in proportion.
  for (const [seed, value] of mine.metrics.mse.entries()) expect(value! / own.metrics.mse[seed]!).toBeCloseTo(1, 6)
})

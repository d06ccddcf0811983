/** Models in the user's own Python: in Settings, the catalog, a run, a check against the studio's own, and a new file. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stored } from './fixtures.ts'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

const models = (folder: string): string => join(folder, 'my models')
const stored: Stored = {
  fill(folder) {
    mkdirSync(models(folder))
    copyFileSync(join(import.meta.dirname, '../support/plain-matrix.py'), join(models(folder), 'mine.py'))
  },
  args: (folder) => ['--models', models(folder), '--python', 'python3']
}
test.use({ stored })
const picture = (name: string): string | undefined =>
  process.env.PICTURES && join(process.env.PICTURES, `python-${name}.png`)

test('Settings shows which Python runs them, and keeps how long a call may take', async ({ page }) => {
  await page.goto(`${new URL(page.url()).origin}/#/settings`)
  const section = page.getByRole('region', { name: 'Python' })
  // It is asked in a process of its own.
  await expect(section).toContainText(/Python 3\.\d+\.\d+/, { timeout: 30_000 })
  const limit = section.getByRole('textbox', { name: 'Limit of one call' })
  await limit.fill('0')
  await limit.press('Tab')
  await expect(section).toContainText('from 1 to 86400')
  await limit.fill('90')
  await limit.press('Tab')
  await expect.poll(async () => (await ask(page, 'settings.get', {})).python.limitSeconds).toBe(90)
  await expectAccessible(page)
  if (picture('settings')) await section.screenshot({ path: picture('settings') })
})

test('a class runs beside the studio’s own, gives the same numbers, and the check says so', async ({ page }) => {
  await expect
    .poll(async () => (await ask(page, 'catalog.get', {})).models.map(({ id }) => id), { timeout: 30_000 })
    .toContain('mine-plain-matrix')
  const { id } = await ask(page, 'runs.start', {
    experiment: {
      ...{ format: 'engram-experiment/1', name: 'Side by side', backend: 'wasm' },
      task: { kind: 'capacity', params: { dim: 8, items: 4 } },
      models: [{ kind: 'mine-plain-matrix' }, { kind: 'linear-associator' }],
      seeds: { first: 0, count: 5 }
    } as never
  })
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  const [mine, own] = await ask(page, 'runs.results', { ids: [id] })
  expect(mine.metrics.accuracy).toEqual(own.metrics.accuracy)
  // The numbers are large and of single precision: they agree as parity asks, in proportion.
  for (const [seed, value] of mine.metrics.mse.entries()) expect(value! / own.metrics.mse[seed]!).toBeCloseTo(1, 6)
  expect((await ask(page, 'runs.get', { id })).provenance.libraries).toMatchObject({
    python: expect.stringMatching(/^3\./) as unknown
  })

  await page.goto(`${new URL(page.url()).origin}/#/models`)
  // The linear associator is the first.
  const part = page.getByRole('region', { name: 'Check against my Python' })
  await part.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(part).toContainText(/the same/i, { timeout: 30_000 })
  await expectAccessible(page)
  if (picture('parity')) await page.screenshot({ path: picture('parity'), fullPage: true })
})

test('a new model is written into the folder, and is in the catalog', async ({ page, studio }) => {
  await page.goto(`${new URL(page.url()).origin}/#/models`)
  await page.getByRole('button', { name: 'New model' }).click()
  const dialog = page.getByRole('dialog', { name: 'New model' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('mine')
  if (picture('new')) await page.screenshot({ path: picture('new') })
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Write it' }).click()
  await expect(dialog).toContainText('There is a file of this name already')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Leaky trace')
  await dialog.getByRole('button', { name: 'Write it' }).click()
  await expect(dialog).toBeHidden({ timeout: 30_000 })
  expect(readFileSync(join(models(studio.dataFolder), 'leaky_trace.py'), 'utf8')).toContain('class LeakyTrace')
})

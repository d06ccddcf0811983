import { expectAccessible } from './axe.ts'
import { unfold } from './fold.ts'
import { ask, expect, test } from './fixtures.ts'

test.setTimeout(90_000)

const experiment = {
  format: 'engram-experiment/1',
  name: 'Foreseen',
  task: { kind: 'capacity', params: { dim: 8 } },
  models: [{ kind: 'linear-associator', label: 'Hebb' }, { kind: 'fast-weights' }],
  sweep: [{ param: 'task.items', values: [5, 20] }],
  seeds: { first: 0, count: 4 },
  backend: 'wasm'
}

test('a prediction is written in Compose, refuted by its run, stays refuted after a reload and after more seeds', async ({
  page
}) => {
  // The draft as it is remembered, so that only what is tested here is clicked.
  await ask(page, 'settings.set', { layout: { compose: experiment } as never })
  await page.reload()
  await page.getByRole('navigation').first().getByRole('link', { name: 'Compose' }).click()
  await page.getByRole('button', { name: 'Add a prediction' }).click()
  await page.getByRole('menuitem', { name: 'An interval per model' }).click()
  await page.getByLabel('Hebb at least').fill('0.1')
  await page.getByLabel('Hebb at most').fill('0.2')
  await page.getByRole('button', { name: 'Add a prediction' }).click()
  await page.getByRole('menuitem', { name: 'Models practically the same' }).click()
  await page.getByLabel('Within').fill('0.99')
  await page.getByRole('button', { name: 'Start', exact: true }).first().click()
  await expect(page).toHaveURL(/#\/run\/\w+/)
  const id = /#\/run\/(\w+)/.exec(page.url())![1]
  const run = () => ask(page, 'runs.get', { id })
  await expect.poll(async () => (await run()).status, { timeout: 60_000 }).toBe('done')

  expect((await run()).experiment.predictions?.[1]).toMatchObject({ same: ['Hebb', 'fast-weights'], within: 0.99 })

  const panel = page.getByRole('region', { name: 'Registered predictions' })
  await expect(panel.getByText('refuted', { exact: true })).toBeVisible()
  await expect(panel.getByText(/predicted 0.1 to 0.2; found/)).toBeVisible()
  await page.reload()
  await expect(panel.getByText('refuted', { exact: true })).toBeVisible()
  await expectAccessible(page)

  const precision = page.getByRole('region', { name: 'Precision' })
  await precision.getByLabel('Interval no wider than').fill('0.1')
  await precision
    .getByRole('button', { name: /^Run \d+ more seeds?$/ })
    .first()
    .click()
  await expect.poll(async () => (await run()).seeds, { timeout: 30_000 }).toBeGreaterThan(4)
  await expect.poll(async () => (await run()).status, { timeout: 60_000 }).toBe('done')
  const { seeds, done, trials } = await run()
  expect([done, trials]).toEqual([4 * seeds, 4 * seeds])
  await page.reload()
  await expect(panel.getByText('refuted', { exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Tests' })).toBeVisible()
  await unfold(page)
  await expect(page.getByRole('region', { name: 'Tests' }).getByText(/Every seed has its partner/)).toBeVisible()
  await expect(panel.getByText('refuted', { exact: true })).toBeVisible()
  // The law of the linear associator stands beside its cosine.
  await page.getByRole('combobox', { name: /^Metric/ }).click()
  await page.getByRole('option', { name: /^Cosine/ }).click()
  await expect(page.getByText(/Hebb, measured minus theory: rms/)).toBeVisible()
  await expect(page.getByRole('switch', { name: 'Theory' })).toBeVisible()
  await expectAccessible(page)
})

/** A run that tunes first: composed, watched while it tunes and trains, then its table. */
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

const experiment = {
  ...{ format: 'engram-experiment/1', name: 'Tuned', backend: 'wasm' },
  task: {
    kind: 'associative-recall',
    params: {
      ...{ pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 8 },
      ...{ steps: 12_000, stopAt: 1.1 }
    }
  },
  models: [{ kind: 'attention', params: { heads: 2 } }],
  tuning: { params: [{ param: 'task.learningRate', values: [0.00001, 0.02] }], steps: 30 },
  seeds: { first: 0, count: 2 }
}

test('a run shows what it tunes and what won, then streams the curves of its training into the open figure', async ({
  page
}) => {
  // Both of its stages are waited for, each with a limit of its own.
  test.setTimeout(120_000)
  const { id } = await ask(page, 'runs.start', { experiment: experiment as never })
  await page.goto(`${new URL(page.url()).origin}/#/run/${id}`)
  await page.getByRole('tab', { name: 'Tuning' }).click()
  const table = page.getByRole('tabpanel').getByRole('table')
  await expect(table.getByText('chosen, at the edge')).toBeVisible({ timeout: 60_000 })
  await expect(table.getByRole('row')).toHaveCount(3)

  // No trial has ended, nobody has chosen a view: the figure is of the training under way.
  const canvas = page.getByRole('main').locator('canvas').first()
  await expect(canvas).toBeVisible({ timeout: 60_000 })
  // It stays open and is drawn again and again, as points come in.
  const drawn = (): Promise<string> => canvas.evaluate((one: HTMLCanvasElement) => one.toDataURL())
  for (let i = 0; i < 3; i++) {
    const before = await drawn()
    await expect.poll(drawn, { timeout: 30_000 }).not.toBe(before)
  }
  expect((await ask(page, 'runs.get', { id })).done).toBe(0)
  await expect(page.getByRole('main')).toContainText('Training accuracy')
  await expectAccessible(page)
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/run.png`, fullPage: true })
  await ask(page, 'runs.cancel', { id })
})

test('a parameter is tuned in Compose, with the trials that it takes, and no longer when it is removed', async ({
  page
}) => {
  const { id } = await ask(page, 'runs.start', {
    experiment: { ...experiment, name: 'To compose', tuning: undefined } as never
  })
  await ask(page, 'runs.cancel', { id })
  await page.goto(`${new URL(page.url()).origin}/#/run/${id}`)
  await page.getByRole('main').getByRole('button', { name: 'Duplicate', exact: true }).click()
  const section = page.getByRole('region', { name: 'Tuning' })
  await section.getByRole('button', { name: 'Tune a parameter' }).click()
  await page
    .getByRole('menuitem', { name: /Learning rate/ })
    .first()
    .click()
  await expect(section.getByRole('textbox', { name: /Learning rate/ })).toHaveValue('0.001, 0.003, 0.01, 0.03')
  await expect(page.getByRole('complementary', { name: 'Plan' })).toContainText('after 8 of tuning')
  await section.getByRole('textbox', { name: 'Tuning seeds' }).fill('1')
  await section.getByRole('textbox', { name: 'Tuning seeds' }).press('Tab')
  await expect(section).toContainText('Seed 1 is a seed of the report')
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/compose.png`, fullPage: true })
  await expectAccessible(page)
  await section.getByRole('button', { name: /Tune .* no longer/ }).click()
  await expect(section).toContainText('Tune it to compare each at its best')
})

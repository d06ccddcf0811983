/** Comparing runs of several tasks: performance profiles, with their numbers, files and a place in a report. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

const experiment = (task: string, sweep: { param: string; values: number[] }[] = []) => ({
  format: 'engram-experiment/1',
  name: task,
  task: { kind: task, params: { dim: 8 } },
  models: [{ kind: 'linear-associator' }, { kind: 'hopfield' }],
  sweep,
  seeds: { first: 0, count: 4 },
  backend: 'wasm'
})

async function finished(page: Page, given: ReturnType<typeof experiment>): Promise<string> {
  const { id } = await ask(page, 'runs.start', { experiment: given })
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 30_000 }).toBe('done')
  return id
}

test('a performance profile of one task or over several is drawn, printed as numbers, saved and put into a report', async ({
  page
}) => {
  const ids = [
    await finished(page, experiment('capacity', [{ param: 'task.items', values: [4, 16] }])),
    await finished(page, experiment('forgetting'))
  ]
  await page.goto(`${page.url().split('#')[0]}#/compare?runs=${ids.join(',')}`)
  const view = page.getByRole('combobox', { name: /^View/ })
  const choose = async (name: string): Promise<void> => {
    await view.click()
    await page.getByRole('option', { name, exact: true }).click()
  }
  await choose('Performance profile')
  const one = page.getByRole('figure', { name: 'Performance profile: Accuracy' })
  await expect(
    one.getByText(/percentile bootstrap band over seeds, 1000 draws, n = 4 seeds · over 2 points/)
  ).toBeVisible()
  await expect(one.getByRole('img')).toHaveAccessibleName(/Share of trials above τ ↑ over Threshold τ, accuracy/)
  await expect(page.getByRole('combobox', { name: /^Metric/ })).toBeVisible()

  await choose('Profile over all tasks')
  const both = page.getByRole('figure', { name: 'Performance profile over tasks' })
  await expect(both.getByText(/stratified percentile bootstrap.* in each of 2 tasks/)).toBeVisible()
  await expect(both.getByText(/chance \(1\/items\) = 0, best possible \(1\) = 1/)).toBeVisible()
  await expect(page.getByRole('combobox', { name: /^Metric/ })).toHaveCount(0)
  await both.getByRole('button', { name: /^Figure menu/ }).click()
  await page.getByRole('menuitem', { name: 'Show as a data table' }).click()
  await expect(both.getByRole('region', { name: /^Data of/ }).getByRole('row')).toHaveCount(1 + 2 * 61)
  await expectAccessible(page)
  const saving = page.waitForEvent('download')
  await both.getByRole('button', { name: /^Figure menu/ }).click()
  await page.getByRole('menuitem', { name: 'Save as SVG' }).click()
  expect(readFileSync(await (await saving).path(), 'utf8')).toContain('Share of trials above τ')

  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'Add to a report…' }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(both).toBeVisible()
})

/** History over 50,000 stored trials: found, filtered, sorted, renamed, tagged, thrown away and brought back. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'
import { press, tabTo } from './keyboard.ts'
import { nameOf, storeRuns } from './many-runs.ts'

const runs = 500
test.use({ stored: { fill: (folder: string) => storeRuns(folder, runs, 25) } })

const grid = (page: Page) => page.getByRole('treegrid', { name: 'Runs' })
const row = (page: Page, i: number) =>
  grid(page)
    .getByRole('row')
    .filter({ hasText: nameOf(i) })
const found = (page: Page, text: string) => expect(page.getByText(text, { exact: true }).first()).toBeVisible()

test.beforeEach(async ({ page }) => {
  const { layout } = await ask(page, 'settings.get', {})
  await ask(page, 'settings.set', {
    layout: { ...layout, visits: {}, 'history-scroll': 0, 'history-grouping': 'none' }
  })
  await page.reload()
  await page.getByRole('link', { name: 'History' }).click()
  await found(page, '500 runs')
})

test('50,000 trials: only the rows in sight exist, and the last is one key away', async ({ page }) => {
  const { rows, total } = await ask(page, 'runs.list', { limit: 1000 })
  expect(total).toBe(runs)
  expect(rows.reduce((sum, { done }) => sum + done, 0)).toBe(50_000)
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '501')
  await expect(row(page, 499)).toBeVisible()
  expect(await grid(page).getByRole('row').count()).toBeLessThan(60)
  await grid(page).focus()
  await page.keyboard.press('End')
  await expect(row(page, 0)).toBeVisible()
  await expect(row(page, 0)).toContainText('100')
  expect(await grid(page).getByRole('row').count()).toBeLessThan(60)
})

test('search, filters and order find what they say', async ({ page }) => {
  await page.keyboard.press('/')
  await page.keyboard.type('049 run')
  // 0049, and 0490 to 0499.
  await found(page, '11 runs found')
  await expect(row(page, 499)).toBeVisible()
  await page.getByRole('combobox', { name: 'Search runs' }).fill('nothing like it')
  await expect(page.getByText('No run matches')).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await found(page, '500 runs')

  const choose = async (filter: string, option: string): Promise<void> => {
    await page.getByRole('combobox', { name: new RegExp(`^${filter}:`) }).click()
    await page.getByRole('option', { name: option, exact: true }).click()
  }
  // Of 500: every third is of a task, every second of those has the model, every fifth of those was cancelled.
  await choose('Task', 'Capacity')
  await found(page, '167 runs found')
  await choose('Model', 'hopfield')
  await found(page, '83 runs found')
  await choose('Status', 'cancelled')
  await found(page, '17 runs found')
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await choose('Tag', 'tenth')
  await found(page, '50 runs found')
  await page.getByLabel('Created from').fill('2026-01-11')
  await page.getByLabel('Created until').fill('2026-01-21')
  await page.keyboard.press('Enter')
  await found(page, '2 runs found')
  await page.getByRole('button', { name: 'Clear', exact: true }).click()

  await page.getByRole('columnheader', { name: /^Name/ }).getByRole('button').first().click()
  await expect(grid(page).getByRole('row').nth(1)).toContainText(nameOf(0))
})

test('rename, notes and tags with the keyboard stay', async ({ page }) => {
  await grid(page).focus()
  await page.keyboard.press('F2')
  await page.keyboard.type('=1+1 <b>best</b>')
  await page.keyboard.press('Enter')
  await page.keyboard.press('t')
  await page.keyboard.type('thesis, figure 2')
  await page.keyboard.press('Enter')
  await page.keyboard.press('n')
  await page.keyboard.type('Look again.')
  await page.keyboard.press('Enter')
  await page.reload()
  const renamed = grid(page).getByRole('row').nth(1)
  await expect(renamed).toContainText('=1+1 <b>best</b>')
  await expect(renamed).toContainText('thesis')
  expect(await ask(page, 'runs.get', { id: 'run499' })).toMatchObject({
    name: '=1+1 <b>best</b>',
    tags: ['figure 2', 'thesis'],
    notes: 'Look again.'
  })
  await page.getByRole('combobox', { name: 'Search runs' }).fill('look AGAIN')
  await found(page, '1 run found')
  await page.getByRole('combobox', { name: 'Search runs' }).fill('figure 2')
  await found(page, '1 run found')
})

test('the filter language finds, completes, and says what is wrong; views are kept', async ({ page }) => {
  const box = page.getByRole('combobox', { name: 'Search runs' })
  await box.fill('not tag:tenth (task:capacity or task:contiguity) metric.accuracy > 0.4 created < 2026-02')
  await expect(page.getByText(/^\d+ runs found$/)).toBeVisible()
  await box.fill('trials > many')
  await expect(page.getByText('is compared with a number')).toBeVisible()
  await expect(box).toHaveAttribute('aria-invalid', 'true')
  await box.fill('')
  await box.pressSequentially('met')
  await expect(page.getByRole('option', { name: /metric\.accuracy/ })).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(box).toHaveValue('metric.accuracy ')
  await box.fill('tag:tenth')
  await found(page, '50 runs found')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByLabel('Name of the view').fill('Every tenth')
  await page.getByRole('button', { name: 'Save this view' }).click()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: 'Every tenth', exact: true }).click()
  await found(page, '50 runs found')
})

test('columns are chosen, ordered and sized by keyboard, reduced to those that differ, and remembered', async ({
  page
}) => {
  const heads = async (): Promise<string[]> =>
    (await grid(page).getByRole('columnheader').allTextContents()).map((text) => text.trim()).filter(Boolean)
  const width = page.getByRole('button', { name: /^Width of Task/ })
  await width.focus()
  const before = (await page.getByRole('columnheader', { name: /^Task/ }).boundingBox())!.width
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  const after = async (): Promise<number> =>
    (await page.getByRole('columnheader', { name: /^Task/ }).boundingBox())!.width
  await expect.poll(after).toBe(before + 32)
  await press(page, page.getByRole('button', { name: 'Columns' }))
  await press(page, page.getByRole('button', { name: 'Move Task to the left' }))
  await tabTo(page, page.getByRole('checkbox', { name: 'Backend' }))
  await page.keyboard.press('Space')
  await expect.poll(heads).toEqual(expect.arrayContaining(['Backend']))
  await tabTo(page, page.getByRole('checkbox', { name: 'Only columns that differ' }))
  await page.keyboard.press('Space')
  // All runs were computed on one backend and hold as many trials.
  await expect.poll(heads).not.toContain('Backend')
  expect(await heads()).not.toContain('Trials')
  await page.keyboard.press('Escape')
  await page.reload()
  await page.getByRole('link', { name: 'History' }).click()
  await found(page, '500 runs')
  expect((await heads()).slice(0, 3)).toEqual(['Name', 'Task', 'Status'])
  expect(await heads()).not.toContain('Backend')
  expect(await after()).toBe(before + 32)
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('checkbox', { name: 'Only columns that differ' }).click()
  await page.getByRole('button', { name: 'As at the start' }).click()
  await page.keyboard.press('Escape')
})

test('runs are grouped by any parameter, tagged and exported together', async ({ page }) => {
  await page.getByRole('button', { name: /^Groups:/ }).click()
  await page.getByRole('option', { name: /^By rate/ }).click()
  await expect(grid(page).getByRole('row').nth(1)).toContainText('rate = ')
  await page.getByRole('button', { name: /^Groups:/ }).click()
  await page.getByRole('option', { name: 'Every run' }).click()
  await found(page, '500 runs')

  await page.getByRole('checkbox', { name: `Select ${nameOf(495)}` }).click()
  await page.getByRole('checkbox', { name: `Select ${nameOf(492)}` }).click()
  const bar = page.getByRole('toolbar', { name: 'Selected runs' })
  await bar.getByRole('button', { name: 'Tag' }).click()
  await page.getByLabel('Tags to add, with commas between').fill('pair')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(row(page, 492)).toContainText('pair')
  await expect(row(page, 495)).toContainText('pair')
  await bar.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Export CSV, one row per trial' }).click()
  ])
  // Two runs of a hundred trials each, and the head.
  expect(
    readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n')
  ).toHaveLength(201)
})

test('any metric and parameter is a column that is found by typing, and a misspelt one is named in the filter', async ({
  page
}) => {
  await page.getByRole('button', { name: 'Columns' }).click()
  for (const name of ['accuracy', 'rate']) {
    await page.getByRole('combobox', { name: 'Add a metric or parameter' }).fill(name)
    await page.getByRole('option', { name, exact: true }).click()
  }
  await page.keyboard.press('Escape')
  // Two models, two points and 25 seeds each; no trial of it is missing.
  await expect(row(page, 493)).toContainText('n = 25')
  await page
    .getByRole('columnheader', { name: /^accuracy/ })
    .getByRole('button')
    .first()
    .click()
  await expect(page).toHaveURL(/sort=-metric.accuracy/)
  await page.getByLabel('Search runs').fill('metric.acuracy > 0.5 ')
  await expect(page.getByText('No run has the metric "acuracy"; the nearest is "accuracy".')).toBeVisible()
  await page.getByLabel('Search runs').fill('')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('button', { name: 'As at the start' }).click()
  await page.keyboard.press('Escape')
  // All columns of the start fit.
  expect(await grid(page).evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
  await page.goto(page.url().replace(/#.*/, '#/history'))
})

test('runs that differ only in their seeds are one line until it is opened', async ({ page }) => {
  await page.getByRole('button', { name: /^Groups:/ }).click()
  await page.getByRole('option', { name: /^Collapse seeds/ }).click()
  await found(page, '6 groups')
  const first = grid(page).getByRole('row').nth(1)
  await expect(first).toHaveAttribute('aria-expanded', 'false')
  await grid(page).focus()
  await page.keyboard.press('ArrowRight')
  await expect(first).toHaveAttribute('aria-expanded', 'true')
  await expectAccessible(page)
  await page.keyboard.press('ArrowLeft')
  await expect(first).toHaveAttribute('aria-expanded', 'false')
})

test('what is thrown away comes back, until it is deleted for good', async ({ page }) => {
  await page.getByRole('checkbox', { name: `Select ${nameOf(498)}` }).click()
  await page.getByRole('checkbox', { name: `Select ${nameOf(497)}` }).click()
  const bar = page.getByRole('toolbar', { name: 'Selected runs' })
  await bar.getByRole('button', { name: 'Trash' }).click()
  await found(page, '498 runs')
  await page.getByRole('button', { name: 'Undo' }).click()
  await found(page, '500 runs')

  await page.getByRole('checkbox', { name: `Select ${nameOf(498)}` }).click()
  await page.getByRole('checkbox', { name: `Select ${nameOf(497)}` }).click()
  await grid(page).focus()
  await page.keyboard.press('Delete')
  await found(page, '498 runs')
  await page.getByRole('button', { name: 'Trash (2)' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Trash' })).toBeVisible()
  await page.getByRole('checkbox', { name: `Select ${nameOf(498)}` }).click()
  await bar.getByRole('button', { name: 'Restore' }).click()
  await found(page, '1 run')
  await page.getByRole('checkbox', { name: `Select ${nameOf(497)}` }).click()
  await bar.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep in the trash' }).click()
  await expect(row(page, 497)).toBeVisible()
  await bar.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete for good' }).click()
  await expect(page.getByText('The trash is empty')).toBeVisible()
  await page.getByRole('button', { name: 'Back to History' }).first().click()
  await found(page, '499 runs')
  await expect(row(page, 498)).toBeVisible()
})

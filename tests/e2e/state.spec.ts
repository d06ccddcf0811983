/** What was looked at comes back: after another page, after going back, and after a reload. */
import type { Page } from '@playwright/test'
import { ask, expect, go, test } from './fixtures.ts'
import { nameOf, storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 90, 3) } })

const link = (page: Page, name: string) => page.getByRole('navigation').first().getByRole('link', { name })
/** Settings are written half a second after the last change. */
const written = (page: Page): Promise<void> => page.waitForTimeout(800)

test('Compare comes back with its runs and all that was chosen, and the address holds it', async ({ page }) => {
  await go(page, '/compare?runs=run0,run3')
  await page.getByRole('combobox', { name: 'Metric' }).click()
  await page.getByRole('option', { name: /^Compute time/ }).click()
  await page.getByRole('combobox', { name: 'Compare at' }).click()
  await page.getByRole('option', { name: /= 10$/ }).click()
  const hidden = page.getByRole('group', { name: 'Models shown' }).getByRole('button').first()
  await hidden.click()
  await expect(page).toHaveURL(/metric=elapsedMs.*place=1.*without=/)
  const there = async (): Promise<void> => {
    await expect(page.getByRole('combobox', { name: 'Metric' })).toHaveText(/Compute time/)
    await expect(page.getByRole('combobox', { name: 'Compare at' })).toHaveText(/= 10/)
    await expect(hidden).toHaveAttribute('aria-pressed', 'false')
  }
  await link(page, 'Settings').click()
  await link(page, 'Compare').click()
  await there()
  await written(page)
  await page.reload()
  await there()
  await link(page, 'Settings').click()
  await page.goBack()
  await there()
  // From a fresh start, too, the sidebar leads to where it was left.
  await page.evaluate(() => (location.hash = ''))
  await page.reload()
  await link(page, 'Compare').click()
  await there()
})

test('Free recall comes back with its models and the tab that was open', async ({ page }) => {
  await go(page, '/recall?sets=&runs=run2')
  await link(page, 'Settings').click()
  await link(page, 'Free recall').click()
  await expect(page).toHaveURL(/recall\?sets=&runs=run2/)
  await page.getByRole('tab', { name: 'Summary' }).click()
  await page.reload()
  await expect(page.getByRole('tab', { name: 'Summary' })).toHaveAttribute('aria-selected', 'true')
})

test('History comes back with its search, its order and where it was scrolled to', async ({ page }) => {
  await ask(page, 'settings.set', { layout: { 'history-grouping': 'none' } })
  await page.reload()
  await link(page, 'History').click()
  await page.getByRole('columnheader', { name: /^Name/ }).getByRole('button').first().click()
  const grid = page.getByRole('treegrid')
  await expect(grid.getByRole('row', { name: nameOf(0) })).toBeVisible()
  await grid.evaluate((element) => (element.scrollTop = 1200))
  await expect(grid.getByRole('row', { name: nameOf(40) })).toBeVisible()
  await written(page)
  await link(page, 'Settings').click()
  await link(page, 'History').click()
  await expect(grid.getByRole('row', { name: nameOf(40) })).toBeVisible()
  await page
    .getByRole('textbox', { name: /Search|Filter/ })
    .or(page.getByRole('combobox', { name: /Search|Filter/ }))
    .first()
    .fill('task = contiguity')
  await expect(page).toHaveURL(/find=task/)
  await written(page)
  await page.reload()
  await expect(page.getByText('30 runs found')).toBeVisible()
  await expect(page).toHaveURL(/sort=name/)
})

test('keys act on the selected run, also after a click, wherever the keyboard was', async ({ page }) => {
  await ask(page, 'settings.set', { layout: { 'history-grouping': 'none' } })
  await page.reload()
  await go(page, '/history')
  // Without an order in the address the newest run comes first.
  await expect(page.getByRole('row').nth(1)).toContainText(nameOf(89))
  const row = (i: number) => page.getByRole('row', { name: nameOf(i) })
  await row(87).getByRole('gridcell').nth(2).click()
  await page.keyboard.press('t')
  await page.keyboard.type('clicked')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await ask(page, 'runs.get', { id: 'run87' })).tags).toEqual(['clicked'])
  await page.keyboard.press('Escape')
  // Selected by its box: the note lands there, not on the row that the keyboard was on.
  await page.getByRole('checkbox', { name: `Select ${nameOf(85)}` }).click()
  await page.keyboard.press('n')
  await page.keyboard.type('here')
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await ask(page, 'runs.get', { id: 'run85' })).notes).toContain('here')
  expect((await ask(page, 'runs.get', { id: 'run87' })).notes).toBe('')
})

test('a run is renamed, tagged and noted on its own page', async ({ page }) => {
  await go(page, '/run/run5')
  await page.getByRole('button', { name: 'Name, tags and note' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Renamed here')
  await page.getByRole('textbox', { name: 'Name' }).press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Renamed here' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Tags' }).fill('one, two')
  await page.getByRole('textbox', { name: 'Tags' }).press('Enter')
  await page.getByRole('textbox', { name: 'Note' }).fill('A note.')
  await page.getByRole('textbox', { name: 'Note' }).blur()
  const said = async () => {
    const { tags, notes } = await ask(page, 'runs.get', { id: 'run5' })
    return { tags, notes }
  }
  await expect.poll(said).toEqual({ tags: ['one', 'two'], notes: 'A note.' })
})

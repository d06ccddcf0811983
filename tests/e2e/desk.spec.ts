/** The desk: comparison down to single trials and a baseline, and no broken rule of accessibility in any of it. */
import { expectAccessible } from './axe.ts'
import { unfold } from './fold.ts'
import { ask, expect, test } from './fixtures.ts'
import { storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 4, 6) } })

for (const theme of ['light', 'dark'] as const)
  test(`a comparison is brushed by keyboard, ranked, and opened down to a trial, in the ${theme} theme`, async ({
    page
  }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.evaluate(() => (location.hash = '#/compare?runs=run0,run3'))
    await expect(page.getByRole('heading', { name: 'Ranks over all points' })).toBeVisible()
    await unfold(page)
    await expect(page.getByRole('heading', { name: /^What .* depends on$/ })).toBeVisible()
    const handle = page.getByRole('slider', { name: /^Lowest .* kept$/ }).last()
    await handle.focus()
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowUp')
    await expect(page.getByText(/^\d+ of \d+ kept$/)).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Clear the brushes' }).click()
    await page.getByTitle('The trials behind it').first().click()
    await page.getByRole('button', { name: 'Open the trial of seed 2' }).click()
    await expect(page.getByRole('dialog').last()).toContainText('Metrics')
    await expectAccessible(page)
  })

test('History keeps a baseline and shows how far runs lie from it, at twice the size too', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 450 })
  const { layout } = await ask(page, 'settings.get', {})
  await ask(page, 'settings.set', { layout: { ...layout, 'history-grouping': 'none' } })
  await page.reload()
  await page.getByRole('link', { name: 'History' }).click()
  await expect(page.getByRole('treegrid')).toBeVisible()
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('checkbox', { name: 'Select Run 0000' }).click()
  await page.getByRole('button', { name: 'Pin as baseline' }).click()
  await expect(page.getByRole('columnheader', { name: /Δ baseline/ })).toBeVisible()
  await expectAccessible(page)
})

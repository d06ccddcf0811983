import { readFileSync } from 'node:fs'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

test('the cost model answers at once, marks what is wrong, exports, and comes back from its address', async ({
  page
}) => {
  await page.getByRole('navigation').first().getByRole('link', { name: 'Cost' }).click()
  const values = page.getByRole('table', { name: 'Costs at the cursor' })
  const attention = values.getByRole('row', { name: /^Attention/ })
  await expect(attention).toContainText('285 MFLOP')
  await expect(page.getByText('From L = 127 on episodic memory is cheaper than attention.')).toBeVisible()

  // One step of the slider, by keyboard.
  await page.getByRole('slider', { name: 'Hidden size, slider' }).press('ArrowRight')
  await expect(page.getByRole('textbox', { name: /Hidden size/ })).toHaveValue('1024')
  await expect(attention).toContainText('1.11 GFLOP')

  // Heads that do not divide d are marked, and the chart keeps what was sound.
  const heads = page.getByRole('textbox', { name: /Heads/ })
  await heads.fill('7')
  await expect(heads).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByText('Heads (7) must divide d (1024).')).toBeVisible()
  await expect(attention).toContainText('1.11 GFLOP')
  await heads.fill('16')
  await expect(heads).not.toHaveAttribute('aria-invalid', 'true')

  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'Values as CSV' }).click()
  const lines = readFileSync(await (await downloading).path(), 'utf8').split('\r\n')
  expect(lines[0]).toBe('set,memory,view,quantity,L,value,unit')
  // 8 d^2 and one pair of token and seen token, 4 d.
  expect(lines[1]).toBe(`A,attention,exact,sequence,1,${8 * 1024 ** 2 + 4 * 1024},FLOP`)

  await expect(page).toHaveURL(/d%3A1024/)
  await page.reload()
  await expect(page.getByRole('textbox', { name: /Hidden size/ })).toHaveValue('1024')
  await page.evaluate(() => (location.hash = '/cost?x=rho'))
  await expect(page.getByText('at ρ = 1 every row is updated')).toBeVisible()
  for (const tab of ['Breakdown', 'Formulas', 'Equal cost', 'Measured']) {
    await page.getByRole('tab', { name: tab }).click()
    await expectAccessible(page)
  }
})

test('what is measured is laid beside the prediction', async ({ page }) => {
  test.setTimeout(120_000)
  await ask(page, 'settings.set', { backend: 'wasm' })
  await page.goto(`${page.url().split('#')[0]}#/cost?m=attention,episodic&p=A~d:32,M:16&tab=measured`)
  await page.getByRole('button', { name: 'Measure on this machine' }).click()
  await page.getByLabel('Values').fill('8, 16, 32')
  await page.getByLabel('Repetitions').fill('3')
  await page.getByRole('dialog').getByRole('button', { name: 'Measure', exact: true }).click()
  const table = page.getByRole('table', { name: 'Exponents and efficiency' })
  await expect(table.getByRole('row', { name: /^Attention/ })).toBeVisible({ timeout: 60_000 })
  await expect.poll(async () => (await ask(page, 'measurements.list', {}))[0].status, { timeout: 60_000 }).toBe('done')
  await expect(table.getByRole('row', { name: /^Episodic memory/ })).toContainText('4 KiB')
  await expectAccessible(page)
})

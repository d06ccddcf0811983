/** The guide inside the app: reached from an empty page and from the palette, its chapters with their pictures. */
import { expect, test } from './fixtures.ts'

test('the guide opens from an empty page and from the palette, and every chapter shows its pictures', async ({
  page
}) => {
  await page.getByRole('navigation').first().getByRole('link', { name: 'Reports' }).click()
  await page.getByRole('button', { name: 'Read the guide' }).click()
  await expect(page.getByRole('heading', { name: 'From run to paper' })).toBeVisible()
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('read the guide')
  await expect(page.getByRole('option', { selected: true, name: 'Read the guide' })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'A first run' })).toBeVisible()
  const links = await page
    .locator('main a[href^="#/guide/"]')
    .evaluateAll((all) => all.map((a) => a.getAttribute('href')!))
  expect(new Set(links).size).toBe(8)
  let pictures = 0
  for (const address of new Set(links)) {
    await page.evaluate((to) => (location.hash = to), address)
    await expect(page.locator(`main a[href="${address}"]`).first()).toHaveAttribute('aria-current', 'page')
    const shown = page.getByRole('main').getByRole('img')
    for (const picture of await shown.all())
      await expect.poll(() => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(0)
    pictures += await shown.count()
  }
  expect(pictures).toBeGreaterThan(5)
})

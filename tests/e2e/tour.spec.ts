import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

test('a studio without runs offers a tour once, which leads through the pages and stays away when it is ended', async ({
  page
}) => {
  const tour = page.getByRole('region', { name: 'Tour' })
  await page.getByRole('button', { name: 'Take the tour' }).click()
  await expect(page).toHaveURL(/#\/compose/)
  await expect(tour).toContainText('1 of 5')
  await expectAccessible(page)
  for (let i = 0; i < 3; i++) await tour.getByRole('button', { name: /^Next/ }).click()
  await expect(page).toHaveURL(/#\/history/)
  await tour.getByRole('button', { name: /^Next/ }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible()
  await tour.getByRole('button', { name: 'End the tour' }).click()
  await expect(tour).toBeHidden()
  await expect.poll(async () => (await ask(page, 'settings.get', {})).layout.tour, { intervals: [200] }).toBe('over')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(tour).toBeHidden()
})

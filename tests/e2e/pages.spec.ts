import { expectAccessible } from './axe.ts'
import { expect, test } from './fixtures.ts'

for (const theme of ['light', 'dark'] as const)
  test(`every page breaks no rule of accessibility in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    const links = page.getByRole('navigation').first().getByRole('link')
    const count = await links.count()
    expect(count).toBeGreaterThan(0)
    for (let i = 0; i < count; i++) {
      await test.step((await links.nth(i).textContent()) ?? '', async () => {
        await links.nth(i).click()
        await expect(links.nth(i)).toHaveAttribute('aria-current', 'page')
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expectAccessible(page)
      })
    }
  })

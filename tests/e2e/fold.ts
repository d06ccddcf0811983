import { expect, type Page } from '@playwright/test'

/** Opens every part of the page that is folded, as soon as there is one that folds. */
export async function unfold(page: Page): Promise<void> {
  await expect(page.locator('h2 > button[aria-expanded]').first()).toBeVisible()
  const closed = page.locator('h2 > button[aria-expanded="false"]')
  for (let left = await closed.count(); left > 0; left = await closed.count()) await closed.first().click()
}

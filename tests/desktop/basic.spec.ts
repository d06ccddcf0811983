import { expect, test } from './desktop.ts'
test('opens', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  const page = await app.page()
  page.on('console', (m) => console.log(m.text()))
  await expect(page.getByRole('navigation').first()).toBeVisible()
  console.log(await page.evaluate(() => [location.href, Object.keys(window.engram ?? {})]), app.said())
  console.log(JSON.stringify(await page.evaluate(() => window.engram!.call('studio.info', {}))))
  console.log(await app.evaluate(({ app }) => app.getVersion()))
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, expect, host, test } from './fixtures.ts'
import { ended, startServe } from './server.ts'

test.skip(host === 'electron', 'The desktop window has no connection that could break.')
test.use({ expectedErrors: /WebSocket|Failed to load resource/ })

test('a broken connection is said, and heals without a new page', async ({ page }) => {
  const breaks: (() => void)[] = []
  let letThrough = false
  await page.routeWebSocket(/\/socket$/, (socket) => {
    if (breaks.length > 0 && !letThrough) return void socket.close()
    socket.connectToServer()
    breaks.push(() => void socket.close())
  })
  await page.reload()
  await expect(page.locator('#page-title')).toBeVisible()
  await page.evaluate(() => Object.assign(window, { samePage: true }))
  const banner = page.getByText(/The studio cannot be reached/).first()
  await expect(banner).toHaveCount(0)
  breaks[0]()
  await expect(banner).toBeVisible()
  letThrough = true
  await expect(banner).toHaveCount(0)
  expect(await page.evaluate(() => 'samePage' in window)).toBe(true)
})

test('a server that started anew does not know the browser; its new link lets it in again', async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-e2e-'))
  const context = await browser.newContext()
  const page = await context.newPage()
  let served = await startServe(folder)
  try {
    await page.goto(served.link)
    await expect(page.getByRole('main')).toBeVisible()
    const port = Number(new URL(served.origin).port)
    await ended(served.process, 'SIGKILL')
    await expect(page.getByText(/cannot be reached|connection/i).first()).toBeVisible()
    served = await startServe(folder, port)
    await expect(page.getByText(/link that its terminal shows/i).first()).toBeVisible({ timeout: 15_000 })
    await page.goto(served.link)
    await expect(page.getByRole('main')).toBeVisible()
    expect((await ask(page, 'studio.info', {})).host).toBe('serve')
  } finally {
    await served.stop()
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

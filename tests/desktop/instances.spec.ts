import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from '../e2e/fixtures.ts'
import { expect, test } from './desktop.ts'

test('--data says where everything lies', async ({ launch, dataFolder }) => {
  const page = await (await launch(dataFolder)).page()
  expect((await ask(page, 'studio.info', {})).dataFolder).toBe(dataFolder)
  expect(existsSync(join(dataFolder, 'engram.sqlite'))).toBe(true)
})

test('a second start on the same folder shows the window of the first and ends', async ({ launch, dataFolder }) => {
  const first = await launch(dataFolder)
  await first.page()
  await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].minimize())
  const called = first.evaluate(
    ({ app }) => new Promise<string[]>((resolve) => app.once('second-instance', (_event, argv) => resolve(argv)))
  )
  const second = await launch(dataFolder)
  expect(await second.ended).toBe(0)
  expect(await called).toContain(dataFolder)
  const windows = await first.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => window.isMinimized())
  )
  expect(windows).toEqual([false])
})

test('a start on another folder has a window of its own', async ({ launch, dataFolder }) => {
  const other = mkdtempSync(join(tmpdir(), 'engram-desktop-'))
  try {
    const apps = [await launch(dataFolder), await launch(other)]
    const pages = await Promise.all(apps.map((app) => app.page()))
    const folders = await Promise.all(pages.map(async (page) => (await ask(page, 'studio.info', {})).dataFolder))
    expect(folders).toEqual([dataFolder, other])
    await apps[1].stop()
  } finally {
    rmSync(other, { recursive: true, force: true, maxRetries: 5 })
  }
})

test('a folder that cannot be is refused in one sentence', async ({ launch, dataFolder }) => {
  const app = await launch(join(dataFolder, 'x'.repeat(300)))
  expect(await app.ended).toBe(1)
  expect(app.said()).toMatch(/^Engram Studio cannot start: \S+: [^\n]+\n$/)
})

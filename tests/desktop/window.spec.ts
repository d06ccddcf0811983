import { ask } from '../e2e/fixtures.ts'
import { expect, test } from './desktop.ts'

test('the menu has what every program has, and says which version this is', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  await app.page()
  const entries = await app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()!.items.map(({ label, role, submenu }) => ({
      name: role ?? label,
      items: submenu?.items.map((item) => ({ name: item.role ?? item.label, keys: item.accelerator }))
    }))
  )
  const roles = entries.flatMap(({ name, items = [] }) => [name, ...items.map((item) => item.name)])
  for (const role of ['editmenu', 'windowmenu', 'resetzoom', 'zoomin', 'zoomout', 'togglefullscreen', 'help'])
    expect(roles.map((name) => name.toLowerCase())).toContain(role)
  expect(roles).not.toContain('toggledevtools')
  const [about, version] = await app.evaluate(async ({ app, dialog, Menu }) => {
    const shown = new Promise<string>((resolve) => {
      dialog.showMessageBox = ((options: { message: string; detail?: string }) => {
        resolve(`${options.message}\n${options.detail}`)
        return Promise.resolve({ response: 0, checkboxChecked: false })
      }) as never
    })
    const help = Menu.getApplicationMenu()!.items.find(({ role }) => role === 'help')
    help!.submenu!.items.at(-1)!.click()
    return [await shown, app.getVersion()]
  })
  expect(about).toContain(`Engram Studio ${version}`)
  expect(about).toContain('never looks for a newer version by itself')
})

test('the page’s own shortcuts work', async ({ launch, dataFolder }) => {
  const page = await (await launch(dataFolder)).page()
  // Before a page stands there, no command is offered.
  await expect(page.locator('#page-title')).toBeVisible()
  await page.keyboard.press('Alt+2')
  await expect(page).not.toHaveURL(/#\/compose$/)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
})

test('a page that is loaded again finds what it showed', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  const page = await app.page()
  await page.getByRole('navigation').first().getByRole('link', { name: 'Settings' }).click()
  await page.evaluate(() => void Object.assign(window, { before: true }))
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.reload())
  await expect.poll(() => page.evaluate(() => 'before' in window).catch(() => true)).toBe(false)
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  expect((await ask(page, 'studio.info', {})).host).toBe('desktop')
})

test('a page whose process dies is loaded again; the studio goes on', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  await (await app.page()).getByRole('navigation').first().getByRole('link', { name: 'Settings' }).click()
  await app.evaluate(
    ({ BrowserWindow }) =>
      new Promise<void>((resolve) => {
        const [{ webContents }] = BrowserWindow.getAllWindows()
        webContents.once('render-process-gone', () => resolve())
        webContents.forcefullyCrashRenderer()
      })
  )
  await expect
    .poll(() =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]
          .webContents.executeJavaScript('document.querySelector("h1")?.textContent')
          .catch(() => undefined)
      )
    )
    .toBe('Settings')
})

test('a page cannot leave, open windows, or reach more than the contract', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  const page = await app.page()
  await expect(page.getByRole('navigation').first()).toBeVisible()
  const place = (): string => page.url().split('#')[0]
  const before = place()
  await page.evaluate(() => location.assign('https://example.org/'))
  await page.evaluate(() => void window.open('https://example.org/'))
  await expect(page.getByRole('navigation').first()).toBeVisible()
  expect(place()).toBe(before)
  await expect.poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  expect(await page.evaluate(() => [Object.keys(window.engram!), typeof require, typeof process])).toEqual([
    ['call', 'on'],
    'undefined',
    'undefined'
  ])
  expect(await page.evaluate(() => window.engram!.call('constructor' as never, {} as never))).toMatchObject({
    ok: false,
    error: { code: 'not-supported' }
  })
})

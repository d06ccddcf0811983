import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ask, expect, host, letIn, sessionOf, test } from './fixtures.ts'
import { tokenOf } from './server.ts'

test('the studio opens, with its engine ready', async ({ page }) => {
  await expect(page).toHaveTitle(/Engram Studio/)
  await expect(page.getByRole('main')).toBeVisible()
  await expect.poll(async () => (await ask(page, 'studio.info', {})).engine.state, { timeout: 30_000 }).toBe('ready')
  const info = await ask(page, 'studio.info', {})
  expect(info.host).toBe(host === 'electron' ? 'desktop' : 'serve')
  expect(info.backends.find((backend) => backend.name === 'wasm')).toMatchObject({ available: true })
})

test('the page can load nothing from elsewhere and run nothing inline', async ({ page }) => {
  const blocked = await page.evaluate(async () => {
    const violated: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective))
    const script = document.createElement('script')
    script.textContent = 'window.inlineRan = true'
    document.head.append(script)
    const image = new Image()
    image.src = 'https://example.com/pixel.png'
    await fetch('https://example.com/').catch(() => {})
    const frame = document.createElement('iframe')
    frame.src = 'https://example.com/'
    document.body.append(frame)
    const style = document.createElement('style')
    style.textContent = 'body { display: none }'
    document.head.append(style)
    // An event for each, the last of them the frame's.
    while (new Set(violated).size < 5) await new Promise((resolve) => setTimeout(resolve, 20))
    // Playwright's own call may evaluate text; what comes later may not.
    try {
      new Function('return 1')()
      violated.push('eval ran')
    } catch {
      violated.push('eval')
    }
    return { violated, inlineRan: 'inlineRan' in window, hidden: getComputedStyle(document.body).display }
  })
  expect(blocked.inlineRan).toBe(false)
  expect(blocked.hidden).not.toBe('none')
  expect(blocked.violated).toEqual(
    expect.arrayContaining(['script-src-elem', 'img-src', 'connect-src', 'eval', 'frame-src', 'style-src-elem'])
  )
})
test.use({ expectedErrors: /Content Security Policy|Refused to|violates the following/ })

test('the page knows nothing of Node or Electron', async ({ page }) => {
  expect(
    await page.evaluate(() => ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in window))
  ).toEqual([])
  expect(await page.evaluate(() => Object.keys(window.engram ?? { call: 0, on: 0 }))).toEqual(['call', 'on'])
})

test.describe('in a browser', () => {
  test.skip(host === 'electron', 'There is no server behind the desktop window.')

  test('the link works once; a tab without the session is told what to do', async ({ studio, browser, page }) => {
    await expect(page.getByRole('main')).toBeVisible()
    const stranger = await browser.newContext()
    const other = await stranger.newPage()
    for (const address of [studio.served!.link, studio.served!.origin]) {
      await other.goto(address)
      await expect(other.getByText(/Open the link that its terminal shows/).first()).toBeVisible()
    }
    await stranger.close()
  })

  test('an address opened in another tab of the same browser is let in, and both show what either does', async ({
    studio,
    browser,
    page
  }) => {
    const { origin } = studio.served!
    const context = await browser.newContext()
    const [first, second] = [await context.newPage(), await context.newPage()]
    await letIn(first, origin, await sessionOf(page))
    await first.goto(`${origin}/#/history`)
    await expect(first.locator('#page-title')).toHaveText('History')
    await second.goto(`${origin}/#/history`)
    await expect(second.locator('#page-title')).toHaveText('History')
    await second.getByRole('link', { name: 'Reports' }).click()
    await second.getByRole('button', { name: 'New report' }).first().click()
    await first.evaluate(() => (location.hash = '#/report'))
    await expect(first.getByText('Untitled report').first()).toBeVisible()
    // What it knows is of a studio that is gone: a tab that is let in has the new one.
    await second.evaluate(() => sessionStorage.setItem('engram.session', 'old'))
    await second.reload()
    await expect(second.locator('#page-title')).toBeVisible()
    await context.close()
  })

  test('a page of another site can neither read from the studio nor open its socket', async ({
    studio,
    browser,
    page
  }) => {
    const context = await browser.newContext()
    await letIn(context, studio.served!.origin, await sessionOf(page))
    const evil = await context.newPage()
    await context.route('http://evil.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Evil</title>' })
    )
    await evil.goto('http://evil.example/')
    const origin = studio.served!.origin
    expect(
      await evil.evaluate(
        (address) =>
          fetch(address, { credentials: 'include' }).then(
            () => 'read',
            () => 'refused'
          ),
        origin
      )
    ).toBe('refused')
    expect(
      await evil.evaluate(
        (address) =>
          new Promise((resolve) => {
            const socket = new WebSocket(`${address.replace('http', 'ws')}/socket`)
            socket.onopen = () => resolve('opened')
            socket.onerror = () => resolve('refused')
          }),
        origin
      )
    ).toBe('refused')
    await context.close()
  })

  test('another server of this machine is told nothing when the page is led to it', async ({
    studio,
    browser,
    page
  }) => {
    const told: string[] = []
    const evil = createServer((request, response) => {
      told.push(JSON.stringify([request.url, request.headers]))
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>Evil</title>')
    })
    await new Promise<void>((done) => evil.listen(0, '127.0.0.1', done))
    const secrets = [tokenOf(studio.served!), await sessionOf(page)]
    const { page: led, close } = await studio.open(browser)
    await led.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`)
    expect(told.length).toBeGreaterThan(0)
    for (const secret of secrets) expect(told.join()).not.toContain(secret)
    expect(told.join()).not.toContain('cookie')
    await close()
    await new Promise((done) => evil.close(done))
  })

  test('the token is nowhere in what the page keeps', async ({ studio, page }) => {
    const token = tokenOf(studio.served!)
    expect(page.url()).not.toContain(token)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect(await page.context().cookies()).toEqual([])
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain(token)
    expect(studio.served!.printed().split(token)).toHaveLength(2)
  })
})

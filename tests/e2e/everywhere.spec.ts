/** What holds on every page: palette and help, small windows, twice the size, reduced motion. */
import { unfold } from './fold.ts'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { ask, expect, go, test, letIn, sessionOf } from './fixtures.ts'
import { storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 3, 3) } })

const addresses = [
  '/compose',
  '/run',
  '/run/run0',
  '/compare',
  '/compare?runs=run0,run1',
  '/cost',
  '/recall',
  '/report',
  '/report/wide',
  '/history',
  '/models',
  '/models/task/capacity',
  '/settings'
]

/** What sticks out of the window where nothing scrolls, and what a page clips. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const controls = [...document.querySelectorAll('button, input, select, textarea, a, h1, h2')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect()
      return width > 0 && (left < -1 || right > innerWidth + 1) && !scrolls(element.parentElement)
    })
    const wide = [...document.querySelectorAll('html, .page > .content')].filter(
      (element) => element.scrollWidth > element.clientWidth + 1 && element.getAttribute('aria-label') !== 'History'
    )
    return [...controls, ...wide].map((element) => element.outerHTML.slice(0, 120))
  })

test('nothing is cut off or out of reach at 1024 by 700 and at twice the size', async ({ page, studio, browser }) => {
  const id = 'wide'
  const runs = ['run0']
  const blocks = [
    { id: 'a', kind: 'table', runs, metric: 'accuracy' },
    { id: 'b', kind: 'checklist', runs },
    { id: 'c', kind: 'methods', runs }
  ]
  const now = new Date().toISOString()
  await ask(page, 'reports.save', { report: { id, title: 'Wide', created: now, changed: now, blocks } as never })
  for (const viewport of [
    { width: 1024, height: 700 },
    { width: 720, height: 450 }
  ]) {
    // Twice the size is half the window in its own pixels, drawn with two to each.
    const context = await browser.newContext({ viewport, deviceScaleFactor: viewport.width < 1000 ? 2 : 1 })
    if (studio.served) await letIn(context, studio.served.origin, await sessionOf(page))
    const small = studio.served ? await context.newPage() : page
    if (studio.served) await small.goto(studio.served.origin)
    else await small.setViewportSize(viewport)
    for (const address of addresses) {
      await go(small, address)
      await expect(small.getByText(/^Loading/)).toHaveCount(0)
      expect(await cutOff(small), `${address} at ${viewport.width}`).toEqual([])
    }
    // The last thing of a long page and of the sidebar can be reached.
    await go(small, '/compare?runs=run0,run1')
    await unfold(small)
    const last = small.getByRole('switch', { name: 'Only what differs' })
    await last.scrollIntoViewIfNeeded()
    await expect(last).toBeInViewport()
    const tools = small.getByRole('button', { name: 'Keyboard shortcuts' })
    await tools.click()
    const dialog = small.getByRole('dialog')
    await expect(dialog).toBeVisible()
    const box = (await dialog.boundingBox())!
    expect(box.y).toBeGreaterThanOrEqual(0)
    expect(box.y + box.height).toBeLessThanOrEqual(viewport.height)
    await small.keyboard.press('Escape')
    await go(small, '/history')
    await small.getByRole('button', { name: 'Columns' }).click()
    await small.getByRole('button', { name: 'As at the start' }).scrollIntoViewIfNeeded()
    await expect(small.getByRole('button', { name: 'As at the start' })).toBeInViewport()
    await context.close()
  }
})

for (const theme of ['light', 'dark'] as const)
  test(`palette, help and dialogs break no rule of accessibility in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await go(page, '/history')
    await page.keyboard.press('ControlOrMeta+k')
    await expect(page.getByRole('option', { name: /Run 0002/ })).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.type('cost')
    await expect(page.getByRole('option', { selected: true, name: /^Go to Cost/ })).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/#\/cost/)

    await go(page, '/history')
    await page.keyboard.press('?')
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    for (const text of ['Command palette', 'Rename', 'Move to the trash', 'Select all that are found'])
      await expect(help.getByText(text, { exact: true })).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.press('Escape')

    await go(page, '/compare')
    await page.getByRole('button', { name: 'Choose runs' }).first().click()
    await expect(page.getByRole('dialog').getByText('Run 0002')).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.evaluate(() => (location.hash = '/nowhere'))
    await expect(page.getByRole('button', { name: 'Go to Compose' })).toBeVisible()
  })

test('with reduced motion nothing moves, and charts have the colours of the theme', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await go(page, '/compare?runs=run0,run1')
  await expect(page.getByRole('heading', { name: 'Ranks over all points' })).toBeVisible()
  const { colours, moving } = await page.evaluate(() => {
    // As charts read the tokens: one after the other, from one element.
    const probe = document.body.appendChild(document.createElement('span'))
    const read = (token: string): string => {
      probe.style.color = `var(${token})`
      return getComputedStyle(probe).color
    }
    return {
      colours: ['--text-soft', '--line', '--surface'].map(read),
      moving: document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 1).length
    }
  })
  expect(new Set(colours).size).toBe(3)
  expect(moving).toBe(0)
})

/**
 * Every page in four sizes and both themes: nothing overflows, no text is cut, no word broken, no label over another, on
 * the page and on the charts.
 */
import type { Page } from '@playwright/test'
import { ask, expect, test } from './fixtures.ts'
import { storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 3, 3) } })

const sizes = [
  { width: 1440, height: 900 },
  { width: 1280, height: 800 },
  { width: 1024, height: 700 },
  { width: 720, height: 900 }
]
/** What there is to see on each page of the sidebar, by its id: a page that is missing here fails the test. */
const views: Record<string, string[]> = {
  compose: ['/compose', '/compose?example=quickstart.json'],
  run: ['/run', '/run/run0'],
  compare: ['/compare', '/compare?runs=run0,run1'],
  // Lines that cross close to each other; and every other tab.
  cost: ['/cost?m=attention,neural,episodic,hybrid&q=state', '/cost?tab=breakdown', '/cost?tab=equal', '/cost?by=M'],
  recall: ['/recall?sets=SIMULATED'],
  report: ['/report', '/report/looked-at'],
  history: ['/history'],
  models: ['/models', '/models/model/cmr-luce', '/models/task/capacity'],
  computers: ['/computers'],
  settings: ['/settings'],
  guide: ['/guide/first-run', '/guide/cost']
}

/** Remembers where a chart writes, until it is drawn anew: the boxes of its ticks, titles and labels. */
function noteTexts(): void {
  const all = new Map<HTMLCanvasElement, { text: string; box: DOMRect }[]>()
  Object.assign(globalThis, { drawnTexts: all })
  const draw = CanvasRenderingContext2D.prototype
  const { clearRect, fillText } = draw
  draw.clearRect = function (x, y, width, height) {
    if (width >= this.canvas.width / devicePixelRatio - 1) all.set(this.canvas, [])
    clearRect.call(this, x, y, width, height)
  }
  draw.fillText = function (text, x, y, most) {
    const size = this.measureText(text)
    const matrix = this.getTransform()
    const corners = [
      [x - size.actualBoundingBoxLeft, y - size.actualBoundingBoxAscent],
      [x + size.actualBoundingBoxRight, y - size.actualBoundingBoxAscent],
      [x - size.actualBoundingBoxLeft, y + size.actualBoundingBoxDescent],
      [x + size.actualBoundingBoxRight, y + size.actualBoundingBoxDescent]
    ].map(([px, py]) => matrix.transformPoint({ x: px, y: py }))
    const [xs, ys] = [corners.map((c) => c.x), corners.map((c) => c.y)]
    const [left, top] = [Math.min(...xs), Math.min(...ys)]
    const box = new DOMRect(left, top, Math.max(...xs) - left, Math.max(...ys) - top)
    if (text.trim()) all.get(this.canvas)?.push({ text, box })
    fillText.call(this, text, x, y, most)
  }
}

/** All that stands on the charts of the page. */
const written = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...(globalThis as unknown as { drawnTexts: Map<HTMLCanvasElement, { text: string }[]> }).drawnTexts]
      .filter(([canvas]) => canvas.isConnected)
      .flatMap(([, texts]) => texts.map(({ text }) => text))
  )

/** What is wrong with the page as it is drawn, in words. */
const faults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const out: string[] = []
    const { drawnTexts } = globalThis as unknown as {
      drawnTexts: Map<HTMLCanvasElement, { text: string; box: DOMRect }[]>
    }
    for (const [canvas, texts] of drawnTexts) {
      if (!canvas.isConnected) {
        drawnTexts.delete(canvas)
        continue
      }
      for (const [i, a] of texts.entries()) {
        const { left, right, top, bottom } = a.box
        if (left < -1 || top < -1 || right > canvas.width + 1 || bottom > canvas.height + 1)
          out.push(`cut on a chart: ${a.text}`)
        for (const b of texts.slice(i + 1)) {
          const across = Math.min(right, b.box.right) - Math.max(left, b.box.left)
          const down = Math.min(bottom, b.box.bottom) - Math.max(top, b.box.top)
          if (across > 1 && down > 1) out.push(`over each other on a chart: ${a.text} | ${b.text}`)
        }
      }
    }
    // From 1440 on no table needs to be scrolled sideways.
    if (innerWidth >= 1440)
      for (const table of document.querySelectorAll('main table, main [role="treegrid"]')) {
        const place = table.getAttribute('role') ? table : (table.parentElement ?? table)
        if (place.scrollWidth > place.clientWidth + 1)
          out.push(`table overflows: ${place.getAttribute('aria-label') ?? table.textContent?.slice(0, 40)}`)
      }
    const scrolls = (element: Element | null): boolean =>
      element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    for (const element of document.querySelectorAll('html, .page > .content'))
      if (element.scrollWidth > element.clientWidth + 1)
        out.push(`overflows: ${element.tagName} ${element.getAttribute('aria-label') ?? ''}`)
    const range = document.createRange()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? ''
      const parent = node.parentElement
      if (
        !text.trim() ||
        !parent ||
        parent.closest('.katex, pre, code, .hidden-text, [hidden], textarea, select, nav[aria-label="Pages"]')
      )
        continue
      const style = getComputedStyle(parent)
      if (!parent.checkVisibility({ visibilityProperty: true })) continue
      // A word is broken where its letters stand on two lines; long ones and those with joints may be.
      if (style.whiteSpace !== 'nowrap')
        for (const { 0: word, index } of text.matchAll(/\p{L}{2,18}/gu)) {
          range.setStart(node, index)
          range.setEnd(node, index + word.length)
          const lines = new Set(
            [...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top))
          )
          if (lines.size > 1) out.push(`broken word: ${word}`)
        }
      // Text that ends at an edge without a sign that it goes on.
      const clips = parent.closest<HTMLElement>('*')
      if (
        clips &&
        style.overflowX === 'hidden' &&
        style.textOverflow !== 'ellipsis' &&
        clips.scrollWidth > clips.clientWidth + 2 &&
        !scrolls(clips.parentElement)
      )
        out.push(`cut: ${text.trim().slice(0, 40)}`)
    }
    const boxes = [...document.querySelectorAll('main button, main input, main a, main [role="combobox"]')]
      // What a closed fold holds has a place, but is not there.
      .filter(
        (element) => element.checkVisibility() && !element.closest('[role="treegrid"], .hidden-text, figure, label')
      )
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1)
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
        if (across > 2 && down > 2 && !scrolls(a.element.parentElement?.closest('nav') ?? null))
          out.push(
            `over each other: ${a.element.textContent?.trim().slice(0, 30)} | ${b.element.textContent?.trim().slice(0, 30)}`
          )
      }
    return [...new Set(out)]
  })

test('every page looks right in four sizes and both themes', async ({ page }) => {
  test.setTimeout(600_000)
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
  await expect(links.first()).toBeVisible()
  const ids = await links.evaluateAll((all) => all.map((a) => /^#\/(\w+)/.exec(a.getAttribute('href') ?? '')?.[1]))
  expect(ids).toEqual(Object.keys(views))
  const set = await ask(page, 'recall.simulate', {})
  const created = '2026-01-01T00:00:00.000Z'
  const runs = ['run0']
  const blocks = [
    { id: 'a', kind: 'figure', runs },
    { id: 'b', kind: 'table', runs, metric: 'accuracy' },
    { id: 'c', kind: 'benchmark', runs },
    { id: 'd', kind: 'checklist', runs }
  ]
  await ask(page, 'reports.save', {
    report: { id: 'looked-at', title: 'Looked at', created, changed: created, blocks } as never
  })
  await page.addInitScript(noteTexts)
  await page.reload()
  const wrong: string[] = []
  for (const theme of ['light', 'dark'] as const)
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      for (const address of Object.values(views).flat()) {
        await page.evaluate((to) => (location.hash = to), address.replace('SIMULATED', set.id))
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.getByText(/^(Loading|Reading)/)).toHaveCount(0)
        if (address === '/run/run0') await expect.poll(() => written(page)).toContain('Accuracy ↑')
        for (const fault of await faults(page)) wrong.push(`${address} ${size.width} ${theme}: ${fault}`)
      }
    }
  expect(wrong).toEqual([])
})

test('labels of the gallery’s figures do not lie over each other', async ({ page }) => {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  for (const { file } of await ask(page, 'examples.list', {})) {
    const figure = await ask(page, 'examples.figure', { file, dark: false })
    if (!figure) continue
    const overlaps = await page.evaluate((svg) => {
      const element = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement
      const placed = document.body.appendChild(document.importNode(element, true))
      const texts = [...placed.querySelectorAll('text')].map((text) => ({
        text: text.textContent,
        box: text.getBoundingClientRect()
      }))
      placed.remove()
      return texts.flatMap((a, i) =>
        texts.slice(i + 1).flatMap((b) => {
          const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
          const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
          return across > 1 && down > 3 ? [`${a.text} | ${b.text}`] : []
        })
      )
    }, figure.svg)
    expect(overlaps, file).toEqual([])
  }
})

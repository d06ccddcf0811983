/**
 * Every page in four sizes and both themes: nothing overflows, no text is cut, no word broken, no label over another, on
 * the page and on the charts.
 */
import { faults, noteTexts, written } from './faults.ts'
import { ask, expect, go, test } from './fixtures.ts'
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
        await go(page, address.replace('SIMULATED', set.id))
        await expect(page.getByText(/^(Loading|Reading)/)).toHaveCount(0)
        if (address === '/run/run0') await expect.poll(() => written(page)).toContain('Accuracy ↑')
        for (const fault of await faults(page)) wrong.push(`${address} ${size.width} ${theme}: ${fault}`)
      }
    }
  expect(wrong).toEqual([])
})

/** A fault as it would stand on a page, in HTML or as texts at places of a chart, and what is said of it. */
const planted: { said: RegExp; html?: string; chart?: [text: string, x: number, y: number][] }[] = [
  {
    said: /^the window scrolls beside its page$/,
    html: '<p style="position: absolute; top: 3000px">Below</p>'
  },
  { said: /^overflows: /, html: '<p style="width: 4000px">Wide</p>' },
  {
    said: /^table overflows: /,
    html: '<div style="width: 200px; overflow: auto"><table><tr><td style="min-width: 900px">Wide</td></tr></table></div>'
  },
  {
    said: /^broken word: Recollection$/,
    html: '<p style="width: 40px; overflow-wrap: anywhere">Recollection</p>'
  },
  {
    said: /^cut: A label that is longer/,
    html: '<p style="width: 60px; overflow: hidden; white-space: nowrap">A label that is longer</p>'
  },
  {
    said: /^text over text: Below \| Above$/,
    html: '<p style="position: relative">Below<b style="position: absolute; left: 0; top: 2px">Above</b></p>'
  },
  {
    said: /^over each other: One \| Two$/,
    html: '<p style="position: relative"><button>One</button><button style="position: absolute; left: 4px; top: 4px">Two</button></p>'
  },
  {
    said: /^over each other on a chart: Items \| Accuracy$/,
    chart: [
      ['Items', 60, 40],
      ['Accuracy', 70, 44]
    ]
  },
  { said: /^cut on a chart: Accuracy$/, chart: [['Accuracy', 380, 40]] }
]

test('each kind of fault is found where it is planted, and nothing is said without one', async ({ page }) => {
  await page.setViewportSize(sizes[0])
  await page.addInitScript(noteTexts)
  await page.reload()
  await go(page, '/computers')
  for (const { said, html = '', chart = [] } of planted) {
    expect(await faults(page)).toEqual([])
    await page.evaluate(
      ({ html, chart }) => {
        const place = document.querySelector('.page > .content')!.appendChild(document.createElement('div'))
        place.id = 'planted'
        place.innerHTML = html || '<canvas width="400" height="80"></canvas>'
        place.scrollIntoView()
        const drawn = place.querySelector('canvas')?.getContext('2d')
        drawn?.clearRect(0, 0, 400, 80)
        for (const [text, x, y] of chart) drawn?.fillText(text, x, y)
      },
      { html, chart }
    )
    expect(
      (await faults(page)).filter((fault) => said.test(fault)),
      String(said)
    ).toHaveLength(1)
    await page.evaluate(() => document.getElementById('planted')!.remove())
  }
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

/** Names that want to be more than names, in every field that has one: no element, no handler, no broken layout. */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from '@playwright/test'
import { ask, expect, go, test, exportedFrom } from './fixtures.ts'

const payloads = [
  '<img src=x onerror=window.owned=1>',
  '"><script>window.owned=1</script>',
  '" onmouseover="window.owned=1" x="',
  "'-window.owned=1-'",
  '{{7*7}}${7*7}',
  '=cmd()|calc',
  '\u202Egnp.exe',
  '🧠👩‍👩‍👧‍👦é',
  'W'.repeat(90)
]
/** All of them in as much room as a name has. */
const hostile = payloads.join(' ').slice(0, 199)
const short = payloads.slice(0, 3).join(' ')

const csv = ['subject,list,position,trial_type,item']
for (let s = 1; s <= 2; s++)
  for (const type of ['study', 'recall'])
    for (let i = 1; i <= 4; i++) csv.push(`${s},1,${i},${type},${payloads[i - 1].replace(/[",]/g, '')}${i}`)

interface Seeded {
  run: string
  report: string
  dataset: string
}
let seeded: Seeded | undefined

async function seed(page: Page): Promise<Seeded> {
  if (seeded) return seeded
  const experiment = {
    format: 'engram-experiment/1',
    name: hostile,
    description: hostile,
    task: { kind: 'capacity', params: { dim: 8 } },
    models: [
      { kind: 'linear-associator', label: payloads[0] },
      { kind: 'delta-rule', label: payloads[1] },
      { kind: 'fast-weights', label: payloads[8] },
      { kind: 'context-drift', label: `${payloads[5]} ${payloads[6]}` }
    ],
    sweep: [{ param: 'task.items', values: [2, 4] }],
    seeds: { first: 0, count: 3 },
    backend: 'wasm'
  }
  const { id: run } = await ask(page, 'runs.start', { experiment })
  await expect.poll(async () => (await ask(page, 'runs.get', { id: run })).status, { timeout: 60_000 }).toBe('done')
  await ask(page, 'runs.update', {
    ids: [run],
    notes: `# ${short}\n\n[a](javascript:alert(1)) ${hostile}`,
    addTags: payloads
  })
  const content = Buffer.from('1,0\n0,1\n1,1\n').toString('base64')
  await ask(page, 'vectors.import', { name: `${payloads[0]}.csv`, content })
  await ask(page, 'recall.import', { name: hostile, text: csv.join('\n') })
  const dataset = (await ask(page, 'recall.list', {}))[0].id
  const now = new Date().toISOString()
  const blocks = [
    {
      id: 'text',
      kind: 'text',
      markdown: `# ${hostile}\n\n${payloads.join('\n\n')}\n\n[x](javascript:window.owned=1)`
    },
    { id: 'figure', kind: 'figure', runs: [run], metric: 'accuracy', caption: hostile },
    { id: 'table', kind: 'table', runs: [run], metric: 'accuracy', caption: hostile },
    ...(['derived', 'notes', 'methods', 'checklist', 'runs'] as const).map((kind) => ({ id: kind, kind, runs: [run] }))
  ]
  await ask(page, 'reports.save', {
    report: { id: 'hostile', title: hostile, created: now, changed: now, blocks } as never
  })
  const { layout } = await ask(page, 'settings.get', {})
  const filter = { text: hostile, task: '', model: '', status: '', tag: '', from: '', to: '', trashed: false }
  const view = { name: hostile.slice(0, 99), filter, sort: { key: 'created', descending: true }, grouping: 'none' }
  await ask(page, 'settings.set', {
    layout: {
      ...layout,
      compose: experiment,
      'history-grouping': 'none',
      'history-views': [view],
      'history-baseline': { id: run, name: hostile },
      cost: { last: '', views: [{ name: hostile, query: '' }] }
    } as never
  })
  await page.reload()
  return (seeded = { run, report: 'hostile', dataset })
}

/** Nothing came of a name but text, and the page is no wider than its window. */
async function harmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    owned: 'owned' in window,
    elements: [...document.querySelectorAll('*')]
      .filter(
        (element) =>
          [...element.attributes].some(({ name }) => name.startsWith('on')) ||
          /^javascript:/i.test(element.getAttribute('href') ?? '') ||
          (element.matches('img, iframe, object, embed') && !element.closest('.katex'))
      )
      .map((element) => element.outerHTML.slice(0, 80)),
    inline: [...document.querySelectorAll('script:not([src], [type="application/json"])')].filter(({ textContent }) =>
      textContent?.includes('owned')
    ).length,
    wider: [...document.querySelectorAll('html, .page > .content, [role=dialog] .dialog-body')]
      .filter(
        (element) =>
          element.scrollWidth > element.clientWidth + 1 &&
          !['History', 'Trash'].includes(element.getAttribute('aria-label') ?? '')
      )
      .map((element) => `${element.className} by ${element.scrollWidth - element.clientWidth}`)
  }))
  expect(found, where).toEqual({ owned: false, elements: [], inline: 0, wider: [] })
}

test('payloads in every name stay text on every page, and every page keeps its width', async ({ page }) => {
  const { run, report, dataset } = await seed(page)
  await page.setViewportSize({ width: 1024, height: 700 })
  const steps: [string, (() => Promise<unknown>)?][] = [
    ['/compose'],
    ['/run'],
    [`/run/${run}`, () => page.getByRole('tab', { name: 'Provenance' }).click()],
    [`/compare?runs=${run}`, () => page.getByTitle('The trials behind it').first().click()],
    ['/compare', () => page.getByRole('button', { name: 'Choose runs' }).first().click()],
    ['/history', () => page.getByRole('button', { name: 'Views' }).click()],
    ['/cost', () => page.getByRole('button', { name: 'Views' }).click()],
    [`/recall/${dataset}`],
    ['/report'],
    [`/report/${report}`]
  ]
  for (const [address, act] of steps) {
    await go(page, address)
    await expect(page.getByText(/^Loading/)).toHaveCount(0)
    await act?.()
    await harmless(page, address)
    await page.keyboard.press('Escape')
  }
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('option', { name: /onerror/ }).first()).toBeVisible()
  await harmless(page, 'the palette')
})

/** Read a file as a reader would, with scripts on and no network. */
async function read(browser: Browser, html: string): Promise<void> {
  const context = await browser.newContext({ offline: true })
  const reader = await context.newPage()
  const said: string[] = []
  reader.on('dialog', (dialog) => (said.push(dialog.message()), void dialog.dismiss()))
  reader.on('request', (request) => said.push(request.url()))
  await reader.setContent(html)
  await expect(reader.locator('#engram-verification')).toHaveText(/match\.$/)
  await expect(reader.locator('body')).toContainText('<img src=x onerror=window.owned=1>')
  await harmless(reader, 'the exported report')
  expect(said).toEqual([])
  await context.close()
}

test('payloads stay text in every file that leaves the studio', async ({ page, browser }) => {
  const { run, report } = await seed(page)
  await read(browser, (await exportedFrom(page, { ids: [run], format: 'html' })).content)
  await read(browser, (await exportedFrom(page, { report: report, format: 'html' })).content)
  for (const format of ['csv-long', 'csv-wide', 'csv-pivot'] as const) {
    const { content } = await exportedFrom(page, { ids: [run], format })
    // A spreadsheet takes no cell for a formula.
    expect(content, format).not.toMatch(/(^|,|\n)"?=cmd/)
  }
  for (const { content } of [
    await exportedFrom(page, { ids: [run], format: 'latex' }),
    await exportedFrom(page, { report: report, format: 'latex' })
  ]) {
    // Braces and dollars of a name are escaped, so TeX reads them as text.
    expect(content).not.toContain('{{7*7}}')
    expect(content).not.toContain('${7*7}')
  }
  for (const format of ['json', 'manifest'] as const)
    JSON.parse((await exportedFrom(page, { ids: [run], format })).content)
  await go(page, `/run/${run}`)
  await page
    .getByRole('button', { name: /^Figure menu/ })
    .first()
    .click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as SVG' }).click()
  ])
  const svg = readFileSync(await file.path(), 'utf8')
  expect(svg).not.toContain('<img')
  expect(svg).not.toContain('<script')
})

test('a hostile draft and a hostile weights file are refused or kept as text', async ({ page }) => {
  await seed(page)
  const refused = await ask(page, 'weights.import', {
    name: '../../<img src=x onerror=alert(1)>.npz',
    content: 'AAAA'
  }).then(
    ({ file }) => file,
    (error: Error) => error.message
  )
  expect(refused).not.toContain('../../')
  await go(page, '/compose')
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(hostile)
  await harmless(page, 'the draft')
})

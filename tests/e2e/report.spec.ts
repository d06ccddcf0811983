import type { Browser, Page } from '@playwright/test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expectAccessible } from './axe.ts'
import { exportRuns } from '../../src-shared/documents/run-files.ts'
import { input } from '../shared/support.ts'
import { mlflowFile } from '../main/store/mlflow-file.ts'
import { ask, expect, go, test, exportedFrom } from './fixtures.ts'
import { unfold } from './fold.ts'

const hostile = '<img src=x onerror=alert(1)>"\'</script>'
const experiment = {
  format: 'engram-experiment/1',
  name: hostile,
  description: hostile,
  task: { kind: 'capacity', params: { dim: 16 } },
  models: [
    { kind: 'linear-associator', label: hostile },
    { kind: 'delta-rule', label: '" onmouseover="alert(1)' }
  ],
  sweep: [{ param: 'task.items', values: [2, 4, 16] }],
  seeds: { first: 0, count: 4 },
  backend: 'wasm'
}

const folder = mkdtempSync(join(tmpdir(), 'engram-report-'))
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function finishedRun(page: Page): Promise<string> {
  const { rows } = await ask(page, 'runs.list', {})
  const [there] = rows.filter(({ status }) => status === 'done')
  if (there) return there.id
  const { id } = await ask(page, 'runs.start', { experiment })
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  return id
}

async function download(page: Page, act: () => Promise<void>, name: string): Promise<string> {
  const path = join(folder, name)
  const [file] = await Promise.all([page.waitForEvent('download'), act()])
  await file.saveAs(path)
  return path
}

/** A file opened by itself, without network; nothing may run in it but its own check. */
async function openFromDisk(
  browser: Browser,
  path: string
): Promise<{ page: Page; asked: string[]; close(): Promise<void> }> {
  const context = await browser.newContext({ offline: true })
  const page = await context.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('dialog', (dialog) => {
    asked.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => message.type() === 'error' && asked.push(message.text()))
  await page.goto(pathToFileURL(path).href)
  return { page, asked, close: () => context.close() }
}

test('a report exported from a run opens from disk without network, shows everything and checks its own tables', async ({
  page,
  browser
}) => {
  const id = await finishedRun(page)
  await page.goto(`${page.url().split('#')[0]}#/run/${id}`)
  await page.getByRole('button', { name: 'Export' }).click()
  const path = await download(
    page,
    () => page.getByRole('menuitem', { name: 'Export HTML report' }).click(),
    'run.html'
  )

  const good = await openFromDisk(browser, path)
  await expect(good.page.getByRole('heading', { level: 1 })).toHaveText(hostile)
  await expect(good.page.locator('#engram-verification')).toHaveText(/^All \d+ table values .* match\.$/)
  expect(await good.page.locator('figure svg').count()).toBeGreaterThan(2)
  await expect(good.page.getByRole('heading', { name: 'Reproducibility checklist' })).toBeVisible()
  expect(await good.page.locator('img, iframe, object, link, [onerror], [onmouseover]').count()).toBe(0)
  expect(good.asked).toEqual([pathToFileURL(path).href])
  await good.close()

  // One digit of one mean, and the page says which.
  const html = readFileSync(path, 'utf8')
  const forged = join(folder, 'forged.html')
  let shown = ''
  writeFileSync(
    forged,
    html.replace(/(<td[^>]*data-run[^>]*>)(0\.\d+)( ±)/, (_, cell: string, mean: string, rest: string) => {
      shown = mean
      return `${cell}${mean.slice(0, -1)}${(Number(mean.at(-1)) + 5) % 10}${rest}`
    })
  )
  expect(shown).not.toBe('')
  const bad = await openFromDisk(browser, forged)
  await expect(bad.page.locator('#engram-verification')).toHaveText(/^1 of \d+ table values do not match/)
  await expect(bad.page.locator('td.mismatch')).toHaveCount(1)
  await bad.close()

  // The bootstrap is drawn again: an interval that is narrower than the data gives is found out too.
  const narrowed = join(folder, 'narrowed.html')
  const ends = /(<td data-crossing="[^"]*">[^<]*<\/td><td>)([^<]+)(<\/td>)/
  expect(html).toMatch(ends)
  writeFileSync(narrowed, html.replace(ends, '$12.5 to 2.6$3'))
  const narrow = await openFromDisk(browser, narrowed)
  await expect(narrow.page.locator('#engram-verification')).toHaveText(/^1 of \d+ table values do not match/)
  await narrow.close()
})

test('hard numbers in a report are checked too: huge, tiny, negative, rounding noise, a single trial, none', async ({
  browser
}) => {
  const data = input()
  const [{ run, record, trials }] = data.runs
  const hard = [
    [2.926e17, 2.914e17, 2.941e17],
    [-1.5e-7, -1.1e-7, -1.3e-7],
    [-6.94e-19, 0, 0],
    [-0.5, -0.25, -0.8],
    [0.1 + 0.2, 0.3, 0.3],
    [0.99999, 0.999991, 0.999989],
    [1000.1, 1000.1 + 2e-13, 1000.1],
    [0, 0, 0],
    [-0, null, null],
    [3.25e9, null, null],
    [null, null, null]
  ]
  const metric = { ...data.catalog.tasks[0].metrics[0], direction: 'none' as const, range: undefined }
  const statusOf = (value: number | null): 'done' | 'diverged' => (value === null ? 'diverged' : 'done')
  const labelled = hard.map((values, i) => ({ values, label: `model ${i}` }))
  const cells = labelled.map(({ values, label }) => ({
    ...data.cells[0],
    label,
    statuses: values.map(statusOf),
    metrics: { accuracy: values }
  }))
  const results = labelled.flatMap(({ values, label }, cell) =>
    values.map((value, seed) => ({
      ...record.results[0],
      cell,
      seed,
      model: label,
      status: statusOf(value),
      metrics: value === null ? ({} as Record<string, number>) : { accuracy: value }
    }))
  )
  const labels = labelled.map(({ label }) => label)
  const { content } = exportRuns('html', {
    ...data,
    catalog: { ...data.catalog, tasks: [{ ...data.catalog.tasks[0], metrics: [metric] }] },
    cells,
    runs: [
      { run: { ...run, labels }, trials, series: [], predictions: [], record: { ...record, models: labels, results } }
    ]
  })
  const shown = [...content.matchAll(/<td data-run[^>]*>([^<]*)<\/td>/g)].map(([, text]) => text)
  // By hand: t(2, .975) = 4.3027; for the first, sd = 1.353e15 and half = 4.3027 sd / sqrt(3).
  expect(shown).toEqual([
    '2.927e17 ± 3.4e15 (3)',
    '−1.30e−7 ± 5.0e−8 (3)',
    '−2e−19 ± 1.0e−18 (3)',
    '−0.52 ± 0.68 (3)',
    '0.3 ± 0 (3)',
    '0.9999900 ± 0.0000025 (3)',
    '1000 ± 0 (3)',
    '0 ± 0 (3)',
    '0 (1, 2 diverged)',
    '3.25e9 (1, 2 diverged)',
    '— (3 diverged)'
  ])
  const path = join(folder, 'hard.html')
  writeFileSync(path, content)
  const good = await openFromDisk(browser, path)
  await expect(good.page.locator('#engram-verification')).toHaveText(
    `All ${hard.length} table values were recomputed from the data in this file by this page’s own script, and match.`
  )
  await good.close()

  // An interval that was made nothing, a sign, and a power of ten.
  writeFileSync(
    path,
    content.replace('0.68 (3)', '0 (3)').replace('−1.30e−7', '1.30e−7').replace('3.25e9 (1', '3.25e8 (1')
  )
  const bad = await openFromDisk(browser, path)
  await expect(bad.page.locator('#engram-verification')).toHaveText(/^3 of 11 table values do not match/)
  await bad.close()
})

test('what is looked at goes into a report, is put in order by keyboard, saved, and exported as one file', async ({
  page,
  browser
}) => {
  const id = await finishedRun(page)
  await page.goto(`${page.url().split('#')[0]}#/compare?runs=${id}`)
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'Add to a report…' }).click()
  await page.getByRole('checkbox', { name: 'Methods' }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(page.getByRole('region', { name: /^Methods, block 4 of 4/ })).toBeVisible()

  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Text', exact: true }).click()
  await page.getByLabel('Markdown').fill(`# Findings\n\nIt **falls**. ${hostile}`)
  const text = page.getByRole('region', { name: /^Text, block/ })
  await text.focus()
  for (let i = 0; i < 4; i++) await page.keyboard.press('Alt+ArrowUp')
  await expect(page.getByRole('region', { name: /^Text, block 1 of 5/ })).toBeFocused()
  expect(await page.locator('img[src="x"]').count()).toBe(0)
  await expectAccessible(page)
  await expect(page.getByText('5 blocks · saved')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('region', { name: /^Text, block 1 of 5/ })).toBeVisible()

  await page.getByRole('button', { name: 'Export' }).click()
  const path = await download(
    page,
    () => page.getByRole('menuitem', { name: 'Export as one HTML file' }).click(),
    'report.html'
  )
  const { page: report, asked, close } = await openFromDisk(browser, path)
  await expect(report.getByRole('heading', { name: 'Findings' })).toBeVisible()
  await expect(report.locator('#engram-verification')).toHaveText(/match\.$/)
  await expect(report.locator('figure svg')).toHaveCount(1)
  expect(asked).toEqual([pathToFileURL(path).href])
  await close()

  // A step back and forth again, and the other files of the same report.
  await page.getByRole('button', { name: 'Remove' }).first().click()
  await expect(page.getByText(/^4 blocks/)).toBeVisible()
  await page.keyboard.press('ControlOrMeta+z')
  await expect(page.getByText(/^5 blocks/)).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Shift+z')
  await expect(page.getByText(/^4 blocks/)).toBeVisible()
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click()
  await expect(page.getByText('5 blocks · saved')).toBeVisible()
  const reports = await ask(page, 'reports.list', {})
  const latex = (await exportedFrom(page, { report: reports[0].id, format: 'latex' })).content
  expect(latex).toContain('\\toprule')
  expect(latex).toMatch(/\\pm/)
  expect((await exportedFrom(page, { report: reports[0].id, format: 'csv' })).content).toContain('accuracy')
})

test('formulas are drawn, a new text has the focus, blocks are dragged, and a copy is refreshed with another run', async ({
  page
}) => {
  const id = await finishedRun(page)
  const { id: other } = await ask(page, 'runs.start', {
    experiment: { ...experiment, name: 'Another', seeds: { first: 9, count: 2 } }
  })
  await expect.poll(async () => (await ask(page, 'runs.get', { id: other })).status, { timeout: 60_000 }).toBe('done')
  const created = '2026-01-01T00:00:00.000Z'
  const blocks = [
    { id: 'a', kind: 'text', markdown: 'It is $a^2$, and\n\n$$\\frac{a}{b}$$' },
    { id: 'b', kind: 'table', runs: [id], metric: 'accuracy' }
  ]
  const report = { id: 'formulas', title: 'Formulas', created, changed: created, blocks }
  await ask(page, 'reports.save', { report: report as never })
  await page.goto(`${page.url().split('#')[0]}#/report/formulas`)
  await expect(page.getByRole('main').locator('.katex')).toHaveCount(2)
  const latex = (await exportedFrom(page, { report: 'formulas', format: 'latex' })).content
  expect(latex).toContain('$a^2$')
  expect(latex).toContain('\\frac{a}{b}')

  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Text', exact: true }).click()
  await expect(page.getByLabel('Markdown')).toBeFocused()
  const block = (name: RegExp) => page.getByRole('region', { name })
  await block(/block 2 of 3$/)
    .locator('[draggable="true"]')
    .dragTo(block(/block 1 of 3$/))
  await expect(block(/^Text, block 2 of 3$/).locator('.katex')).toHaveCount(2)

  await page.getByRole('button', { name: 'More for this report' }).click()
  await page.getByRole('menuitem', { name: 'Duplicate the report' }).click()
  await expect(page).not.toHaveURL(/report\/formulas/)
  await page.getByRole('button', { name: 'More for this report' }).click()
  await page.getByRole('menuitem', { name: 'Refresh with other runs…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { checked: true }).click()
  await dialog.getByRole('checkbox', { name: /Another/ }).click()
  await dialog.getByRole('button', { name: 'Refresh the report' }).click()
  const copy = /report\/(\w+)/.exec(page.url())![1]
  const runsOf = async (report: string) =>
    (await ask(page, 'reports.get', { id: report })).blocks.flatMap((shown) => ('runs' in shown ? shown.runs : []))
  await expect.poll(() => runsOf(copy)).toEqual([other])
  expect(await runsOf('formulas')).toEqual([id])
  // Those after this one count what is there.
  await ask(page, 'runs.trash', { ids: [other] })
})

test('every figure and table has a button of its own that puts it into a report as it stands', async ({
  page,
  browser
}) => {
  test.setTimeout(120_000)
  const id = await finishedRun(page)
  const set = await ask(page, 'recall.simulate', {})
  const created = '2026-01-01T00:00:00.000Z'
  await ask(page, 'reports.save', {
    report: { id: 'everything', title: 'Everything', created, changed: created, blocks: [] }
  })
  const pages: [address: string, least: number][] = [
    [`/compare?runs=${id}`, 12],
    ['/cost', 2],
    ['/cost?tab=breakdown', 1],
    ['/cost?tab=equal', 1],
    [`/recall?sets=${set.id}`, 5]
  ]
  let added = 0
  for (const [address, least] of pages) {
    await go(page, address)
    if (/^.(compare|recall)/.test(address)) await unfold(page)
    const buttons = page.getByRole('button', { name: /^Add to a report: / })
    // Some figures are drawn when they come near the view.
    const waiting = page.locator('main .waiting')
    await expect(async () => {
      if (await waiting.count()) await waiting.first().scrollIntoViewIfNeeded()
      expect(await buttons.count(), address).toBeGreaterThanOrEqual(least)
      expect(await waiting.count(), address).toBe(0)
    }).toPass({ intervals: [50], timeout: 20_000 })
    const without = await page.evaluate(() =>
      [...document.querySelectorAll('main figure, main table')]
        .filter((shown) => !shown.closest('figure, section')?.querySelector('[aria-label^="Add to a report"]'))
        .map((shown) => shown.closest('section, figure')?.textContent?.slice(0, 60))
    )
    expect(without, address).toEqual([])
    // One of many alike is enough.
    for (let i = 0; i < (address.startsWith('/recall') ? 1 : await buttons.count()); i++) {
      await buttons.nth(i).click()
      const dialog = page.getByRole('dialog')
      if (!(await dialog.getByRole('button', { name: /Everything/ }).count())) {
        await dialog.getByLabel('Report').click()
        await page.getByRole('option', { name: 'Everything' }).click()
      }
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await expect(dialog).toHaveCount(0)
      added++
    }
  }
  const { blocks } = await ask(page, 'reports.get', { id: 'everything' })
  // A part with two tables gives a block for each.
  expect(blocks.length).toBeGreaterThanOrEqual(added)
  expect(new Set(blocks.map(({ kind }) => kind))).toEqual(
    new Set(['answer', 'figure', 'table', 'derived', 'benchmark', 'kept'])
  )
  await go(page, '/report/everything')
  await expect(page.getByRole('region', { name: `block ${blocks.length} of ${blocks.length}` })).toBeVisible()
  const total = page.getByRole('region', { name: /^Kept as it was/ }).filter({ hasText: 'Breakdown of the exact view' })
  await expect(total.or(page.getByText('FLOPs per sequence, by part')).first()).toBeVisible()
  await expectAccessible(page)
  const html = (await exportedFrom(page, { report: 'everything', format: 'html' })).content
  const path = join(folder, 'everything.html')
  writeFileSync(path, html)
  const opened = await openFromDisk(browser, path)
  await expect(opened.page.locator('#engram-verification')).toHaveText(/match\.$/)
  expect(opened.asked).toEqual([pathToFileURL(path).href])
  await opened.close()
  const latex = (await exportedFrom(page, { report: 'everything', format: 'latex' })).content
  expect(latex.match(/\\begin\{(figure|table)\}/g)!.length).toBeGreaterThan(added)
})

test('a results file is taken in from History, stands there with its origin, and contradictions are refused', async ({
  page
}) => {
  const id = await finishedRun(page)
  const { content } = await exportedFrom(page, { ids: [id], format: 'json' })
  const file = JSON.parse(content) as {
    runs: { id: string; name: string; results: { metrics: Record<string, number> }[] }[]
  }
  Object.assign(file.runs[0], { id: '01IMPORTED', name: 'From elsewhere' })
  const take = (name: string): Promise<void> =>
    page
      .getByLabel('File of runs to import')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) })
  await page.getByRole('navigation').first().getByRole('link', { name: 'History' }).click()
  await take('theirs.json')
  await expect(page.getByText('theirs.json: 1 new run, 24 new trials, 24 trials known already')).toBeVisible()
  // Runs of one experiment are one row until it is opened.
  await page.getByText('×2').click()
  await expect(page.getByRole('link', { name: 'From elsewhere' })).toBeVisible()
  await expect(page.getByLabel('Taken in from theirs.json')).toBeVisible()

  file.runs[0].id = '01FORGED'
  file.runs[0].results[0].metrics.accuracy += 0.5
  await take('forged.json')
  await expect(page.getByText(/Nothing was taken in: 2 contradictions to what is stored/)).toBeVisible()
  expect((await ask(page, 'runs.list', {})).rows.map((row) => row.id)).not.toContain('01FORGED')
})

test('an MLflow database and a report come in as runs, the first to look at only', async ({ page }) => {
  const id = await finishedRun(page)
  await page.getByRole('navigation').first().getByRole('link', { name: 'History' }).click()
  const take = (name: string, buffer: Buffer): Promise<void> =>
    page.getByLabel('File of runs to import').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
  await take('mlflow.db', mlflowFile())
  await expect(page.getByText(/^mlflow\.db: 2 new runs/)).toBeVisible()
  const { rows } = await ask(page, 'runs.list', { filter: 'swift-owl' })
  await page.evaluate((to) => (location.hash = to), `/run/${rows[0].id}`)
  await expect(page.getByRole('heading', { level: 1, name: 'swift-owl' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Duplicate' })).toHaveCount(0)
  await expectAccessible(page)
  // The report of a run is itself a file of runs.
  const { content } = await exportedFrom(page, { ids: [id], format: 'html' })
  await page.getByRole('navigation').first().getByRole('link', { name: 'History' }).click()
  await take('theirs.html', Buffer.from(content))
  await expect(page.getByText(/^theirs\.html: 0 new runs, 0 new trials, \d+ trials known already$/)).toBeVisible()
})

test('a run is checked by computing some of its trials again', async ({ page }) => {
  const id = await finishedRun(page)
  await page.goto(`${page.url().split('#')[0]}#/run/${id}`)
  await page.getByRole('tab', { name: 'Rerun check' }).click()
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByText(/^wasm: \d+ identical/)).toBeVisible({ timeout: 30_000 })
  await page.reload()
  await page.getByRole('tab', { name: 'Rerun check' }).click()
  await expect(page.getByText(/^wasm: \d+ identical/)).toBeVisible()
})

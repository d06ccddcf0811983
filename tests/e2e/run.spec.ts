/** A run as it goes on: live, paused, resumed, cancelled; then its trials, its curves and its files. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import Papa from 'papaparse'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

async function start(page: Page, experiment: Record<string, unknown>): Promise<string> {
  const { id } = await ask(page, 'runs.start', {
    experiment: { format: 'engram-experiment/1', backend: 'wasm', ...experiment } as never
  })
  await page.goto(`${new URL(page.url()).origin}/#/run/${id}`)
  return id
}
const status = async (page: Page, id: string): Promise<string> => (await ask(page, 'runs.get', { id })).status
const done = async (page: Page, id: string): Promise<number> => (await ask(page, 'runs.get', { id })).done
const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true })

test('a run is watched, paused, resumed and cancelled; what ended is kept', async ({ page }) => {
  const id = await start(page, {
    name: 'Long',
    task: { kind: 'capacity', params: { dim: 64 } },
    models: [{ kind: 'linear-associator' }, { kind: 'episodic-slots' }],
    sweep: [{ param: 'task.items', values: [20, 40, 80] }],
    seeds: { count: 2000 }
  })
  await expect(page.getByRole('heading', { level: 1, name: 'Long' })).toBeVisible()
  await expect.poll(() => done(page, id), { timeout: 30_000 }).toBeGreaterThan(0)
  await expect(page.getByRole('progressbar', { name: 'Trials that have ended' })).toBeVisible()
  await expect(page.getByRole('main').locator('canvas').first()).toBeVisible()
  await expect(page.getByText(/^about .* left$/)).toBeVisible()

  await button(page, 'Pause').click()
  await expect(button(page, 'Resume')).toBeVisible()
  expect(await status(page, id)).toBe('paused')
  await expectAccessible(page)
  // What was under way ends; then nothing moves.
  const moved = async (): Promise<number> => {
    const then = await done(page, id)
    await page.waitForTimeout(300)
    return (await done(page, id)) - then
  }
  await expect.poll(moved).toBe(0)
  expect(await status(page, id)).toBe('paused')
  const before = await done(page, id)

  await page.keyboard.press('p')
  await expect(button(page, 'Pause')).toBeVisible()
  await expect.poll(() => done(page, id), { timeout: 30_000 }).toBeGreaterThan(before)

  await button(page, 'Cancel').click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the run' }).click()
  await expect(button(page, 'Resume')).toBeVisible()
  expect(await status(page, id)).toBe('cancelled')
  const kept = await done(page, id)
  expect(kept).toBeLessThan(12_000)
  expect((await ask(page, 'runs.trials', { id, offset: 0, limit: 1 })).total).toBe(kept)
  await page.getByRole('tab', { name: 'Log' }).click()
  await expect(page.getByRole('log', { name: 'Log of the run' })).toContainText(/cancel/i)
})

test('a pause that has to wait for a training says so', async ({ page }) => {
  const id = await start(page, {
    name: 'Trains',
    task: {
      kind: 'associative-recall',
      params: { pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, steps: 20_000, stopAt: 1.1 }
    },
    models: [{ kind: 'attention', params: { heads: 2 } }],
    seeds: { count: 2 }
  })
  await expect(page.getByRole('main').locator('canvas').first()).toBeVisible({ timeout: 30_000 })
  await button(page, 'Pause').click()
  await expect(page.getByText(/^pausing after the trainings? under way/)).toBeVisible()
  await ask(page, 'runs.cancel', { id })
})

test('a finished run gives a report, tables and its experiment as files, with its numbers in them', async ({
  page
}) => {
  const id = await start(page, {
    name: 'Files <script>window.owned = 1</script>',
    task: { kind: 'capacity', params: { dim: 16 } },
    models: [{ kind: 'linear-associator', label: '=Linear' }, { kind: 'hopfield' }],
    sweep: [{ param: 'task.items', values: [2, 8] }],
    seeds: { count: 3 }
  })
  await expect.poll(() => status(page, id), { timeout: 30_000 }).toBe('done')
  const exported = async (item: string | RegExp): Promise<{ name: string; text: string }> => {
    await button(page, 'Export').click()
    const saving = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: item }).click()
    const download = await saving
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
  }
  const { rows } = await ask(page, 'runs.trials', { id, offset: 0, limit: 100 })
  expect(rows).toHaveLength(12)

  const wide = await exported('Export CSV, one row per trial')
  expect(wide.name).toMatch(/\.csv$/)
  const table = Papa.parse<Record<string, string>>(wide.text.replace(/^\ufeff/, ''), {
    header: true,
    skipEmptyLines: true
  }).data
  expect(table).toHaveLength(12)
  const accuracies = (list: { seed: unknown; value: unknown; items: unknown; model: string }[]): string[] =>
    list.map(({ seed, value, items, model }) => `${model} ${Number(items)} ${Number(seed)} ${Number(value)}`).sort()
  expect(accuracies(table.map((r) => ({ seed: r.seed, value: r.accuracy, items: r.items, model: r.model })))).toEqual(
    accuracies(
      rows.map((r) => ({
        seed: r.seed,
        value: r.metrics.accuracy,
        items: r.point.items,
        // Text that a spreadsheet would take for a formula gets an apostrophe.
        model: r.label === '=Linear' ? "'=Linear" : r.label
      }))
    )
  )

  const long = await exported('Export CSV, one row per number')
  const values = Papa.parse<Record<string, string>>(long.text.replace(/^\ufeff/, ''), {
    header: true,
    skipEmptyLines: true
  }).data
  expect(values.length).toBeGreaterThanOrEqual(rows.reduce((sum, r) => sum + Object.keys(r.metrics).length, 0))

  const experiment = await exported('Save the experiment file')
  expect(JSON.parse(experiment.text)).toMatchObject({ format: 'engram-experiment/1', seeds: { count: 3 } })

  // The report is read as a reader would: by itself, with no studio and no script.
  const report = await exported('Export HTML report')
  const context = await page.context().browser()!.newContext({ javaScriptEnabled: false, offline: true })
  const reader = await context.newPage()
  const asked: string[] = []
  reader.on('request', (request) => asked.push(request.url()))
  await reader.setContent(report.text)
  await expect(reader.locator('body')).toContainText('Files <script>window.owned = 1</script>')
  await expect(reader.locator('svg').first()).toBeVisible()
  const linear = rows.filter((r) => r.label === '=Linear' && r.point.items === 2).map((r) => r.metrics.accuracy)
  const mean = linear.reduce((sum, value) => sum + value, 0) / linear.length
  // The mean, before its interval; how many trials it is of is said once for all.
  await expect(reader.getByRole('row').filter({ hasText: '=Linear' }).first()).toContainText(
    new RegExp(`${mean.toPrecision(2).replace(/\.?0+$/, '')}\\S* (± |\\[)\\S`)
  )
  await expect(reader.locator('body')).toContainText(/interval over seeds, n = 3\./)
  expect(asked).toEqual([])
  await context.close()
})

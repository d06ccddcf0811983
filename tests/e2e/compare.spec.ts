/** Comparing: every view of the same results, one hover in all of them, what is saved, and what differs. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

const experiment = {
  format: 'engram-experiment/1',
  name: 'Side by side',
  task: { kind: 'capacity' },
  models: [
    { kind: 'linear-associator', label: 'Hebb' },
    { kind: 'delta-rule', label: 'Delta' }
  ],
  sweep: [
    { param: 'task.items', values: [2, 4, 16] },
    { param: 'task.dim', values: [8, 16] }
  ],
  seeds: { first: 0, count: 3 },
  backend: 'wasm'
}

/** One run, or two that differ in one parameter of one model. */
async function compared(page: Page, how: 'one' | 'both'): Promise<void> {
  const { rows } = await ask(page, 'runs.list', {})
  let ids = rows.map(({ id }) => id).reverse()
  if (!ids.length) {
    const [hebb, delta] = experiment.models
    const strong = { ...experiment, name: 'Half the strength', models: [hebb, { ...delta, params: { beta: 0.5 } }] }
    ids = [
      (await ask(page, 'runs.start', { experiment })).id,
      (await ask(page, 'runs.start', { experiment: strong })).id
    ]
    for (const id of ids)
      await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  }
  await page.evaluate(
    (hash) => (location.hash = hash),
    `#/compare?runs=${ids.slice(0, how === 'one' ? 1 : 2).join(',')}`
  )
  await expect(page.getByRole('heading', { name: 'Ranks over all points' })).toBeVisible()
}
async function choose(page: Page, choice: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: choice }).first().click()
  await page.getByRole('option', { name: option }).first().click()
}
async function saved(page: Page, figure: string | RegExp, item: string): Promise<{ name: string; text: string }> {
  await page.getByRole('button', { name: figure }).first().click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
}

test('one model under the pointer, or in focus, is lit in every chart and table', async ({ page }) => {
  await compared(page, 'one')
  const chip = page.getByRole('group', { name: 'Models shown' }).getByRole('button', { name: 'Hebb', exact: true })
  await chip.focus()
  await expect(page.getByRole('list', { name: 'Legend' }).locator('button.lit')).toHaveText(['Hebb', 'Hebb', 'Hebb'])
  await expect(page.getByRole('row', { name: /^Hebb/ }).and(page.locator('.lit'))).toHaveCount(1)
  expect(await page.locator('path.line.lit').count()).toBe(6)
  await chip.blur()
  await expect(page.locator('.lit')).toHaveCount(0)
  // From a chart's legend to the others.
  await page.getByRole('list', { name: 'Legend' }).last().getByRole('button', { name: 'Hebb', exact: true }).hover()
  await expect(chip).toHaveClass(/lit/)
})

test('small multiples, a map, a distribution and parallel coordinates are drawn, named, and saved with legend and units', async ({
  page
}) => {
  await compared(page, 'one')
  await choose(page, 'Dimension', 'each, side by side')
  await expect(page.getByRole('img', { name: /^Accuracy, dimension = (8|16)\./ })).toHaveCount(2)
  await expectAccessible(page)

  await choose(page, 'View', 'Map of two axes')
  await expect(
    page.getByRole('img', { name: /^Hebb: Accuracy\. Accuracy from 0 to 1 over Items and Dimension/ })
  ).toBeVisible()
  // The tables keep to one value of the vertical axis: every model stands there once.
  await expect(page.getByRole('heading', { name: 'Accuracy, dimension = 8' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Table of tests' }).getByRole('row')).toHaveCount(2)
  const map = await saved(page, /^Figure menu: Hebb: Accuracy/, 'Save as SVG')
  expect(map.name).toMatch(/\.svg$/)
  expect(map.text).toContain('Dimension')
  await page.getByRole('button', { name: /^Figure menu: Hebb: Accuracy/ }).click()
  await page.getByRole('menuitem', { name: 'Show as a data table' }).click()
  await expect(page.getByRole('region', { name: /^Data of Hebb/ }).getByRole('row')).toHaveCount(3)

  await choose(page, 'View', 'Distribution over seeds')
  const spread = await saved(page, /^Figure menu: Accuracy, /, 'Save as SVG')
  // A point per model and seed.
  expect(spread.text.match(/r="2\.5"/g)).toHaveLength(2 * 3)
  await expectAccessible(page)

  const lines = await saved(page, 'Figure menu: Parameters and results', 'Save as SVG')
  expect(lines.text).toContain('>Delta')
  expect(lines.text).toContain('>Dimension<')
  const png = await saved(page, 'Figure menu: Parameters and results', 'Save as PNG')
  expect(png.name).toBe('parameters-and-results.png')
})

test('what differs between runs is listed: parameters by default, the environment and the code on demand', async ({
  page
}) => {
  await compared(page, 'both')
  const parameters = page.getByRole('region', { name: 'Table of parameters' })
  await expect(parameters.getByRole('row', { name: /^Write strength/ })).toBeVisible()
  await expect(parameters.getByRole('row', { name: /^Code version/ })).toHaveCount(0)
  await page.getByRole('switch', { name: 'Only what differs' }).click()
  for (const row of [/^Code version/, /^Backend/, /^System/, /^Seeds/])
    await expect(parameters.getByRole('row', { name: row })).toBeVisible()
  // A metric says what it means where its name stands.
  await page.getByRole('button', { name: 'definition' }).first().focus()
  await expect(page.getByRole('tooltip')).toContainText('Higher is better')
})

test('History sets runs against a pinned baseline, with the interval of the difference', async ({ page }) => {
  await compared(page, 'both')
  const { layout } = await ask(page, 'settings.get', {})
  await ask(page, 'settings.set', { layout: { ...layout, 'history-grouping': 'none' } })
  await page.reload()
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('checkbox', { name: `Select ${experiment.name}` }).click()
  await page.getByRole('button', { name: 'Pin as baseline' }).click()
  const other = page.getByRole('treegrid').getByRole('row').filter({ hasText: 'Half the strength' })
  await expect(other).toContainText(/[\d.]+ *\[-?[\d.]+, -?[\d.]+\]/)
  await page.getByRole('button', { name: 'Unpin the baseline' }).click()
  await expect(page.getByRole('columnheader', { name: /Δ baseline/ })).toHaveCount(0)
})

test('a curve longer than the screen is drawn by lowest and highest per bin, says so, and is exported whole', async ({
  page
}) => {
  const steps = Array.from({ length: 3000 }, (_, i) => `A,loss,${i},${i === 1501 ? 9 : 1 / (i + 1)}`)
  const csv = ['run,tag,step,value', ...steps].join('\n')
  await page.getByRole('link', { name: 'History' }).click()
  await page
    .getByLabel('File of runs to import')
    .setInputFiles({ name: 'long.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await expect(page.getByText(/long\.csv: 1 new run/)).toBeVisible()
  const { rows } = await ask(page, 'runs.list', { filter: 'reference' })
  await page.evaluate((id) => (location.hash = `#/compare?runs=${id}`), rows[0].id)
  await choose(page, 'View', /^loss by/)
  await expect(page.getByText(/shown by lowest and highest per bin, 3,000 → 2,000 points per line/)).toBeVisible()
  const points = await saved(page, /^Figure menu: loss/, 'Save points as CSV')
  expect(points.text.trim().split('\n')).toHaveLength(3001)
  expect(points.text).toMatch(/1501,[^\n]*9/)
})

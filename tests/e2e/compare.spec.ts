/** Comparing: every view of the same results, one hover in all of them, what is saved, and what differs. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { unfold } from './fold.ts'
import { expectAccessible } from './axe.ts'
import { noteTexts, writtenOn } from './faults.ts'
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
  let ids = rows
    .filter(({ name }) => name === experiment.name || name === 'Half the strength')
    .map(({ id }) => id)
    .reverse()
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
  await unfold(page)
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
  await expect(page.getByRole('list', { name: 'Legend' }).locator('button.lit')).toHaveText([
    'Hebb',
    'Hebb',
    'Hebb',
    'Hebb'
  ])
  await expect(page.getByRole('row', { name: /^Hebb/ }).and(page.locator('.lit'))).toHaveCount(1)
  await expect(page.locator('path.line.lit')).toHaveCount(6)
  await chip.blur()
  await expect(page.locator('.lit')).toHaveCount(0)
  // From a chart's legend to the others.
  await page.getByRole('list', { name: 'Legend' }).last().getByRole('button', { name: 'Hebb', exact: true }).hover()
  await expect(chip).toHaveClass(/lit/)
})

test('a hidden series gives the axis to those that are left, and the legend shows each line with its dash', async ({
  page
}) => {
  await page.addInitScript(noteTexts)
  await page.reload()
  await compared(page, 'one')
  await choose(page, 'Metric', /^Squared error/)
  const figure = page.getByRole('figure', { name: /^Squared error/ }).first()
  const top = async (): Promise<number> =>
    Math.max(
      ...(await writtenOn(figure.locator('canvas').first()))
        .map((text) => Number(text.replace('−', '-')))
        .filter(Number.isFinite)
    )
  const dashes = await figure
    .locator('ul li path:first-child')
    .evaluateAll((lines) => lines.map((line) => line.getAttribute('stroke-dasharray')))
  expect(new Set(dashes).size).toBe(dashes.length)
  await expect.poll(top).toBeGreaterThan(1)
  const before = await top()
  await figure.getByRole('button', { name: 'Hebb', exact: true }).click()
  await expect.poll(top).toBeLessThan(before)
  await figure.getByRole('button', { name: 'Hebb', exact: true }).click()
  await expect.poll(top).toBe(before)
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

test('Compare opens with its answer, which every selector changes, and which goes into a report', async ({ page }) => {
  await compared(page, 'one')
  const answer = page.getByRole('region', { name: 'Answer' })
  await expect(answer).toContainText(
    /(Hebb|Delta) .*accuracy .*n = 3.* at dimension = 8, over 3 values of items|over 3 values of items/
  )
  const first = await answer.innerText()
  await choose(page, 'Compare at', 'items = 16')
  await expect(answer).toContainText('at items = 16, dimension = 8')
  const [atSixteen] = await answer.getByRole('status').allInnerTexts()
  expect(atSixteen).not.toBe(first)
  await choose(page, 'Dimension', '16')
  await expect(answer).toContainText('at items = 16, dimension = 16')
  await choose(page, 'Metric', /^Compute time/)
  await expect(answer).toContainText('compute time per trial')
  await choose(page, 'Metric', /^Accuracy/)
  await expect(answer.locator('.verdict')).not.toContainText('compute time')
  const said = (await answer.locator('.verdict').innerText()).trim()
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'Add to a report…' }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(page.getByText(said)).toBeVisible()
})

test('what is folded stays folded after a reload', async ({ page }) => {
  await compared(page, 'one')
  const tests = page.getByRole('button', { name: 'Tests', exact: true })
  await tests.click()
  await expect(tests).toHaveAttribute('aria-expanded', 'false')
  await page.waitForTimeout(800)
  await page.reload()
  await expect(tests).toHaveAttribute('aria-expanded', 'false')
  await expect(page.getByRole('button', { name: 'Precision', exact: true })).toHaveAttribute('aria-expanded', 'true')
})

test('how many seeds would tell two models apart is said with its time, before anything is started', async ({
  page
}) => {
  await compared(page, 'one')
  const precision = page.getByRole('region', { name: 'Precision' })
  await expect(precision.getByText(/would tell them apart|No number of seeds/)).toBeVisible()
  await precision.getByRole('combobox', { name: 'Items' }).click()
  await page.getByRole('option', { name: '16' }).click()
  await precision.getByLabel('Interval no wider than').fill('0.1')
  await expect(precision.getByText(/more than|of computing/).first()).toBeVisible()
})

test('runs that did not ask the same are not ranked together, and what differs stands above the figure', async ({
  page
}) => {
  const noisy = (name: string, cueNoise: number): object => ({
    ...experiment,
    name,
    models: [{ kind: 'linear-associator', label: name }],
    task: { kind: 'capacity', params: { recall: 'noisy', sigma: cueNoise } }
  })
  const ids: string[] = []
  for (const one of [noisy('Clear', 0.1), noisy('Blurred', 0.9)])
    ids.push((await ask(page, 'runs.start', { experiment: one as never })).id)
  for (const id of ids)
    await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  await page.evaluate((hash) => (location.hash = hash), `#/compare?runs=${ids.join(',')}`)
  const answer = page.getByRole('region', { name: 'Answer' })
  await expect(answer).toContainText('no model is called best across them')
  await expect(answer).toContainText('0.1 in “Clear”, 0.9 in “Blurred”')
  await expect(page.getByText('best', { exact: true })).toHaveCount(0)
})

test('a task opens with the figure it is about: adaptation with its curves, on a log axis', async ({ page }) => {
  const adaptation = {
    ...experiment,
    name: 'Adapting',
    task: { kind: 'adaptation' },
    models: [
      { kind: 'delta-rule', label: 'Slow', params: { beta: 0.2 } },
      { kind: 'delta-rule', label: 'Fast', params: { beta: 0.5 } }
    ],
    sweep: []
  }
  const { id } = await ask(page, 'runs.start', { experiment: adaptation as never })
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  await page.evaluate((hash) => (location.hash = hash), `#/compare?runs=${id}`)
  await expect(page.getByRole('combobox', { name: 'View' })).toHaveText(/Squared error by updates/)
  await expect(page.getByRole('switch', { name: 'Log squared error' })).toBeChecked()
  await choose(page, 'View', 'By model')
  await expect(page.getByRole('switch', { name: 'Log squared error' })).toHaveCount(0)
})

test('one’s own model stands beside the reference at a click, paired by seed, and the history keeps it out of the way', async ({
  page
}) => {
  const { id } = await ask(page, 'runs.start', {
    experiment: {
      ...experiment,
      name: 'My own',
      task: { kind: 'capacity', params: { dim: 64 } },
      models: [{ kind: 'delta-rule', label: 'Mine' }],
      sweep: [{ param: 'task.items', values: [5, 10] }],
      seeds: { first: 0, count: 5 }
    }
  })
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  await page.evaluate((hash) => (location.hash = hash), `#/compare?runs=${id}`)
  await page.getByRole('button', { name: 'Beside the reference' }).click()
  await page.getByRole('menuitem', { name: /^Capacity of four memories \(2 points and 5 seeds/ }).click()
  const shown = page.getByRole('group', { name: 'Models shown' }).getByRole('button')
  await expect(shown.filter({ hasText: /^ ?(Mine|Linear associator|True episodic memory)/ })).toHaveCount(3)
  await expect(page.getByText(/paired t/).first()).toBeVisible()
  await page.evaluate(() => (location.hash = '#/history'))
  await expect(page.getByText('My own')).toBeVisible()
  await expect(page.getByText('reference', { exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: 'Show references' }).click()
  await expect(page.getByRole('button', { name: 'Reading references…' })).toHaveCount(0, { timeout: 60_000 })
  await expect(page.getByText('reference', { exact: true }).first()).toBeVisible()
})

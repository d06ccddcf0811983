import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

/** Six subjects, four lists of six: they begin at the end and go on forward, each in a way of its own. */
function csv(): string {
  const rows = ['subject,list,position,trial_type,item']
  for (let s = 1; s <= 6; s++)
    for (let l = 1; l <= 4; l++) {
      for (let i = 1; i <= 6; i++) rows.push(`${s},${l},${i},study,w${l}${i}`)
      const order = s % 2 ? [6, 1, 2, 3] : [5, 6, 2, 1]
      order.slice(0, 2 + (l % 3)).forEach((p, i) => rows.push(`${s},${l},${i + 1},recall,w${l}${p}`))
    }
  return rows.join('\n')
}

/** Cosines of the words of the first lists: neighbours are alike. */
function similarities(): string {
  const words = Array.from({ length: 6 }, (_, i) => `w1${i + 1}`)
  const cells = (i: number): number[] => words.map((_, j) => 1 - Math.abs(i - j) / 6)
  return [['', ...words], ...words.map((word, i) => [word, ...cells(i)])].map((row) => row.join(',')).join('\n')
}

test('people are imported, a model is laid over them, and both are fitted and compared', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-recall-'))
  const [good, bad] = [join(folder, 'pilot.csv'), join(folder, 'bad.csv')]
  writeFileSync(good, csv())
  writeFileSync(bad, csv().replace('1,1,3,study', '1,1,3,studied'))
  try {
    await page.getByRole('navigation').first().getByRole('link', { name: 'Free recall' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Free recall' })).toBeVisible()
    await page.setInputFiles('input[type=file]', bad)
    await expect(page.getByText(/Line 4, column trial_type/)).toBeVisible()
    await page.setInputFiles('input[type=file]', good)
    await expect(page.getByRole('heading', { name: 'Serial position curve', exact: true })).toBeVisible()

    const { id } = await ask(page, 'runs.start', {
      experiment: {
        format: 'engram-experiment/1',
        name: 'Overlay',
        task: { kind: 'free-recall', params: { items: 6, lists: 2 } },
        models: [{ kind: 'cmr', label: 'CMR' }],
        seeds: { first: 0, count: 4 }
      }
    })
    await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
    await page.getByRole('button', { name: 'Add model runs' }).click()
    await page.getByRole('dialog').getByRole('checkbox').first().click()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect(page.getByRole('button', { name: 'CMR' }).first()).toBeVisible()
    await expectAccessible(page)

    await page.getByRole('tab', { name: 'Summary and differences' }).click()
    const among = page.getByRole('region', { name: 'Table of models among people' })
    await expect(among.getByRole('row', { name: /^Recalled/ })).toContainText(/\d to \d.*above \d+ %/)
    const semantic = page.getByRole('region', { name: 'Table of the summary' }).getByRole('row', { name: /^Semantic/ })
    await expect(semantic.getByRole('cell').first()).toHaveText('–')
    await page.getByRole('button', { name: 'Data set menu: pilot' }).click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('menuitem', { name: 'Add word similarities' }).click()
    await (await chooser).setFiles({ name: 'words.csv', mimeType: 'text/csv', buffer: Buffer.from(similarities()) })
    await expect(page.getByText('words.csv has 6 of the 24 words of pilot.')).toBeVisible()
    await expect(semantic.getByRole('cell').first()).toContainText('0.')
    await expect(page.getByRole('heading', { name: 'Differences from pilot' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Table of differences' }).getByRole('row')).not.toHaveCount(1)
    await expectAccessible(page)

    await page.getByRole('tab', { name: 'Fits' }).click()
    await page.getByRole('button', { name: 'Start the fit' }).click()
    await expect(page.getByText('done', { exact: true })).toBeVisible({ timeout: 60_000 })
    await expect(page.getByRole('region', { name: /^Fitted parameters/ })).toBeVisible()
    await expectAccessible(page)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('who has no data loads a simulated example, compares lists of one length, and runs a fit', async ({ page }) => {
  test.setTimeout(180_000)
  await page.getByRole('navigation').first().getByRole('link', { name: 'Free recall' }).click()
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('simulated example')
  await expect(page.getByRole('option', { selected: true, name: /simulated example/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('checkbox', { name: /^Simulated by CMR/ })).toBeChecked()
  // The tab that was left open in this studio is open still.
  await page.getByRole('tab', { name: 'Curves' }).click()
  await expect(page.getByRole('heading', { name: 'Serial position curve', exact: true })).toBeVisible()

  const models = [{ kind: 'cmr-luce', label: 'CMR-L' }]
  const task = { kind: 'free-recall', params: { items: 6, lists: 2 } }
  const experiment = { format: 'engram-experiment/1', name: 'Short', task, models, seeds: { first: 0, count: 2 } }
  const { id } = await ask(page, 'runs.start', { experiment })
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 60_000 }).toBe('done')
  await expect(page).toHaveURL(/sets=/)
  // Alone, whatever other data the desk remembers.
  const [, set] = /sets=([^,%&]+)/.exec(page.url())!
  await page.evaluate((address) => (location.hash = address), `#/recall?sets=${set}&runs=${id}`)
  await expect(page.getByText('Not shown, since their lists are of another length: CMR-L (6).')).toBeVisible()
  await page.getByRole('button', { name: 'Simulate the models at 12 items' }).click()
  await expect(page.getByText(/^Not shown/)).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'CMR-L' }).first()).toBeVisible({ timeout: 60_000 })

  await page.getByRole('tab', { name: 'Fits' }).click()
  const rows = page.getByRole('row').filter({ has: page.getByRole('switch') })
  for (const row of await rows.all())
    if (!(await row.textContent())?.includes('T') && (await row.getByRole('switch').isChecked()))
      await row.getByRole('switch').click()
  await page.getByLabel('Held-out parts').fill('2')
  await page.getByRole('button', { name: 'Start the fit' }).click()
  await expect(page.getByRole('heading', { name: 'Lag-CRP', exact: true })).toBeVisible({ timeout: 120_000 })
  await expect(page.getByText('Model: CMR with Luce’s rule').first()).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Use in an experiment' }).click()
  await expect(page.getByRole('heading', { name: 'Compose' })).toBeVisible()
  await expect(page.getByText('CMR, fitted', { exact: true }).first()).toBeVisible()
})

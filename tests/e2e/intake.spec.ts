import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

/** Drop a file of text on whatever page is open. */
async function drop(page: Page, name: string, text: string, on = 'main'): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ({ name, text }) => {
      const given = new DataTransfer()
      given.items.add(new File([text], name))
      return given
    },
    { name, text }
  )
  await page.locator(on).first().dispatchEvent('drop', { dataTransfer })
}
const goTo = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation').first().getByRole('link', { name }).click()

const experiment = (models: object[]): string =>
  JSON.stringify({ format: 'engram-experiment/1', name: 'Dropped here', task: { kind: 'capacity' }, models })

test('a file that is dropped anywhere goes to who takes it, or is refused with what it is', async ({ page }) => {
  await goTo(page, 'Settings')
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
  await drop(page, 'run-a-tag-loss.csv', 'Wall time,Step,Value\n1,0,2\n2,1,16777217\n')
  await expect(page.getByText('run-a-tag-loss.csv: 1 new run, 1 new trial')).toBeVisible()
  await drop(page, 'report.pdf', '%PDF-1.7')
  await expect(page.getByText('report.pdf: This is a PDF.')).toBeVisible()

  await drop(page, 'mine.json', experiment([{ kind: 'hopfield' }, { kind: 'fast-weights' }]))
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Dropped here')
  await drop(page, 'broken.json', '{ "format": ')
  await expect(page.getByText(/broken\.json: .*not JSON/)).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Dropped here')

  await goTo(page, 'History')
  await drop(
    page,
    'sweep.yaml',
    'method: random\nrun_cap: 7\nparameters:\n  task.items: { values: [5, 10], probabilities: [0.9, 0.1] }\n'
  )
  const values = page
    .getByLabel('Values of Items')
    .or(page.getByLabel(/^Values of/))
    .first()
  await expect(values).toHaveValue('5, 10 @ 0.9, 0.1')
  await values.fill('5, 20 @ 0.8, 0.2')
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Dropped here')
  await values.fill('0,5')
  await expect(page.getByText(/"0,5" has a decimal comma; decimals have a point here: 0\.5/).first()).toBeVisible()
  await values.fill('5')

  const weights = JSON.stringify({ weights: { W: { shape: [2], data: [1, 2] } } })
  await drop(page, 'mine-weights.json', weights, '[data-model="1"]')
  await expect(page.getByText('mine-weights.json: 1 tensor.')).toBeVisible()
  const plan = page.getByRole('complementary', { name: 'Plan' })
  await expect(plan.getByText(/do not fit .*is missing.*The model has no weight "W"/)).toBeVisible()
  await plan.getByRole('button', { name: /do not fit/ }).click()
  await expect(page.getByText('mine-weights.json, 1 tensor')).toBeVisible()
  await expectAccessible(page)
})

test('recalls under other names of columns are asked about, and what was said stays with them', async ({ page }) => {
  await goTo(page, 'Compose')
  const rows = ['participant,trial,pos,kind,word']
  for (const list of [1, 2, 3, 4])
    for (const word of ['oak', 'elm', 'fir'])
      for (const kind of ['study', 'recall'])
        rows.push(`p${list % 2},${list},${['oak', 'elm', 'fir'].indexOf(word) + 1},${kind},${word}`)
  await goTo(page, 'Free recall')
  await drop(page, 'pilot.csv', rows.join('\n'))
  const dialog = page.getByRole('dialog', { name: 'Which column is which?' })
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled()
  await expectAccessible(page)
  await dialog.getByRole('combobox', { name: /^Trial type/ }).click()
  await page.getByRole('option', { name: 'kind' }).click()
  await dialog.getByRole('button', { name: 'Import' }).click()
  await expect(
    page.getByText(/subject is participant, list is trial, position is pos, trial_type is kind/)
  ).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Serial position curve', exact: true })).toBeVisible()

  await goTo(page, 'Settings')
  await drop(page, 'matrix.csv', '3,1,-1,0\n2,3,0,0\n')
  const matrix = page.getByRole('dialog', { name: 'A matrix of serial positions' })
  await matrix.getByLabel('Presented items as a file').setInputFiles({
    name: 'items.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('oak,elm,fir\ncat,dog,cow\n')
  })
  await expect(matrix.getByText('items.csv')).toBeVisible()
  await matrix.getByRole('button', { name: 'Import' }).click()
  await expect(page.getByText('presented items of items.csv')).toBeVisible()
  expect(await ask(page, 'recall.list', {})).toMatchObject([
    { name: 'matrix', lists: 2, reading: { items: 'items.csv' } },
    { name: 'pilot', reading: { columns: { trial_type: 'kind', time: '' } } }
  ])
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './desktop.ts'
import { long } from './runs.ts'

const named = (name: string): string => JSON.stringify({ ...long, name })

test('an experiment is opened by the dialog for files', async ({ launch, dataFolder }) => {
  const page = await (await launch(dataFolder)).page()
  const file = join(dataFolder, 'chosen.json')
  writeFileSync(file, named('Chosen by dialog'))
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: /^Open/ }).first().click()
  ])
  await chooser.setFiles(file)
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Chosen by dialog')
})

test('an experiment that is dropped on the page is opened; one that is none is named', async ({
  launch,
  dataFolder
}) => {
  const page = await (await launch(dataFolder)).page()
  await expect(page.getByRole('navigation').first()).toBeVisible()
  const drop = async (name: string, text: string): Promise<void> => {
    const transfer = await page.evaluateHandle(
      ({ name, text }) => {
        const given = new DataTransfer()
        given.items.add(new File([text], name, { type: 'application/json' }))
        return given
      },
      { name, text }
    )
    await page.locator('.compose').dispatchEvent('drop', { dataTransfer: transfer })
  }
  await drop('dropped.json', named('Dropped here'))
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Dropped here')
  await drop('broken.json', '{ "format": ')
  await expect(page.getByText(/broken\.json/)).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Dropped here')
})

/** Composing: with the keyboard alone, from nothing and from an example; errors at their fields; files; undo. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'
import { press, type } from './keyboard.ts'

const plan = (page: Page) => page.getByRole('complementary', { name: 'Plan' })
const problems = (page: Page) => plan(page).getByRole('status')

/** Begin anew from Compose's first screen. */
async function begin(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Compose' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Compose' })).toBeVisible()
  await page.keyboard.press('Alt+n')
  await expect(page.getByRole('button', { name: 'Blank experiment' })).toBeVisible()
}
async function openFile(page: Page, content: string, name = 'given.json'): Promise<void> {
  const file = { name, mimeType: 'application/json', buffer: Buffer.from(content) }
  await page.getByLabel('Experiment file').setInputFiles(file)
}

test('from nothing to a running experiment with the keyboard alone', async ({ page }) => {
  await begin(page)
  await press(page, page.getByRole('button', { name: 'Blank experiment' }))
  await type(page, page.getByLabel('Name', { exact: true }), 'By hand')

  await press(page, page.getByRole('button', { name: 'Choose a task…' }))
  const dialog = page.getByRole('dialog')
  await type(page, dialog.getByRole('searchbox'), 'capacity')
  await press(page, dialog.getByRole('button', { name: /^Capacity/ }))
  await expect(dialog).toHaveCount(0)

  await press(page, page.getByRole('button', { name: 'Add models…' }))
  for (const name of [/^Linear associator/, /^Fast weights/]) {
    await press(page, dialog.getByRole('button', { name }))
    await expect(dialog.getByRole('button', { name })).toHaveAttribute('aria-pressed', 'true')
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)

  await press(page, page.getByRole('button', { name: 'Sweep a parameter' }))
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await page.keyboard.press('Enter')
  await type(page, page.getByRole('textbox', { name: /^Values of .*Items/ }), '2..4')
  await type(page, page.getByRole('textbox', { name: /^Values of .*Dimension/ }), '8, 16')
  await type(page, page.getByLabel('How many'), '3')
  // 2 models, 3 lengths, 2 dimensions, 3 seeds.
  await expect(plan(page).getByText('36 trials')).toBeVisible()
  await expect(plan(page).getByText(/^≈ .* on /)).toBeVisible({ timeout: 20_000 })

  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'By hand' })).toBeVisible()
  const id = /#\/run\/(\w+)/.exec(page.url())![1]
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).done, { timeout: 30_000 }).toBe(36)
})

test('a blank form does not begin in red, pickers take Enter and Done, and a model stands under its title', async ({
  page
}) => {
  await begin(page)
  await page.getByRole('button', { name: 'Blank experiment' }).click()
  await expect(page.getByRole('button', { name: 'Add models…' })).toBeVisible()
  await expect(page.getByRole('main').locator('[aria-invalid=true], .error')).toHaveCount(0)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Choose a task…' }).click()
  await dialog.getByRole('searchbox').fill('capacity')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await page.getByRole('button', { name: 'Add models…' }).click()
  await dialog.getByRole('searchbox').fill('hopfield')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('button', { name: 'Remove Modern Hopfield network' })).toBeVisible()
  // The palette opens examples too.
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('morning afternoon')
  await expect(page.getByRole('option', { name: /A morning and an afternoon/ }).first()).toBeVisible()
})

test('every example starts an experiment without a problem, chosen with the keyboard', async ({ page }) => {
  await begin(page)
  const cards = page.getByRole('main').getByRole('listitem').getByRole('button')
  await expect(cards.first()).toBeVisible()
  await press(page, cards.first())
  await expect(page.getByRole('textbox', { name: 'Name' })).not.toHaveValue('')
  for (const { experiment } of await ask(page, 'examples.list', {}))
    expect((await ask(page, 'experiment.plan', { experiment })).errors, experiment.name).toEqual([])
})

test('an error stands at its field, blocks the start, and leads there', async ({ page }) => {
  await begin(page)
  await page.getByRole('button', { name: /^Capacity of four memories/ }).click()
  const field = page.getByRole('textbox', { name: /^Dimension/ }).first()
  await field.fill('-5')
  await expect(field).toHaveAttribute('aria-invalid', 'true')
  await expect(field).toHaveAccessibleDescription(/at least/)
  await expect(problems(page)).toContainText('1 thing to settle')
  await expectAccessible(page)

  await field.fill('abc')
  await expect(field).toHaveAccessibleDescription(/number/)
  await page.getByLabel('How many').fill('0')
  await expect(page.getByLabel('How many')).toHaveAccessibleDescription(/count from 1 to 10,000/)
  await expect(problems(page)).toContainText('2 things to settle')

  const address = page.url()
  await page.getByRole('button', { name: 'Start', exact: true }).first().click()
  expect(page.url()).toBe(address)
  await expect(page.locator('[aria-invalid=true]:focus')).toBeVisible()

  await field.fill('64')
  await page.getByLabel('How many').fill('4')
  await expect(problems(page)).toHaveText('')
})

test('undo and redo take back and give again; a reload keeps the draft', async ({ page }) => {
  await begin(page)
  await page.getByRole('button', { name: /^Capacity of four memories/ }).click()
  const rows = page.getByRole('button', { name: /^Remove / })
  await expect(rows).toHaveCount(4)
  await page.getByRole('button', { name: 'Remove Fast weights' }).click()
  await page.getByLabel('How many').fill('7')
  await expect(rows).toHaveCount(3)
  await page.keyboard.press('ControlOrMeta+z')
  await expect(page.getByLabel('How many')).toHaveValue('20')
  await page.keyboard.press('ControlOrMeta+z')
  await expect(rows).toHaveCount(4)
  await page.keyboard.press('ControlOrMeta+Shift+z')
  await expect(rows).toHaveCount(3)
  await expect
    .poll(
      async () => ((await ask(page, 'settings.get', {})).layout.compose as { models: [] } | undefined)?.models.length
    )
    .toBe(3)
  await page.reload()
  await expect(rows).toHaveCount(3)
})

test('a saved file opens as the same experiment', async ({ page }) => {
  await begin(page)
  await page.getByRole('button', { name: /^Capacity of four memories/ }).click()
  await page.getByLabel('Name', { exact: true }).fill('Capacity, again: α/β')
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const download = await saving
  expect(download.suggestedFilename()).toBe('capacity-again.json')
  const text = readFileSync(await download.path(), 'utf8')
  expect(JSON.parse(text)).toMatchObject({ format: 'engram-experiment/1', name: 'Capacity, again: α/β' })

  await page.getByLabel('Name', { exact: true }).fill('Another')
  await openFile(page, text)
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Capacity, again: α/β')
  await page.getByRole('tab', { name: 'JSON' }).click()
  expect(JSON.parse(await page.getByLabel('The experiment as JSON').inputValue())).toEqual(JSON.parse(text))
})

test('an axis is swept only under a condition, set by keyboard and undone', async ({ page }) => {
  await begin(page)
  await openFile(
    page,
    JSON.stringify({
      format: 'engram-experiment/1',
      name: 'Conditional',
      task: { kind: 'capacity', params: {} },
      models: [{ kind: 'linear-associator' }],
      sweep: [
        { param: 'task.recall', values: ['exact', 'noisy'] },
        { param: 'task.sigma', values: [0.1, 0.2, 0.4] }
      ],
      seeds: { count: 1 }
    })
  )
  const trials = plan(page).getByText(/^\d+ trials?$/)
  await expect(trials).toHaveText('6 trials')
  const condition = page.getByRole('button', { name: 'Sweep Capacity: Cue noise only under a condition' })
  await condition.focus()
  await page.keyboard.press('Enter')
  const where = page.getByRole('textbox', { name: 'Values at which Capacity: Cue noise is swept' })
  const on = page.getByRole('combobox', { name: /^What the sweep of Capacity: Cue noise depends on/ })
  await expect(on).toBeFocused()
  await expect(on).toHaveText('Capacity: Cue')
  await where.fill('blurred')
  await expect(page.getByText('"task.recall" is never "blurred"').first()).toBeVisible()
  await where.fill('noisy')
  await expect(trials).toHaveText('4 trials')
  await page.getByRole('button', { name: 'Sweep Capacity: Cue noise everywhere' }).click()
  await expect(trials).toHaveText('6 trials')
  await page.getByRole('button', { name: /^Undo/ }).click()
  await expect(trials).toHaveText('4 trials')
})

test('a hostile file is refused by name and field, and changes nothing', async ({ page }) => {
  await begin(page)
  await page.getByRole('button', { name: /^Capacity of four memories/ }).click()
  await page.getByLabel('Name', { exact: true }).fill('Kept')
  const good = {
    format: 'engram-experiment/1',
    name: '<img src=x onerror=window.owned=1>',
    task: { kind: 'capacity', params: {} },
    models: [{ kind: 'linear-associator' }]
  }
  const cases: [string, RegExp][] = [
    ['{"format":', /not JSON|JSON/],
    ['[]', /.+/],
    [JSON.stringify({ ...good, format: 'engram-experiment/99' }), /format/],
    [JSON.stringify({ ...good, extra: 1 }), /extra/],
    [JSON.stringify(good).replace('"params":{}', '"params":{"__proto__":{"dim":16}}'), /__proto__/],
    [JSON.stringify({ ...good, seeds: { count: 1e9 } }), /seeds/],
    [JSON.stringify(good) + ' '.repeat(4 * 1024 * 1024), /at most/]
  ]
  const alert = page.getByRole('alert')
  for (const [content, said] of cases) {
    await openFile(page, content, 'hostile.json')
    await expect(alert).toContainText(said)
    await expect(alert).toContainText('hostile.json')
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Kept')
    // What is no experiment at all is told where files are taken in, what is wrong in one on its page.
    await page.getByRole('button', { name: /^Close( message)?$/ }).click()
  }

  // What is a file of the right shape opens, and its problems stand in the plan.
  for (const [change, said] of [
    [{ models: [{ kind: 'oracle' }] }, /no model "oracle"/],
    [{ task: { kind: 'constructor', params: {} } }, /no task "constructor"/],
    [{ task: { kind: 'capacity', params: { dim: 1e9 } } }, /at most/],
    [
      {
        sweep: [
          { param: 'task.items', from: 1, to: 1000, steps: 1000, integer: true },
          { param: 'task.share', from: 0, to: 1, steps: 1000 }
        ],
        seeds: { count: 1000 }
      },
      /1,000,000,000 trials/
    ]
  ] as const) {
    await openFile(page, JSON.stringify({ ...good, ...change }))
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue(good.name)
    await expect(problems(page)).toContainText(said)
  }
  expect(await page.evaluate(() => 'owned' in window)).toBe(false)
})

test('the gallery finds examples by words, shows their results, is reached by Tab, and opens one without a question', async ({
  page
}) => {
  await begin(page)
  const main = page.getByRole('main')
  const search = main.getByRole('searchbox', { name: 'Search examples' })
  await search.fill('dimension hopfield')
  const card = main.getByRole('button', { name: 'Recall by dimension: the S-curve' })
  await expect(card.getByRole('img')).toBeVisible()
  await expect(main.getByRole('button', { name: 'Learning one new pair' })).toHaveCount(0)
  await search.fill('zebra')
  await expect(main.getByRole('status')).toContainText('No example has all of these words.')
  await search.fill('')
  // From the search on, every card is the next stop.
  const cards = main.getByRole('listitem').getByRole('button')
  await search.focus()
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('Tab')
    await expect(cards.nth(i)).toBeFocused()
  }
  await main.getByRole('button', { name: 'A, B, C: what follows a cue' }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('A, B, C: what follows a cue')
  // A form begins at its top, and another example takes the place of an untouched one.
  expect(await page.locator('.page > .content').evaluate((element) => element.scrollTop)).toBe(0)
  await page.evaluate(() => (location.hash = '/compose?example=dimension.json'))
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Recall by dimension: the S-curve')
  await page.getByLabel('Name', { exact: true }).fill('Mine')
  await page.evaluate(() => (location.hash = '/compose?example=quickstart.json'))
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Mine')
})

test('what has no effect says so, and a sweep says at its row what is wrong with it', async ({ page }) => {
  await begin(page)
  await page.getByRole('main').getByRole('button', { name: 'Recall by dimension: the S-curve' }).click()
  await expect(page.getByText('No effect here; it needs Cue: noisy')).toBeVisible()
  const values = page.getByRole('textbox', { name: /^Values of .*Dimension/ })
  await values.fill('1..1000000')
  await expect(page.getByText(/is a range/).first()).toContainText('1..1000000 log 7')
  // At all values that the example's predictions are about, one of them twice.
  await values.fill('2, 4, 8, 16, 32, 64, 128, 8')
  await expect(page.getByText('7 values, each computed once')).toBeVisible()
  // 4 models, 7 dimensions, 10 seeds.
  await expect(plan(page).getByText('280 trials')).toBeVisible()
  // A switch's name switches it, once.
  await page.evaluate(() => (location.hash = '/cost'))
  const log = page.getByRole('switch', { name: 'Log cost' })
  await expect(log).toBeChecked()
  await page.getByText('Log cost', { exact: true }).click()
  await expect(log).not.toBeChecked()
})

/** What a memory held over time, in the details of a trial: by slider, by keyboard, playing, and standing still for those who ask. */
import { expectAccessible } from './axe.ts'
import { ask, expect, test } from './fixtures.ts'

test('memory contents are looked through moment by moment', async ({ page }) => {
  const { id } = await ask(page, 'runs.start', {
    experiment: {
      format: 'engram-experiment/1',
      name: 'Frames',
      task: {
        kind: 'associative-recall',
        params: { pairs: 2, length: 16, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 4, steps: 4 }
      },
      models: [{ kind: 'hybrid', params: { heads: 2, memorySlots: 6, bank: 'shared' } }],
      seeds: { count: 1 },
      backend: 'wasm'
    } as never
  })
  await page.goto(`${new URL(page.url()).origin}/#/run/${id}`)
  await expect.poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 30_000 }).toBe('done')
  await page.getByRole('tab', { name: /Trials/ }).click()
  await page.getByRole('button', { name: 'Details of hybrid, seed 0' }).click()
  const dialog = page.getByRole('dialog')
  const title = 'Layer 1: Episodic memory: Values held in the bank'
  const figure = dialog.getByRole('figure', { name: title })
  await figure.scrollIntoViewIfNeeded()
  const moment = figure.getByRole('status')
  const slider = figure.getByRole('slider', { name: `Moment of ${title}` })
  await expect(moment).toHaveText('as token 16 of 16 sees it')
  await expect(figure.getByText('Entry, oldest first', { exact: true })).toBeVisible()

  await slider.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(moment).toHaveText('as token 15 of 16 sees it')
  await expect(slider).toHaveAttribute('aria-valuetext', 'as token 15 of 16 sees it')
  await page.keyboard.press('Home')
  await expect(moment).toHaveText('as token 1 of 16 sees it')
  await expect(figure.getByRole('button', { name: 'Moment before' })).toBeDisabled()
  await figure.getByRole('button', { name: 'Moment after' }).click()
  await expect(moment).toHaveText('as token 2 of 16 sees it')

  await figure.getByRole('button', { name: 'Play' }).click()
  // Two beats or more, however seldom it is looked at.
  await expect(moment).toHaveText(/^as token ([4-9]|1\d) of 16 sees it$/)
  await figure.getByRole('button', { name: 'Pause' }).click()
  const stopped = await moment.textContent()
  await page.waitForTimeout(900)
  await expect(moment).toHaveText(stopped!)
  await expectAccessible(page)

  await page.emulateMedia({ reducedMotion: 'reduce' })
  await expect(figure.getByRole('button', { name: 'Play' })).toHaveCount(0)
  await figure.getByRole('button', { name: 'Moment after' }).click()
  await expect(moment).not.toHaveText(stopped!)
  await expect(dialog.getByRole('figure', { name: /Weights of the memory’s first layer/ })).toHaveCount(2)
})

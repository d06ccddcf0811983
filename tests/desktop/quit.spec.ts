import { ask } from '../e2e/fixtures.ts'
import { children, expect, isRunning, test, type Desktop } from './desktop.ts'
import { long, results, someStored, start, stored, trials, until } from './runs.ts'

/** The user answers every question with the button of this number; what was asked is kept. */
const answering = (app: Desktop, response: number): Promise<void> =>
  app.evaluate(({ dialog }, chosen) => {
    const asked: string[] = ((globalThis as { asked?: string[] }).asked = [])
    dialog.showMessageBox = ((...given: { message: string }[]) => {
      asked.push(given.at(-1)!.message)
      return Promise.resolve({ response: chosen, checkboxChecked: false })
    }) as never
  }, response)
const asked = (app: Desktop): Promise<string[]> => app.evaluate(() => (globalThis as { asked?: string[] }).asked ?? [])
const awake = (app: Desktop): Promise<boolean> =>
  app.evaluate(({ powerSaveBlocker }) => [1, 2, 3].some((id) => powerSaveBlocker.isStarted(id)))

test.setTimeout(120_000)

test('quitting during a run asks; the run can be resumed, and nothing stored is lost', async ({
  launch,
  dataFolder
}) => {
  const first = await launch(dataFolder)
  const page = await first.page()
  expect(await awake(first)).toBe(false)
  const id = await start(page, long)
  await someStored(page, id)
  expect(await awake(first)).toBe(true)

  await answering(first, 0)
  await first.evaluate(({ app }) => app.quit())
  await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].close())
  expect(await asked(first)).toEqual(['The studio is still computing.', 'The studio is still computing.'])
  expect((await ask(page, 'runs.get', { id })).status).toBe('running')

  await answering(first, 1)
  const before = stored(await results(page, id))
  await first.evaluate(({ app }) => void setTimeout(() => app.quit()))
  expect(await first.ended).toBe(0)

  const second = await launch(dataFolder)
  const again = await second.page()
  expect((await ask(again, 'runs.get', { id })).status).toBe('interrupted')
  expect(stored(await results(again, id))).toBeGreaterThanOrEqual(before)
  await ask(again, 'runs.resume', { id })
  await until(again, id, 'done')
  expect(stored(await results(again, id))).toBe(trials)
  await expect.poll(() => awake(second)).toBe(false)
  await answering(second, 0)
  await second.evaluate(({ BrowserWindow }) => void setTimeout(() => BrowserWindow.getAllWindows()[0].close()))
  expect(await second.ended).toBe(0)
})

test('who sends a signal is not asked; the engine ends with its app', async ({ launch, dataFolder }) => {
  const app = await launch(dataFolder)
  const page = await app.page()
  await someStored(page, await start(page, long))
  const engines = children(app.pid)
  expect(engines.length).toBeGreaterThan(0)
  process.kill(app.pid, 'SIGTERM')
  expect(await app.ended).toBe(0)
  await expect.poll(() => engines.filter(({ pid }) => isRunning(pid))).toEqual([])
})

test('an engine that is killed loses no stored trial; the window lives, and the run is resumed', async ({
  launch,
  dataFolder
}) => {
  const app = await launch(dataFolder)
  const page = await app.page()
  const id = await start(page, long)
  await someStored(page, id)
  const kept = await results(page, id)
  const [engine] = children(app.pid).filter(({ command }) => command.includes('process.js'))
  process.kill(engine.pid, 'SIGKILL')
  await until(page, id, 'interrupted')
  expect((await ask(page, 'runs.get', { id })).error).toMatchObject({ code: 'engine-crashed' })
  expect(stored(await results(page, id))).toBeGreaterThanOrEqual(stored(kept))
  await ask(page, 'runs.resume', { id })
  await until(page, id, 'done')
  expect(stored(await results(page, id))).toBe(trials)
})

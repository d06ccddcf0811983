/** A run over the queue from the browser: its address, its workers, its end, the studio closed and opened meanwhile. */
import { expect, test, type Page } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redisReason, redisServer, withoutRedis } from '../support/redis.ts'
import { expectAccessible } from './axe.ts'
import { ask } from './fixtures.ts'
import { cli, ended, startServe } from './server.ts'

test.skip(withoutRedis, `There is no server for a queue here${redisReason}`)
test.setTimeout(240_000)

const experiment = {
  format: 'engram-experiment/1',
  name: 'On the lab’s machines',
  task: { kind: 'capacity', params: { dim: 48 } },
  models: [{ kind: 'linear-associator' }, { kind: 'hopfield' }],
  sweep: [{ param: 'task.items', values: [8, 24, 48] }],
  seeds: { first: 0, count: 700 },
  backend: 'wasm'
}
const trials = 2 * 3 * 700

function startWorker(queue: string, name: string, data: string): ChildProcess {
  return spawn(
    process.execPath,
    [...cli, 'worker', '--queue', queue, '--name', name, '--workers', '1', '--data', data],
    { stdio: 'ignore' }
  )
}
const workers = (page: Page) => page.getByRole('region', { name: 'Workers' })

test('a run goes to the queue from Compose, its workers are seen, and it is done though the studio was closed', async ({
  browser
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-computers-'))
  mkdirSync(join(folder, 'redis'))
  const server = await redisServer(join(folder, 'redis'))
  const data = join(folder, 'data')
  let served = await startServe(data)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const children: ChildProcess[] = []
  try {
    const page = await context.newPage()
    await page.goto(served.link)

    await page.getByRole('link', { name: 'Computers' }).click()
    const address = page.getByLabel('Address of the server')
    await address.fill(server.url.replace('//', '//:secret@'))
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText(/address with a password would be stored/)).toBeVisible()
    await address.fill(server.url)
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('No worker is there.')).toBeVisible()
    await expect(page.getByText(`engram worker --queue ${server.url}`)).toBeVisible()
    children.push(startWorker(server.url, 'left', join(folder, 'left')))
    await expect(workers(page).getByRole('rowheader', { name: /^left/ })).toBeVisible({ timeout: 30_000 })
    await expectAccessible(page)

    await page.getByRole('link', { name: 'Compose' }).click()
    const file = { name: 'lab.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(experiment)) }
    await page.getByLabel('Experiment file').setInputFiles(file)
    await page.getByRole('combobox', { name: /^Run on/ }).click()
    await page.getByRole('option', { name: /^The queue/ }).click()
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(page.getByRole('heading', { level: 1, name: experiment.name })).toBeVisible()
    const id = /#\/run\/(\w+)/.exec(page.url())![1]
    const run = () => ask(page, 'runs.get', { id })
    await expect.poll(async () => (await run()).done, { timeout: 60_000 }).toBeGreaterThan(0)

    await page.getByRole('link', { name: 'Computers' }).click()
    await expect(workers(page).getByRole('cell', { name: /linear-associator|hopfield/ })).toBeVisible()
    await expect(workers(page).getByRole('status')).toContainText(/1 worker[^]*waiting/)

    await ended(served.process, 'SIGTERM')
    children.push(startWorker(server.url, 'right', join(folder, 'right')))
    served = await startServe(data)
    await page.goto(`${served.link}`)
    await expect(page.getByRole('main')).toBeVisible()
    await expect.poll(async () => (await run()).status, { timeout: 120_000 }).toBe('done')
    expect(await run()).toMatchObject({ done: trials, failed: 0, provenance: { place: 'queue' } })
    await page.evaluate((hash) => (location.hash = hash), `#/run/${id}`)
    await page.getByRole('tab', { name: 'Provenance' }).click()
    await expect(page.getByText(/left \(.*trials/)).toBeVisible()
    await expectAccessible(page)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await served.stop()
    await context.close()
    await server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})

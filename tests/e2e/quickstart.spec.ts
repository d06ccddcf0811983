import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunResult } from '../../src-main/hosts/terminal/results.ts'
import { ask, expect, test } from './fixtures.ts'
import { cli, projectRoot } from './server.ts'

test.setTimeout(300_000)

/** Run the quickstart on the command line, in a data folder of its own. */
async function fromCommandLine(): Promise<RunResult> {
  const data = mkdtempSync(join(tmpdir(), 'engram-quickstart-'))
  try {
    return await new Promise((resolve, reject) => {
      const file = join(projectRoot, 'resources/experiments/quickstart.json')
      const child = spawn(process.execPath, [...cli, 'run', file, '--backend', 'wasm', '--data', data, '--json'])
      let [out, err] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
      child.on('close', (code) => (code === 0 ? resolve(JSON.parse(out) as RunResult) : reject(new Error(err))))
    })
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

test('the quickstart gives the same numbers from the window and from the command line', async ({ page }) => {
  // Which backend is quickest is measured anew on every start; the same numbers need the same one.
  await ask(page, 'settings.set', { backend: 'wasm' })
  await page.getByRole('navigation').first().getByRole('link', { name: 'Compose' }).click()
  await page.getByRole('button', { name: /^Capacity of four memories/ }).click()
  await page.getByRole('button', { name: 'Start', exact: true }).first().click()
  await expect(page).toHaveURL(/#\/run\/\w+/)
  const id = /#\/run\/(\w+)/.exec(page.url())![1]
  await expect
    .poll(async () => (await ask(page, 'runs.get', { id })).status, { timeout: 120_000, intervals: [500] })
    .toBe('done')
  await expect(page.getByText(/400/).first()).toBeVisible()
  const shown = (await ask(page, 'runs.results', { ids: [id] })).flatMap(({ label, point, seeds, metrics }) =>
    seeds.map((seed, i) => ({
      model: label,
      point,
      seed,
      metrics: Object.fromEntries(Object.entries(metrics).map(([name, values]) => [name, values[i]]))
    }))
  )
  expect(shown).toHaveLength(400)
  const { trials } = await fromCommandLine()
  expect(shown).toEqual(trials.map(({ model, point, seed, metrics }) => ({ model, point, seed, metrics })))
})

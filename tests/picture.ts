/** `npm run picture`: the pictures of the README and of the guide, taken of the running studio after the quickstart. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { browserArguments, needBrowser } from './e2e/browser.ts'
import { connectTo, projectRoot, startServe } from './e2e/server.ts'

const target = join(projectRoot, 'resources/guide/studio.png')

const found = needBrowser()
if ('problem' in found) {
  process.stderr.write(`${found.problem}\n`)
  process.exit(1)
}
const data = mkdtempSync(join(tmpdir(), 'engram-picture-'))
const served = await startServe(data)
const browser = await chromium.launch({ executablePath: found.path, args: browserArguments })
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
  page.setDefaultTimeout(180_000)
  await page.goto(served.link)
  // The tour is offered to those who have run nothing yet.
  await page.getByRole('button', { name: 'No, thanks' }).click()
  const session = await page.waitForFunction(() => sessionStorage.getItem('engram.session'), undefined, {
    polling: 200
  })
  const client = await connectTo(served, (await session.jsonValue())!)
  const experiment = JSON.parse(readFileSync(join(projectRoot, 'resources/experiments/quickstart.json'), 'utf8'))
  const { id } = await client.call('runs.start', { experiment })
  while ((await client.call('runs.get', { id })).status !== 'done') await new Promise((next) => setTimeout(next, 300))
  const set = await client.call('recall.simulate', {})
  const short = JSON.parse(readFileSync(join(projectRoot, 'resources/experiments/free-recall.json'), 'utf8'))
  const recall = await client.call('runs.start', {
    experiment: {
      ...short,
      models: [{ kind: 'cmr', label: 'CMR' }],
      task: { kind: 'free-recall', params: { items: 12 } }
    }
  })
  while ((await client.call('runs.get', recall)).status !== 'done') await new Promise((next) => setTimeout(next, 300))
  client.close()
  await page.setViewportSize({ width: 1180, height: 720 })
  const chapters: [name: string, address: string][] = [
    ['compose', '/compose'],
    ['models', '/models/model/hopfield'],
    ['compare', `/compare?runs=${id}`],
    ['recall', `/recall?sets=${set.id}&runs=${recall.id}`],
    ['cost', '/cost'],
    ['history', '/history?sort=-metric.accuracy']
  ]
  for (const [name, address] of chapters) {
    await page.goto(`${served.origin}/#${address}`)
    await page.waitForTimeout(2500)
    await page.screenshot({ path: join(projectRoot, `resources/guide/chapters/${name}.png`) })
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto(`${served.origin}/#/run/${id}`)
  await page.locator('canvas').first().waitFor()
  await page.mouse.move(1430, 890)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: target })
  process.stdout.write(`${target}\n`)
} finally {
  await browser.close()
  await served.stop()
  rmSync(data, { recursive: true, force: true })
}

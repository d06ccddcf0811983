/** Memory after many changes of page and while a run is watched; `npm run heap` does 300 and half an hour. */
import type { Page } from '@playwright/test'
import { ask, expect, go, test } from './fixtures.ts'
import { storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 3, 3) } })

const changes = Number(process.env.ENGRAM_PAGE_CHANGES ?? 60)

const watchedSeconds = Number(process.env.ENGRAM_LIVE_SECONDS ?? 8)

/** What a page holds on to, in bytes. */
interface Heap {
  /** What V8 counts as used. */
  used: number
  /** All objects, strings and nodes of the document in a snapshot: what a page can forget to let go of. */
  held: number
  /** In the same snapshot, what V8 compiled: it grows with every function that becomes hot, until all have. */
  compiled: number
}

/** A snapshot as Chromium writes it: `node_fields` numbers a node, of which one is the type and one the size. */
interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } }
  nodes: number[]
}

function sizes(snapshot: Snapshot): Pick<Heap, 'held' | 'compiled'> {
  const { node_fields: fields, node_types: types } = snapshot.snapshot.meta
  const [type, size, code] = [fields.indexOf('type'), fields.indexOf('self_size'), types[0].indexOf('code')]
  const sum = { held: 0, compiled: 0 }
  for (let at = 0; at < snapshot.nodes.length; at += fields.length)
    sum[snapshot.nodes[at + type] === code ? 'compiled' : 'held'] += snapshot.nodes[at + size]!
  return sum
}

async function heapOf(page: Page): Promise<() => Promise<Heap>> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  return async () => {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize: used } = await session.send('Runtime.getHeapUsage')
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
    return { used, ...sizes(JSON.parse(chunks.splice(0).join('')) as Snapshot) }
  }
}

/** Wait until the page has drawn all that it loads: nothing on it changes any more. */
async function atRest(page: Page): Promise<void> {
  await expect(page.getByText(/^(Loading|Reading)/)).toHaveCount(0)
  await page.evaluate(
    (quietMs) =>
      new Promise<void>((resolve) => {
        const rest = (): void => (observer.disconnect(), resolve())
        let last = setTimeout(rest, quietMs)
        const observer = new MutationObserver(() => {
          clearTimeout(last)
          last = setTimeout(rest, quietMs)
        })
        observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
      }),
    150
  )
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const say = (before: Heap, after: Heap): void => {
  for (const part of ['used', 'held', 'compiled'] as const)
    console.log(`${part}: ${mebibytes(before[part])}, then ${mebibytes(after[part])}`)
}

test(`the heap after ${changes} changes of page is within 20 % of its start`, async ({ page }) => {
  test.setTimeout(60_000 + changes * 2000)
  const heap = await heapOf(page)
  const addresses = [
    '/compose',
    '/run/run0',
    '/compare?runs=run0,run1',
    '/cost',
    '/recall',
    '/report',
    '/history',
    '/models',
    '/guide'
  ]
  const round = async (shown: (page: Page) => Promise<unknown>): Promise<void> => {
    for (const address of addresses) {
      await go(page, address)
      await shown(page)
    }
  }
  const atOnce = (page: Page): Promise<void> => page.waitForTimeout(60)
  // What every page keeps, it keeps after its first visits, each seen to its end; measured on one page, at rest.
  for (let i = 0; i < 2; i++) await round(atRest)
  const before = await heap()
  for (let done = addresses.length; done < changes; done += addresses.length) await round(atOnce)
  await round(atRest)
  const after = await heap()
  say(before, after)
  expect(after.used / before.used).toBeLessThan(1.2)
  expect(after.held / before.held).toBeLessThan(1.2)
})

test(`the heap while a run is watched for ${watchedSeconds} s is within 20 % of its start`, async ({ page }) => {
  test.setTimeout(120_000 + watchedSeconds * 2000)
  // Models that train: their curves come in at every moment, and trials end all the time.
  const { id } = await ask(page, 'runs.start', {
    experiment: {
      ...{ format: 'engram-experiment/1', name: 'Watched', backend: 'wasm' },
      task: {
        kind: 'associative-recall',
        params: {
          ...{ pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 8 },
          ...{ steps: 600, stopAt: 1.1 }
        }
      },
      models: [{ kind: 'attention', params: { heads: 2 } }, { kind: 'linear-attention' }],
      seeds: { first: 0, count: 5000 }
    } as never
  })
  await page.goto(`${new URL(page.url()).origin}/#/run/${id}`)
  await expect(page.getByRole('main').locator('canvas').first()).toBeVisible({ timeout: 60_000 })
  const heap = await heapOf(page)
  await page.waitForTimeout(Math.min(30_000, watchedSeconds * 400))
  const before = await heap()
  await page.waitForTimeout(watchedSeconds * 1000)
  const after = await heap()
  const { done, status } = await ask(page, 'runs.get', { id })
  say(before, after)
  console.log(`${done} trials done`)
  expect(status).toBe('running')
  expect(after.used / before.used).toBeLessThan(1.2)
  expect(after.held / before.held).toBeLessThan(1.2)
  await ask(page, 'runs.cancel', { id })
})

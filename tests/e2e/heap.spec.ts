/** Memory after many changes of page and while a run is watched; `npm run heap` does 300 and half an hour. */
import type { Page } from '@playwright/test'
import { ask, expect, go, test } from './fixtures.ts'
import { storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 3, 3) } })

const changes = Number(process.env.ENGRAM_PAGE_CHANGES ?? 60)

const watchedSeconds = Number(process.env.ENGRAM_LIVE_SECONDS ?? 8)

/** What the page holds on to, in bytes. */
async function heapOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  return async () => {
    await session.send('HeapProfiler.collectGarbage')
    return ((await session.send('Runtime.getHeapUsage')) as { usedSize: number }).usedSize
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

test(`the heap after ${changes} changes of page is within 20 % of its start`, async ({ page }) => {
  test.setTimeout(60_000 + changes * 2000)
  const used = await heapOf(page)
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
  const before = await used()
  for (let done = addresses.length; done < changes; done += addresses.length) await round(atOnce)
  await round(atRest)
  const after = await used()
  console.log(`heap ${mebibytes(before)}, then ${mebibytes(after)}`)
  expect(after / before).toBeLessThan(1.2)
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
  const used = await heapOf(page)
  await page.waitForTimeout(Math.min(30_000, watchedSeconds * 400))
  const before = await used()
  await page.waitForTimeout(watchedSeconds * 1000)
  const after = await used()
  const { done, status } = await ask(page, 'runs.get', { id })
  console.log(`heap ${mebibytes(before)}, then ${mebibytes(after)}, ${done} trials done`)
  expect(status).toBe('running')
  expect(after / before).toBeLessThan(1.2)
  await ask(page, 'runs.cancel', { id })
})

/** Memory after many changes of page; `npm run heap` does 300. */
import { expect, test } from './fixtures.ts'
import { storeRuns } from './many-runs.ts'

test.use({ stored: { fill: (folder: string) => storeRuns(folder, 3, 3) } })

const changes = Number(process.env.ENGRAM_PAGE_CHANGES ?? 60)

test(`the heap after ${changes} changes of page is within 20 % of its start`, async ({ page }) => {
  test.setTimeout(60_000 + changes * 2000)
  const session = await page.context().newCDPSession(page)
  const used = async (): Promise<number> => {
    await session.send('HeapProfiler.enable')
    await session.send('HeapProfiler.collectGarbage')
    return ((await session.send('Runtime.getHeapUsage')) as { usedSize: number }).usedSize
  }
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
  const visit = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      await page.evaluate((to) => (location.hash = to), addresses[i % addresses.length])
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForTimeout(60)
    }
  }
  // What every page keeps, it keeps after the first visits.
  await visit(2 * addresses.length)
  const before = await used()
  await visit(changes)
  await visit(1)
  expect((await used()) / before).toBeLessThan(1.2)
})

/**
 * `npm run bench -- ui [FOLDER]`: the history over 100,000 runs and 10 million metric points, in a real browser. Opening,
 * filtering and scrolling are timed inside the page, from the input to the frame that shows the answer. The database is
 * generated (minutes) unless the folder of an earlier one is given.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { browserArguments, findBrowser } from '../e2e/browser.ts'
import { startServe } from '../e2e/server.ts'
import { generateHistory } from './generate-history.ts'
import type { BenchOptions } from './run.ts'

/** What issue 8 asks for, in milliseconds. */
const budget = { open: 200, filter: 50 }
const filters = ['gate', 'metric.accuracy > 0.7', 'param.learningRate <= 0.01', 'tag:thesis', 'status:done best > 0.9']

export async function bench({ quick, json, only }: BenchOptions): Promise<void> {
  const given = only[0]
  const folder = given ?? mkdtempSync(join(tmpdir(), 'engram-ui-'))
  const runs = quick ? 10_000 : 100_000
  if (!given) generateHistory(folder, runs, (n) => !json && process.stderr.write(`\r${n} of ${runs} runs made`))
  const served = await startServe(folder)
  const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArguments })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(served.link)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const opened: number[] = []
    const filtered: Record<string, number[]> = {}
    for (let i = 0; i < (quick ? 3 : 7); i++) {
      opened.push(await open(page))
      for (const filter of filters) (filtered[filter] ??= []).push(await filterBy(page, filter))
      await filterBy(page, '')
    }
    const scrolled = await scroll(page)
    const figures = {
      open: median(opened),
      filter: Object.fromEntries(Object.entries(filtered).map(([filter, ms]) => [filter, median(ms)])),
      scroll: scrolled
    }
    if (json) return void console.log(JSON.stringify(figures))
    const line = (what: string, ms: number, most: number): void =>
      console.log(`${what.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms  ${ms <= most ? 'within' : 'OVER'} ${most} ms`)
    console.log()
    line('open: click to first rows', figures.open, budget.open)
    for (const [filter, ms] of Object.entries(figures.filter)) line(`filter: ${filter}`, ms, budget.filter)
    console.log(`scroll: ${scrolled.frames} frames, ${scrolled.blank} with a row that was not there yet`)
  } finally {
    await browser.close()
    await served.stop()
    if (!given) rmSync(folder, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/** From the click on History to the frame that shows rows. */
async function open(page: Page): Promise<number> {
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  return page.evaluate(async () => {
    const start = performance.now()
    location.hash = '#/history'
    while (!document.querySelector('[role="treegrid"] .space .cell'))
      await new Promise((resolve) => requestAnimationFrame(resolve))
    return performance.now() - start
  })
}

/** From the last key to the frame that shows what was found. */
function filterBy(page: Page, filter: string): Promise<number> {
  return page.evaluate(async (text) => {
    const box = document.querySelector<HTMLInputElement>('[role="combobox"][aria-label="Search runs"]')!
    const shown = (): string => document.querySelector('[aria-rowcount]')?.getAttribute('aria-rowcount') ?? ''
    const before = shown()
    const start = performance.now()
    box.value = text
    box.dispatchEvent(new Event('input', { bubbles: true }))
    while (shown() === before && performance.now() - start < 5000)
      await new Promise((resolve) => requestAnimationFrame(resolve))
    return performance.now() - start
  }, filter)
}

/** Scroll through thousands of rows as with a wheel, and count the frames in which a row on the screen is not there. */
function scroll(page: Page): Promise<{ frames: number; blank: number }> {
  return page.evaluate(async () => {
    const grid = document.querySelector<HTMLElement>('[role="treegrid"]')!
    let [frames, blank] = [0, 0]
    grid.scrollTop = 0
    for (let i = 0; i < 400; i++) {
      grid.scrollTop += 120
      await new Promise((resolve) => requestAnimationFrame(resolve))
      frames++
      const { top, bottom } = grid.getBoundingClientRect()
      const missing = [...grid.querySelectorAll('.loading')].some((element) => {
        const box = element.getBoundingClientRect()
        return box.bottom > top + 32 && box.top < bottom
      })
      if (missing) blank++
    }
    return { frames, blank }
  })
}

/**
 * The real studio for the end-to-end tests: one per test file, in a data folder of its own. Where Electron's runtime is
 * installed and there is a display it is the desktop window, otherwise `serve` in Chromium; the specs are the same.
 */
import { _electron, expect, test as base, type Browser, type BrowserContext, type Page } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallInput, CallName, CallOutput, Result } from '../../src-shared/contract/index.ts'
import { exported, type Exported } from '../support/exported.ts'
import { findDesktop, thisMachine } from '../../src-main/hosts/desktop/runtime.ts'
import { projectRoot, startServe, type Served } from './server.ts'

export interface StudioUnderTest {
  host: 'electron' | 'chromium'
  dataFolder: string
  /** The server, when that is the host. */
  served?: Served
  /** A page that shows the studio, and what closes it. */
  open(browser: Browser): Promise<{ page: Page; close(): Promise<void> }>
  stop(): Promise<void>
}

const desktop = findDesktop(thisMachine())
export const host: StudioUnderTest['host'] = 'executable' in desktop ? 'electron' : 'chromium'

/** What the data folder holds before the studio opens it. */
export interface Stored {
  fill(dataFolder: string): void
  /** What else the studio is started with. */
  args?(dataFolder: string): string[]
}

export async function startStudio(stored?: Stored): Promise<StudioUnderTest> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'engram-e2e-'))
  stored?.fill(dataFolder)
  const args = stored?.args?.(dataFolder) ?? []
  const remove = (): void => rmSync(dataFolder, { recursive: true, force: true })
  if ('executable' in desktop) {
    const app = await _electron.launch({
      executablePath: desktop.executable,
      args: [...desktop.switches, projectRoot, '--data', dataFolder, `--user-data-dir=${dataFolder}/chromium`, ...args]
    })
    return {
      host: 'electron',
      dataFolder,
      async open() {
        const page = await app.firstWindow()
        await page.reload()
        return { page, close: async () => {} }
      },
      async stop() {
        await app.close()
        remove()
      }
    }
  }
  const served = await startServe(dataFolder, 0, args)
  let session: string | undefined
  return {
    host: 'chromium',
    dataFolder,
    served,
    async open(browser) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      if (session !== undefined) await letIn(context, served.origin, session)
      const page = await context.newPage()
      await page.goto(session === undefined ? served.link : served.origin)
      session ??= await sessionOf(page)
      return { page, close: () => context.close() }
    },
    async stop() {
      await served.stop()
      remove()
    }
  }
}

/** The session that a page was given for its link. */
export async function sessionOf(page: Page): Promise<string> {
  const kept = await page.waitForFunction(() => sessionStorage.getItem('engram.session'))
  return (await kept.jsonValue())!
}

/** Give the tabs of a context, or one tab, what a tab keeps in its own storage. */
export const letIn = (
  context: Pick<BrowserContext, 'addInitScript'>,
  origin: string,
  session: string
): Promise<unknown> =>
  context.addInitScript(
    (kept) => {
      if (location.origin === kept.origin) sessionStorage.setItem('engram.session', kept.session)
    },
    { origin, session }
  )

interface Fixtures {
  stored: Stored | undefined
  studio: StudioUnderTest
  /** The console's errors that a test expects; any other fails it. */
  expectedErrors: RegExp | undefined
}

export const test = base.extend<Fixtures, { studios: { file?: string; current?: StudioUnderTest } }>({
  studios: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const studios: { file?: string; current?: StudioUnderTest } = {}
      await use(studios)
      await studios.current?.stop()
    },
    { scope: 'worker' }
  ],
  stored: [undefined, { option: true }],
  studio: async ({ studios, stored }, use, { file }) => {
    if (studios.file !== file) {
      await studios.current?.stop()
      studios.current = await startStudio(stored)
      studios.file = file
    }
    await use(studios.current!)
  },
  expectedErrors: [undefined, { option: true }],
  page: async ({ studio, browser, expectedErrors }, use) => {
    const errors: string[] = []
    const { page, close } = await studio.open(browser)
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    await expect(page.locator('#page-title')).toBeVisible()
    await use(page)
    await close()
    expect(errors.filter((text) => !expectedErrors?.test(text))).toEqual([])
  }
})

export { expect }

/** Open an address of the studio, and wait until its page stands there. */
export async function go(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => (location.hash = to), address)
  // The sidebar marks a page in the step that shows it; until then the one before is there.
  const [id] = /^\/\w+/.exec(address)!
  await expect(page.locator(`nav[aria-label="Pages"] a[aria-current="page"][href^="#${id}"]`)).toHaveCount(1)
  await expect(page.locator('#page-title')).toBeVisible()
}

/** Make a call of the contract from the page, past its user interface. */
export async function ask<N extends CallName>(page: Page, name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const result = (await page.evaluate(
    ({ called, given }) => {
      if (window.engram) return window.engram.call(called, given)
      return new Promise<unknown>((resolve, reject) => {
        const socket = new WebSocket(`ws://${location.host}/socket`)
        socket.onerror = () => reject(new Error('no connection'))
        socket.onopen = () => {
          socket.send(JSON.stringify({ session: sessionStorage.getItem('engram.session') }))
          socket.send(JSON.stringify({ id: 1, name: called, input: given }))
        }
        socket.onclose = () => reject(new Error('not let in'))
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(String(data)) as { id?: number; result: unknown }
          if (message.id !== 1) return
          resolve(message.result)
          socket.close()
        }
      })
    },
    // The names of the contract would make TypeScript count through every call; here one stands for all.
    { called: name as 'studio.info', given: input as Record<string, never> }
  )) as Result<CallOutput<N>>
  if (!result.ok) throw new Error(`${name}: ${JSON.stringify(result.error)}`)
  return result.value
}

/** An export made past the page's user interface. */
export const exportedFrom = (page: Page, request: CallInput<'exports.start'>): Promise<Exported> =>
  exported((name, input) => ask(page, name, input), request)

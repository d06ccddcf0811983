/** Shows the windows of an app that runs in the stand-in: each is a page of Chromium with the app's preload script. */
import type { Browser, BrowserContext, CDPSession, Download, Frame, Page, Request, Route } from '@playwright/test'
import { parse, stringify } from 'devalue'
import { join } from 'node:path'
import { build } from 'vite'
import {
  disguised,
  ended,
  undisguised,
  Wire,
  type Fetched,
  type Happened,
  type ToApp,
  type ToScreen,
  type Told
} from './wire.ts'

const worldName = 'Electron Isolated Context'
const channel = 'engram-stand-in'

interface Shown {
  page: Page
  session: CDPSession
  /** The preload script's world, once it has said hello. */
  world?: number
  create: ToScreen & { kind: 'create' }
}

export type ToTheApp = Wire<ToApp, Happened, ToScreen, Told>

/** The two scripts of the page's side, as one file each. */
async function scripts(): Promise<{ main: string; isolated: string }> {
  const bundle = async (name: string): Promise<string> => {
    const built = await build({
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      build: {
        write: false,
        minify: false,
        lib: { entry: join(import.meta.dirname, 'page', `${name}.ts`), formats: ['iife'], name: 'standIn' }
      }
    })
    const [{ output }] = built as { output: { code: string }[] }[]
    return output[0].code
  }
  return { main: await bundle('main'), isolated: await bundle('isolated') }
}
let bundled: ReturnType<typeof scripts> | undefined

export class Screen {
  readonly #context: BrowserContext
  readonly #wire: ToTheApp
  readonly #windows = new Map<number, Shown>()
  readonly #own = new Set<Page>()
  readonly #downloads = new Map<number, Download>()
  /** Addresses that the app itself asked to load; every other navigation is the page's wish. */
  readonly #wanted = new Set<string>()
  #opened = Promise.withResolvers<void>()
  #last = 0

  private constructor(context: BrowserContext, post: (letter: never) => void) {
    this.#context = context
    this.#wire = new Wire(
      post as never,
      (asked) => this.#answer(asked),
      (told) => void this.#hear(told)
    )
  }

  static async open(browser: Browser, post: (letter: never) => void): Promise<Screen> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const screen = new Screen(context, post)
    await context.route(/^(?!data:|blob:)/, (route) => screen.#route(route).catch(unlessEnded))
    context.on('page', (page) => void screen.#popup(page).catch(unlessEnded))
    return screen
  }

  get wire(): ToTheApp {
    return this.#wire
  }

  /** The page of the newest window, once there is one. */
  async page(): Promise<Page> {
    await this.#opened.promise
    return [...this.#windows.values()].at(-1)!.page
  }

  async close(): Promise<void> {
    this.#wire.cut()
    await this.#context.close()
  }

  async #answer(asked: ToScreen): Promise<unknown> {
    if (asked.kind === 'create') return void (await this.#create(asked))
    const shown = this.#windows.get(asked.window)
    if (!shown) throw new Error('There is no such window.')
    switch (asked.kind) {
      case 'load':
        await this.#load(shown.page, disguised(asked.url))
        return this.#opened.resolve()
      case 'reload': {
        const url = shown.page.url()
        // The page of a dead process is of no use any more; a window gets a new one.
        if (shown.page.isClosed()) await this.#load(await this.#create(shown.create), url)
        else {
          this.#wanted.add(withoutHash(url))
          await shown.page.reload()
        }
        return this.#opened.resolve()
      }
      case 'run':
        return shown.page.evaluate(asked.code)
      case 'crash':
        // The answer never comes: the process that would give it is gone.
        void shown.session.send('Page.crash').catch(() => {})
        return
      case 'destroy':
        this.#windows.delete(asked.window)
        return shown.page.close()
    }
  }

  async #load(page: Page, url: string): Promise<void> {
    this.#wanted.add(withoutHash(url))
    await page.goto(url)
  }

  async #create(create: ToScreen & { kind: 'create' }): Promise<Page> {
    const code = await (bundled ??= scripts())
    const page = await this.#newPage()
    const session = await this.#context.newCDPSession(page)
    const shown: Shown = { page, session, create }
    this.#windows.set(create.window, shown)
    const window = create.window
    const constant = `const channel = ${JSON.stringify(channel)};\n`
    await session.send('Runtime.enable')
    await session.send('Page.enable')
    await session.send('Runtime.addBinding', { name: 'sendToHost', executionContextName: worldName })
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === 'sendToHost') this.#fromPage(window, shown, payload, executionContextId)
    })
    const preload = `const preload = (require, module, exports) => {\n${create.preload}\n};\n`
    const add = (source: string, world?: string): Promise<unknown> =>
      session.send('Page.addScriptToEvaluateOnNewDocument', { source, ...(world && { worldName: world }) })
    await add(`{ ${constant}${code.main} }`)
    await add(`{ ${constant}${preload}${code.isolated} }`, worldName)
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.#wire.tell({ kind: 'loaded', window, url: undisguised(frame.url()) })
    })
    page.on('crash', () => {
      this.#opened = Promise.withResolvers()
      // Before the app is told, and may load it anew.
      void page.close().then(() => this.#wire.tell({ kind: 'crashed', window }))
    })
    page.on('download', (download) => {
      const id = ++this.#last
      this.#downloads.set(id, download)
      const [name, url] = [download.suggestedFilename(), undisguised(download.url())]
      this.#wire.tell({ kind: 'download', window, download: id, name, url })
    })
    return page
  }

  async #newPage(): Promise<Page> {
    this.#making++
    const page = await this.#context.newPage()
    this.#making--
    this.#own.add(page)
    return page
  }
  #making = 0

  /** What the preload script sends. */
  #fromPage(window: number, shown: Shown, payload: string, world: number): void {
    const said = parse(payload) as
      | { kind: 'hello' }
      | { kind: 'invoke'; id: number; channel: string; args: unknown[] }
      | { kind: 'send'; channel: string; args: unknown[] }
    if (said.kind === 'hello') shown.world = world
    else this.#wire.tell({ ...said, window, url: undisguised(shown.page.url()), main: true })
  }

  async #hear(told: Told): Promise<void> {
    if (told.kind === 'save') {
      const download = this.#downloads.get(told.download)
      const ok = await download?.saveAs(told.path).then(
        () => true,
        () => false
      )
      return this.#wire.tell({ kind: 'saved', download: told.download, ok: ok ?? false })
    }
    const shown = this.#windows.get(told.window)
    if (shown?.world === undefined) return
    const text = stringify({ kind: told.kind, data: told })
    // A page that is just being left hears it no more.
    await shown.session
      .send('Runtime.evaluate', { expression: `hearFromHost(${JSON.stringify(text)})`, contextId: shown.world })
      .catch(() => {})
  }

  /** Every request of a page: the app's own protocol answers, or nobody. */
  async #route(route: Route): Promise<void> {
    const request = route.request()
    const url = undisguised(request.url())
    if (request.isNavigationRequest() && !this.#wanted.delete(withoutHash(request.url()))) {
      const frame = frameOf(request)
      // A window that a page opens has no frame yet; nor will it.
      if (!frame) return route.abort('aborted')
      const window = [...this.#windows.entries()].find(([, { page }]) => page === frame.page())?.[0] ?? 0
      const main = frame === frame.page().mainFrame()
      // A navigation that is prevented leaves the page as it is, as an answer without content does.
      if (!(await this.#wire.ask<boolean>({ kind: 'navigate', window, url, main })))
        return route.fulfill({ status: 204 })
    }
    if (!url.startsWith('app://')) return route.abort('internetdisconnected')
    const { status, headers, body } = await this.#wire.ask<Fetched>({ kind: 'fetch', url, method: request.method() })
    await route.fulfill({ status, headers, body: Buffer.from(body) }).catch(() => {})
  }

  /** A window that a page opens: https://www.electronjs.org/docs/latest/api/web-contents#contentssetwindowopenhandlerhandler */
  async #popup(page: Page): Promise<void> {
    if (this.#making > 0 || this.#own.has(page)) return
    const opener = await page.opener()
    const window = [...this.#windows.entries()].find(([, shown]) => shown.page === opener)?.[0] ?? 0
    const action = await this.#wire.ask<string>({ kind: 'open', window, url: undisguised(page.url()) })
    if (action === 'deny') await page.close()
  }
}

/** What a page asked of an app that has ended meanwhile has no answer. */
function unlessEnded(error: unknown): void {
  if (!(error instanceof Error && error.message === ended)) throw error
}

const withoutHash = (url: string): string => url.split('#')[0]

/** Playwright throws where there is none yet. */
function frameOf(request: Request): Frame | undefined {
  try {
    return request.frame()
  } catch {
    return undefined
  }
}

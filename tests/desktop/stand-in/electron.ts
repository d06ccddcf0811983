/**
 * A stand-in for the module `electron` of the main process, for machines without Electron's runtime: what our code uses
 * of it, as its documentation says, and nothing else. What the real one refuses is refused here. Its windows are pages of
 * a Chromium that the tests drive; they are asked for over the wire.
 */
import { EventEmitter } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { menuOf, type MenuTemplate, type StandInMenu } from './menu.ts'
import { Wire, type Happened, type Fetched, type ToApp, type ToScreen, type Told } from './wire.ts'

/** https://www.electronjs.org/docs/latest/api/structures/event: an event that can be prevented. */
class Preventable {
  defaultPrevented = false
  preventDefault(): void {
    this.defaultPrevented = true
  }
}

/** @returns whether no listener prevented it */
function emitted(emitter: EventEmitter, name: string, ...args: unknown[]): boolean {
  const event = new Preventable()
  emitter.emit(name, event, ...args)
  return !event.defaultPrevented
}

// Electron warns of a rejection that nobody handles, and goes on: https://www.electronjs.org/docs/latest/api/process
process.on('unhandledRejection', (reason) => void process.stderr.write(`Unhandled: ${String(reason)}\n`))

// The app under test sees no parent: a packaged program has none. Its end is this one's end.
const post = process.send!.bind(process)
Object.assign(process, { send: undefined })
const wire = new Wire<ToScreen, Told, ToApp, Happened>((letter) => void post(letter), answer, happen)
process.on('message', (letter) => void wire.hear(letter as never))

const state = { ready: false, archive: '', ended: false }

/** https://www.electronjs.org/docs/latest/api/app */
class App extends EventEmitter {
  /** https://www.electronjs.org/docs/latest/api/app#appispackaged-readonly */
  readonly isPackaged = true
  name = ''
  #version = ''
  readonly #paths: Record<string, string> = { temp: tmpdir(), home: homedir() }

  begin(archive: string): void {
    const { productName, name, version } = JSON.parse(readFileSync(join(archive, 'package.json'), 'utf8'))
    this.name = productName ?? name
    this.#version = version
    this.#paths.userData = join(homedir(), '.config', this.name)
    this.#paths.sessionData = this.#paths.userData
  }
  getVersion(): string {
    return this.#version
  }
  getAppPath(): string {
    return state.archive
  }
  getPath(name: string): string {
    const path = this.#paths[name]
    if (path === undefined) throw new Error(`Failed to get '${name}' path`)
    return path
  }
  /** A path must be known and there; the session's data before the app is ready: ...app#appsetpathname-path */
  setPath(name: string, path: string): void {
    if (!(name in this.#paths)) throw new Error(`Failed to set path: ${name}`)
    if (!isAbsolute(path)) throw new Error('Path must be absolute')
    if (!statSync(path).isDirectory()) throw new Error(`${path} is no folder`)
    if (name === 'sessionData' && state.ready) throw new Error('sessionData must be set before the app is ready')
    this.#paths[name] = path
  }
  isReady(): boolean {
    return state.ready
  }
  whenReady(): Promise<void> {
    return state.ready ? Promise.resolve() : new Promise((resolve) => void this.once('ready', () => resolve()))
  }
  /**
   * One process for each folder of user data; the first hears of the others:
   * https://www.electronjs.org/docs/latest/api/app#apprequestsingleinstancelockadditionaldata
   */
  requestSingleInstanceLock(): boolean {
    return lockOf(this.getPath('userData'), (argv, folder) => {
      void this.whenReady().then(() => this.emit('second-instance', new Preventable(), argv, folder, undefined))
    })
  }
  /** before-quit, close of every window, will-quit, quit; each may stop it: ...app#appquit */
  quit(): void {
    if (state.ended || !emitted(this, 'before-quit')) return
    this.#quitting = true
    for (const window of BrowserWindow.getAllWindows()) window.close()
    this.#goOn()
  }
  #quitting = false
  /** A window has closed. */
  closed(): void {
    if (BrowserWindow.getAllWindows().length > 0) return
    if (this.#quitting) return this.#goOn()
    // Without a listener the app quits: ...app#event-window-all-closed
    if (this.listenerCount('window-all-closed') === 0) this.quit()
    else this.emit('window-all-closed')
  }
  #goOn(): void {
    if (BrowserWindow.getAllWindows().length > 0) {
      this.#quitting = false
      return
    }
    if (!emitted(this, 'will-quit')) return
    this.exit()
  }
  /** At once, without before-quit and will-quit: ...app#appexitexitcode */
  exit(code = 0): void {
    if (state.ended) return
    state.ended = true
    this.emit('quit', new Preventable(), code)
    process.exit(code)
  }
}

export const app = new App()

const lockName = 'SingletonLock'
const noteName = 'SingletonNote'

/** As Chromium's lock it lies in the folder and names its owner; who comes second leaves a note and is told so at once. */
function lockOf(folder: string, second: (argv: string[], folder: string) => void): boolean {
  const file = join(folder, lockName)
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch {
    if (isAlive(Number(readFileSync(file, 'utf8')))) {
      writeFileSync(join(folder, `${noteName}-${process.pid}`), JSON.stringify([process.argv, process.cwd()]))
      return false
    }
    writeFileSync(file, String(process.pid))
  }
  const watcher = watch(folder, () => {
    for (const name of readdirSync(folder).filter((name) => name.startsWith(noteName))) {
      const text = readFileSync(join(folder, name), 'utf8')
      if (text === '') continue
      rmSync(join(folder, name))
      second(...(JSON.parse(text) as [string[], string]))
    }
  })
  process.once('exit', () => {
    watcher.close()
    rmSync(file, { force: true })
  })
  return true
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** https://www.electronjs.org/docs/latest/api/web-frame-main */
interface Frame {
  url: string
}

/** https://www.electronjs.org/docs/latest/api/web-contents */
class WebContents extends EventEmitter {
  readonly id: number
  mainFrame: Frame = { url: '' }
  opener: ((details: { url: string }) => { action: 'allow' | 'deny' }) | undefined
  #crashed = false

  constructor(id: number) {
    super()
    this.id = id
  }
  get session(): typeof session.defaultSession {
    return session.defaultSession
  }
  getURL(): string {
    return this.mainFrame.url
  }
  isCrashed(): boolean {
    return this.#crashed
  }
  /** Arguments are cloned; what cannot be throws: ...web-contents#contentssendchannel-args */
  send(channel: string, ...args: unknown[]): void {
    if (typeof channel !== 'string') throw new TypeError('Missing required channel argument')
    const message = { kind: 'message', window: this.id, channel, args: structuredClone(args) } as const
    if (!this.#crashed) wire.tell(message)
  }
  reload(): void {
    this.#crashed = false
    void wire.ask({ kind: 'reload', window: this.id })
  }
  executeJavaScript(code: string): Promise<unknown> {
    return wire.ask({ kind: 'run', window: this.id, code })
  }
  /** Kills the page's process; `render-process-gone` follows: ...web-contents#contentsforcefullycrashrenderer */
  forcefullyCrashRenderer(): void {
    void wire.ask({ kind: 'crash', window: this.id })
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'allow' | 'deny' }): void {
    this.opener = handler
  }
  crashed(): void {
    this.#crashed = true
    const details = { reason: 'crashed', exitCode: 133 }
    this.emit('render-process-gone', new Preventable(), details)
    app.emit('render-process-gone', new Preventable(), this, details)
  }
}

interface WindowOptions {
  width?: number
  height?: number
  x?: number
  y?: number
  show?: boolean
  webPreferences?: { preload?: string; contextIsolation?: boolean; sandbox?: boolean; nodeIntegration?: boolean }
}

let windows: BrowserWindow[] = []
let lastWindow = 0

/** https://www.electronjs.org/docs/latest/api/browser-window */
export class BrowserWindow extends EventEmitter {
  readonly id = ++lastWindow
  readonly webContents = new WebContents(this.id)
  readonly #options: WindowOptions
  readonly #there: Promise<unknown>
  #destroyed = false
  #visible = false
  #minimized = false
  #maximized = false
  focused = 0

  static getAllWindows(): BrowserWindow[] {
    return [...windows]
  }

  constructor(options: WindowOptions = {}) {
    super()
    if (!state.ready) throw new Error('Cannot create BrowserWindow before app is ready')
    this.#options = options
    this.#visible = options.show ?? true
    const { preload, contextIsolation = true, sandbox = true, nodeIntegration = false } = options.webPreferences ?? {}
    if (!contextIsolation || !sandbox || nodeIntegration) throw new Error('The stand-in has isolated pages only.')
    if (preload !== undefined && !isAbsolute(preload)) throw new Error('preload script must have absolute path')
    windows.push(this)
    const { width = 800, height = 600 } = options
    const source = preload === undefined ? '' : readFileSync(preload, 'utf8')
    this.#there = wire.ask({ kind: 'create', window: this.id, preload: source, width, height })
    app.emit('web-contents-created', new Preventable(), this.webContents)
    app.emit('browser-window-created', new Preventable(), this)
  }
  async loadURL(url: string): Promise<void> {
    this.#check()
    this.webContents.mainFrame = { url }
    await this.#there
    await wire.ask({ kind: 'load', window: this.id, url })
    if (this.#destroyed) return
    this.webContents.emit('did-finish-load', new Preventable())
    // Once, when the page has been drawn while the window did not show: ...browser-window#event-ready-to-show
    this.emit('ready-to-show', new Preventable())
  }
  show(): void {
    this.#check()
    this.#visible = true
    this.emit('show', new Preventable())
  }
  isVisible(): boolean {
    return this.#visible
  }
  focus(): void {
    this.#check()
    this.focused++
  }
  /** Shows the window where it does not: ...browser-window#winmaximize */
  maximize(): void {
    this.#check()
    this.#maximized = true
    this.show()
  }
  isMaximized(): boolean {
    return this.#maximized
  }
  minimize(): void {
    this.#check()
    this.#minimized = true
  }
  restore(): void {
    this.#check()
    this.#minimized = false
  }
  isMinimized(): boolean {
    return this.#minimized
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    this.#check()
    const { x = 0, y = 0, width = 800, height = 600 } = this.#options
    return { x, y, width, height }
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  /** As the user would; `close` may be prevented: ...browser-window#winclose */
  close(): void {
    this.#check()
    if (emitted(this, 'close')) this.destroy()
  }
  /** Without asking: ...browser-window#windestroy */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    windows = windows.filter((window) => window !== this)
    void wire.ask({ kind: 'destroy', window: this.id }).catch(() => {})
    this.emit('closed', new Preventable())
    app.closed()
  }
  #check(): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed')
  }
}

type InvokeHandler = (event: object, ...args: unknown[]) => unknown
const handlers = new Map<string, InvokeHandler>()

/** https://www.electronjs.org/docs/latest/api/ipc-main */
class IpcMain extends EventEmitter {
  handle(channel: string, handler: InvokeHandler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    if (typeof handler !== 'function') throw new TypeError(`Expected handler to be a function, but found: ${handler}`)
    handlers.set(channel, handler)
  }
  removeHandler(channel: string): void {
    handlers.delete(channel)
  }
}
export const ipcMain = new IpcMain()

interface Privileges {
  scheme: string
  privileges?: { standard?: boolean; secure?: boolean; supportFetchAPI?: boolean }
}
type SchemeHandler = (request: Request) => Response | Promise<Response>
let declared: Privileges[] | undefined
const schemes = new Map<string, SchemeHandler>()

/** https://www.electronjs.org/docs/latest/api/protocol */
export const protocol = {
  /** Once, and before the app is ready. */
  registerSchemesAsPrivileged(all: Privileges[]): void {
    if (state.ready) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    if (declared) throw new Error('protocol.registerSchemesAsPrivileged can only be called once')
    declared = all
  },
  handle(scheme: string, handler: SchemeHandler): void {
    whenReady('protocol')
    if (schemes.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`)
    if (!declared?.some((known) => known.scheme === scheme && known.privileges?.standard))
      throw new Error(`The page of a scheme that is not standard has no origin: ${scheme}`)
    schemes.set(scheme, handler)
  }
}

function whenReady(name: string): void {
  if (!state.ready) throw new Error(`The ${name} module can only be used after app is ready`)
}

/** https://www.electronjs.org/docs/latest/api/session: every permission is granted that no handler denies. */
class Session extends EventEmitter {
  permission: unknown
  check: unknown
  device: unknown
  setPermissionRequestHandler(handler: unknown): void {
    this.permission = handler
  }
  setPermissionCheckHandler(handler: unknown): void {
    this.check = handler
  }
  setDevicePermissionHandler(handler: unknown): void {
    this.device = handler
  }
}
const defaultSession = new Session()
export const session = {
  get defaultSession(): Session {
    whenReady('session')
    return defaultSession
  }
}

interface BoxOptions {
  message: string
  type?: string
  buttons?: string[]
  defaultId?: number
  cancelId?: number
}
const boxTypes = ['none', 'info', 'error', 'question', 'warning']

/** https://www.electronjs.org/docs/latest/api/dialog: nobody is there to answer but a test that puts itself in its place. */
export const dialog = {
  /** May be called before the app is ready, and is written to stderr then: ...dialog#dialogshowerrorboxtitle-content */
  showErrorBox(title: string, content: string): void {
    process.stderr.write(`${title}: ${content}\n`)
  },
  showMessageBox(...given: [BoxOptions] | [BrowserWindow, BoxOptions]): Promise<{ response: number }> {
    whenReady('dialog')
    const { message, type = 'none', buttons = [] } = given.at(-1) as BoxOptions
    if (typeof message !== 'string') throw new TypeError('Message must be a string')
    if (!boxTypes.includes(type)) throw new TypeError('Invalid message box type')
    if (!Array.isArray(buttons)) throw new TypeError('Buttons must be an array')
    return new Promise(() => {})
  },
  showOpenDialog(): Promise<{ canceled: boolean; filePaths: string[] }> {
    whenReady('dialog')
    return new Promise(() => {})
  }
}

/** https://www.electronjs.org/docs/latest/api/menu */
let applicationMenu: StandInMenu | null = null
export const Menu = {
  buildFromTemplate: (template: MenuTemplate[]): StandInMenu =>
    menuOf(template, {
      name: app.name,
      quit: () => app.quit(),
      close: () => BrowserWindow.getAllWindows()[0]?.close(),
      reload: () => BrowserWindow.getAllWindows()[0]?.webContents.reload()
    }),
  setApplicationMenu(menu: StandInMenu | null): void {
    applicationMenu = menu
  },
  getApplicationMenu: (): StandInMenu | null => applicationMenu
}

/** https://www.electronjs.org/docs/latest/api/power-save-blocker */
const blockers = new Map<number, string>()
let lastBlocker = 0
export const powerSaveBlocker = {
  start(type: string): number {
    if (!['prevent-app-suspension', 'prevent-display-sleep'].includes(type))
      throw new TypeError(`No such type: ${type}`)
    blockers.set(++lastBlocker, type)
    return lastBlocker
  },
  stop: (id: number): boolean => blockers.delete(id),
  isStarted: (id: number): boolean => blockers.has(id)
}

/** https://www.electronjs.org/docs/latest/api/shell */
export const shell = {
  openExternal(url: string): Promise<void> {
    new URL(url)
    return Promise.resolve()
  }
}
/** https://www.electronjs.org/docs/latest/api/native-theme */
export const nativeTheme = { shouldUseDarkColors: false }
/** https://www.electronjs.org/docs/latest/api/screen */
export const screen = {
  getAllDisplays() {
    whenReady('screen')
    return [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }]
  }
}

/** https://www.electronjs.org/docs/latest/api/download-item */
class DownloadItem extends EventEmitter {
  readonly #id: number
  readonly #name: string
  constructor(id: number, name: string) {
    super()
    this.#id = id
    this.#name = name
  }
  getFilename(): string {
    return this.#name
  }
  /** Without it the system's dialog asks, which nobody answers here. */
  setSavePath(path: string): void {
    wire.tell({ kind: 'save', download: this.#id, path })
  }
}
const downloads = new Map<number, DownloadItem>()

const all = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerSaveBlocker,
  protocol,
  screen,
  session,
  shell
}
const contentsOf = (id: number): WebContents | undefined =>
  windows.find((window) => window.id === id && !window.isDestroyed())?.webContents

/** What the screen asks. */
async function answer(asked: ToApp): Promise<unknown> {
  switch (asked.kind) {
    case 'evaluate': {
      const run = (0, eval)(`(${asked.source})`) as (electron: typeof all, argument: unknown) => unknown
      return run(all, asked.argument)
    }
    case 'fetch': {
      const handler = schemes.get(new URL(asked.url).protocol.slice(0, -1))
      if (!handler) return { status: 404, headers: {}, body: new Uint8Array() } satisfies Fetched
      const response = await handler(new Request(asked.url, { method: asked.method }))
      const body = new Uint8Array(await response.arrayBuffer())
      return { status: response.status, headers: Object.fromEntries(response.headers), body } satisfies Fetched
    }
    case 'navigate': {
      // https://www.electronjs.org/docs/latest/api/web-contents#navigation-events
      const contents = contentsOf(asked.window)
      if (!contents) return false
      const event = Object.assign(new Preventable(), { url: asked.url, isMainFrame: asked.main })
      contents.emit('will-frame-navigate', event)
      if (asked.main) contents.emit('will-navigate', event, asked.url)
      return !event.defaultPrevented
    }
    case 'open':
      return contentsOf(asked.window)?.opener?.({ url: asked.url }).action ?? 'allow'
  }
}

/** What happened on the screen. */
function happen(heard: Happened): void {
  if (heard.kind === 'saved') {
    downloads.get(heard.download)?.emit('done', new Preventable(), heard.ok ? 'completed' : 'interrupted')
    return
  }
  const contents = contentsOf(heard.window)
  if (!contents) return
  switch (heard.kind) {
    case 'loaded':
      contents.mainFrame = { url: heard.url }
      return
    case 'crashed':
      return contents.crashed()
    case 'download': {
      const item = new DownloadItem(heard.download, heard.name)
      downloads.set(heard.download, item)
      defaultSession.emit('will-download', new Preventable(), item, contents)
      return
    }
    case 'invoke':
    case 'send': {
      const senderFrame = heard.main ? contents.mainFrame : { url: heard.url }
      if (heard.main) contents.mainFrame.url = heard.url
      const event = { sender: contents, senderFrame }
      if (heard.kind === 'send') return void ipcMain.emit(heard.channel, event, ...heard.args)
      void invoke(event, heard)
    }
  }
}

/** https://www.electronjs.org/docs/latest/api/ipc-renderer#ipcrendererinvokechannel-args */
async function invoke(event: object, { window, id, channel, args }: Happened & { kind: 'invoke' }): Promise<void> {
  try {
    const handler = handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    const value = structuredClone(await handler(event, ...args))
    wire.tell({ kind: 'settled', window, id, ok: true, value })
  } catch (error) {
    const value = `Error invoking remote method '${channel}': ${String(error)}`
    wire.tell({ kind: 'settled', window, id, ok: false, value })
  }
}

// ---- the runtime's own life, for start.ts

export function begin(archive: string): void {
  state.archive = archive
  app.begin(archive)
}

export function becomeReady(): void {
  setImmediate(() => {
    if (state.ended) return
    state.ready = true
    app.emit('ready', new Preventable())
  })
}

/**
 * A stand-in for the `electron` module: it remembers what our code asked of it and lets a test play Electron's part.
 * Only what Electron alone can run is tested with it; everything else runs for real.
 */
import { EventEmitter } from 'node:events'
import { vi } from 'vitest'

type Handler = (...args: never[]) => unknown

export class StandInContents extends EventEmitter {
  reload = vi.fn()
  mainFrame = { url: 'app://studio/index.html' }
  send = vi.fn()
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = []
  static getAllWindows = (): BrowserWindow[] => BrowserWindow.all
  webContents = new StandInContents()
  loadURL = vi.fn(async () => {})
  show = vi.fn()
  focus = vi.fn()
  restore = vi.fn()
  maximize = vi.fn()
  bounds = { x: 10, y: 20, width: 1000, height: 700 }
  options: Record<string, unknown> & { webPreferences: Record<string, unknown> }
  constructor(options: BrowserWindow['options']) {
    super()
    this.options = options
    BrowserWindow.all.push(this)
  }
  getNormalBounds = (): BrowserWindow['bounds'] => this.bounds
  isMaximized = (): boolean => false
  isDestroyed = (): boolean => false
  isMinimized = (): boolean => false
}

export const schemes = new Map<string, (request: Request) => Promise<Response>>()
export const protocol = {
  registerSchemesAsPrivileged: vi.fn(),
  handle: (scheme: string, handler: (request: Request) => Promise<Response>) => void schemes.set(scheme, handler)
}

export const permissions: Record<'request' | 'check' | 'device', Handler | undefined> = {
  request: undefined,
  check: undefined,
  device: undefined
}
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: Handler) => void (permissions.request = handler),
    setPermissionCheckHandler: (handler: Handler) => void (permissions.check = handler),
    setDevicePermissionHandler: (handler: Handler) => void (permissions.device = handler)
  }
}

export const ipcHandlers = new Map<string, Handler>()
export const ipcMain = { handle: (channel: string, handler: Handler) => void ipcHandlers.set(channel, handler) }

class App extends EventEmitter {
  isPackaged = true
  name = 'Engram Studio'
  getVersion = (): string => '1.2.3'
  quit = vi.fn()
  exit = vi.fn()
  requestSingleInstanceLock = vi.fn(() => true)
  whenReady = async (): Promise<void> => {}
  getPath = (): string => '/nowhere'
}
export const app = new App()
export const shell = { openExternal: vi.fn(async () => {}) }
/** What the user answers to the next question. */
export const answer = { response: 0 }
export const dialog = {
  showErrorBox: vi.fn(),
  showOpenDialog: vi.fn(async (): Promise<{ canceled: boolean; filePaths: string[] }> => ({
    canceled: true,
    filePaths: []
  })),
  showMessageBox: vi.fn(async () => ({ ...answer }))
}
export const powerSaveBlocker = { start: vi.fn(() => 7), stop: vi.fn() }
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }
export const nativeTheme = { shouldUseDarkColors: false }
export const Menu = { setApplicationMenu: vi.fn(), buildFromTemplate: (template: unknown) => template }

export const exposed = new Map<string, unknown>()
export const contextBridge = { exposeInMainWorld: (name: string, value: unknown) => void exposed.set(name, value) }
class IpcRenderer extends EventEmitter {
  invoke = vi.fn(async (): Promise<unknown> => ({ ok: true, value: null }))
}
export const ipcRenderer = new IpcRenderer()

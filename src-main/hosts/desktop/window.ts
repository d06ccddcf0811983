/** The window. */
import { app, BrowserWindow, nativeTheme, screen } from 'electron'
import { join } from 'node:path'
import { appRoot } from '../../studio/root.ts'
import { seen } from './launch.ts'
import { pageAddress } from './protocol.ts'
import { revive } from './revive.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

/**
 * Open the studio's window where it was last.
 * @param preload the bridge's bundle
 * @param stateFile where the window's place is kept
 */
export function openWindow(preload: string, stateFile: string): BrowserWindow {
  const state = readWindowState(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea)
  )
  const icon = join(appRoot(), 'resources/icon.png')
  const window = new BrowserWindow({
    width: 1440,
    height: 920,
    ...(state && { x: state.x, y: state.y, width: state.width, height: state.height }),
    minWidth: 640,
    minHeight: 480,
    show: false,
    icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false
    }
  })
  revive(window)
  window.once('ready-to-show', () => {
    // To maximise shows the window: not before there is something in it.
    if (state?.maximized) window.maximize()
    else window.show()
    // `npm start` waits for this; nobody else does.
    process.send?.(seen)
  })
  window.on('close', () =>
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() })
  )
  // A Mac shows a program's icon in the dock only, and a packaged program brings its own.
  if (!app.isPackaged) app.dock?.setIcon(icon)
  void window.loadURL(pageAddress())
  return window
}

/** The window. */
import { BrowserWindow, nativeTheme, screen } from 'electron'
import { seen } from './launch.ts'
import { pageAddress } from './protocol.ts'
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
  const window = new BrowserWindow({
    width: 1440,
    height: 920,
    ...(state && { x: state.x, y: state.y, width: state.width, height: state.height }),
    minWidth: 640,
    minHeight: 480,
    show: false,
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
  if (state?.maximized) window.maximize()
  window.once('ready-to-show', () => {
    window.show()
    // `npm start` waits for this; nobody else does.
    process.send?.(seen)
  })
  window.on('close', () =>
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() })
  )
  void window.loadURL(pageAddress())
  return window
}

/** The studio in a desktop window. Everything it can do, serve can do too: here is only what Electron is needed for. */
import { app, BrowserWindow, dialog } from 'electron'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { errorLine, toErrorData } from '../src-shared/shapes/errors.ts'
import { startEngine } from './engine/process/launch.ts'
import { chooseModels } from './hosts/desktop/choose-models.ts'
import { defaultDataFolder } from './hosts/data-folder.ts'
import { emit, handleCalls } from './hosts/desktop/ipc.ts'
import { seen } from './hosts/desktop/launch.ts'
import { denyNavigation, denyPermissions } from './hosts/desktop/lockdown.ts'
import { setMenu } from './hosts/desktop/menu.ts'
import { declareScheme, serveScheme } from './hosts/desktop/protocol.ts'
import { openWindow } from './hosts/desktop/window.ts'
import { createStudio, type Studio } from './studio/studio.ts'

const out = import.meta.dirname

/** `--data DIR` and `--models DIR`; Chromium's own switches pass by. */
function folders(): { dataFolder: string; modelFolder?: string } {
  const { values } = parseArgs({ options: { data: { type: 'string' }, models: { type: 'string' } }, strict: false })
  const { data, models } = values
  return {
    dataFolder: typeof data === 'string' ? data : defaultDataFolder(),
    ...(typeof models === 'string' && { modelFolder: resolve(models) })
  }
}

async function start(): Promise<void> {
  const show = (): void => {
    const [open] = BrowserWindow.getAllWindows()
    if (!open) openWindow(join(out, '../preload/preload.cjs'), join(app.getPath('userData'), 'window.json'))
    else {
      if (open.isMinimized()) open.restore()
      open.focus()
    }
  }
  await app.whenReady()
  denyPermissions()
  serveScheme(join(out, '../renderer'))
  setMenu(!app.isPackaged)
  const studio = await createStudio({
    ...folders(),
    chooseModels,
    host: 'desktop',
    startEngine,
    emit
  })
  handleCalls(studio.handlers)
  closeBeforeQuit(studio)
  app.on('second-instance', show)
  app.on('activate', show)
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  show()
}

/** Let the studio write what it has and stop its engine, once, before the process ends. */
function closeBeforeQuit(studio: Studio): void {
  app.once('will-quit', (event) => {
    event.preventDefault()
    void studio.close().finally(() => app.exit())
  })
}

// `npm start` that is killed takes the window with it.
process.once('disconnect', () => app.quit())
app.enableSandbox()
declareScheme()
denyNavigation()
if (!app.requestSingleInstanceLock()) app.quit()
else
  start().catch((error: unknown) => {
    process.send?.(seen)
    dialog.showErrorBox('Engram Studio cannot start', errorLine(toErrorData(error)))
    app.exit(1)
  })

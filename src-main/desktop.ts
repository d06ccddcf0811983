/** The studio in a desktop window. Everything it can do, serve can do too: here is only what Electron is needed for. */
import { app, BrowserWindow, dialog } from 'electron'
import { join } from 'node:path'
import { errorLine, toErrorData } from '../src-shared/shapes/errors.ts'
import { startEngine } from './engine/process/launch.ts'
import { keepAwake } from './hosts/desktop/awake.ts'
import { chooseModels } from './hosts/desktop/choose-models.ts'
import { choosePython } from './hosts/desktop/choose-python.ts'
import { chosenFolders, makeWindowFolder, windowFolder, type Folders } from './hosts/desktop/folder.ts'
import { emit, handleCalls } from './hosts/desktop/ipc.ts'
import { seen } from './hosts/desktop/launch.ts'
import { denyNavigation, denyPermissions } from './hosts/desktop/lockdown.ts'
import { setMenu } from './hosts/desktop/menu.ts'
import { declareScheme, serveScheme } from './hosts/desktop/protocol.ts'
import { askBeforeQuitting } from './hosts/desktop/quit.ts'
import { openWindow } from './hosts/desktop/window.ts'
import { openInEditor } from './hosts/open.ts'
import { keepElsewhere, keptText, unsavedPlaces } from './hosts/unsaved.ts'
import { createStudio, type Studio } from './studio/studio.ts'

const out = import.meta.dirname

function show(stateFile: string): void {
  const [open] = BrowserWindow.getAllWindows()
  if (!open) openWindow(join(out, '../preload/preload.cjs'), stateFile)
  else {
    if (open.isMinimized()) open.restore()
    open.focus()
  }
}

async function start(folders: Folders): Promise<void> {
  await app.whenReady()
  denyPermissions()
  serveScheme(join(out, '../renderer'))
  setMenu(!app.isPackaged)
  // Its engine speaks before it is there.
  let open: Studio | undefined = undefined
  const studio = await createStudio({
    ...folders,
    chooseModels,
    choosePython,
    host: 'desktop',
    startEngine,
    openFile: openInEditor,
    emit(name, data) {
      emit(name, data)
      keepAwake(open?.busy() ?? false)
    }
  })
  open = studio
  handleCalls(studio.pages)
  endWell(studio)
  const showOurs = (): void => show(join(windowFolder(folders.dataFolder), 'window.json'))
  app.on('second-instance', showOurs)
  app.on('activate', showOurs)
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  showOurs()
}

/** Let the studio write what it has and stop its engine, once, before the process ends. */
function endWell(studio: Studio): void {
  const quit = askBeforeQuitting(() => ({
    busy: studio.busy(),
    unsaved: studio.unsaved().reduce((sum, { trials }) => sum + trials, 0)
  }))
  // `npm start` that is killed takes the window with it; who sends a signal waits for no answer.
  process.once('disconnect', quit)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit)
  app.once('will-quit', (event) => {
    event.preventDefault()
    void studio
      .close()
      .then(({ unsaved }) => {
        for (const file of unsaved)
          process.stderr.write(`${keptText(file, keepElsewhere(file, unsavedPlaces(app.getPath('documents'))))}\n`)
      })
      .finally(() => app.exit())
  })
}

function refuse(error: unknown): void {
  process.send?.(seen)
  dialog.showErrorBox('Engram Studio cannot start', errorLine(toErrorData(error)))
  app.exit(1)
}

try {
  const folders = chosenFolders(process.argv, app.isPackaged)
  // The lock is one per folder of Chromium's, and so per data folder.
  const chromium = makeWindowFolder(folders.dataFolder)
  app.setPath('userData', chromium)
  app.setPath('sessionData', chromium)
  declareScheme()
  denyNavigation()
  if (app.requestSingleInstanceLock()) start(folders).catch(refuse)
  else app.quit()
} catch (error) {
  refuse(error)
}

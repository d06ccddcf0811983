/** A page whose process has died is loaded again. The runs do not notice: they compute in the engine. */
import { app, dialog, type BrowserWindow } from 'electron'

/** So many deaths within so long are no accident any more. */
const most = 3
const withinMs = 60_000

export function revive(window: BrowserWindow): void {
  let deaths: number[] = []
  const load = (): void => {
    if (!window.isDestroyed()) window.webContents.reload()
  }
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    const now = Date.now()
    deaths = [...deaths.filter((time) => now - time < withinMs), now]
    if (deaths.length < most) return load()
    deaths = []
    const question = {
      type: 'error' as const,
      message: 'The page ended again and again.',
      detail: `Chromium’s reason: ${reason}. Runs go on computing, and what was stored is there.`,
      buttons: ['Load it again', 'Quit'],
      defaultId: 0,
      cancelId: 0
    }
    void dialog.showMessageBox(window, question).then(({ response }) => (response === 0 ? load() : app.quit()))
  })
}

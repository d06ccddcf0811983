/** Closing the last window, or quitting, ends the runs under way: only when the user means it. */
import { app, BrowserWindow, dialog, type MessageBoxOptions } from 'electron'

const question: MessageBoxOptions = {
  type: 'question',
  message: 'The studio is still computing.',
  detail: 'Every trial that has ended is stored; a run that ends now can be resumed from the history.',
  buttons: ['Keep computing', 'End and quit'],
  defaultId: 0,
  cancelId: 0
}
const toQuit = 1

/**
 * Ask before the app ends while the studio is at work.
 * @returns what quits without a question, for those that nobody can answer
 */
export function askBeforeQuitting(busy: () => boolean): () => void {
  let [agreed, asking] = [false, false]
  const quit = (): void => {
    agreed = true
    app.quit()
  }
  const hold = (event: { preventDefault(): void }, window?: BrowserWindow): void => {
    if (agreed || !busy()) return
    event.preventDefault()
    if (asking) return
    asking = true
    void (window ? dialog.showMessageBox(window, question) : dialog.showMessageBox(question))
      .then(({ response }) => void (response === toQuit && quit()))
      .finally(() => (asking = false))
  }
  app.on('before-quit', (event) => hold(event, BrowserWindow.getAllWindows()[0]))
  app.on('browser-window-created', (_event, window) => {
    // On a Mac a program lives on without a window.
    if (process.platform !== 'darwin') window.on('close', (event) => hold(event, window))
  })
  return quit
}

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
/** What a data folder that is gone or full did not take. */
const unsavedQuestion = (trials: number): MessageBoxOptions => ({
  ...question,
  type: 'warning',
  message: `${trials} ${trials === 1 ? 'trial' : 'trials'} could not be stored.`,
  detail:
    'The page of their run says why, and saves them to a file of your choice. When the studio ends now, they are written to your documents folder.',
  buttons: ['Keep the studio open', 'End and quit']
})
const toQuit = 1

/**
 * Ask before the app ends while the studio is at work.
 * @returns what quits without a question, for those that nobody can answer
 */
export function askBeforeQuitting(state: () => { busy: boolean; unsaved: number }): () => void {
  let [agreed, asking] = [false, false]
  const quit = (): void => {
    agreed = true
    app.quit()
  }
  const hold = (event: { preventDefault(): void }, window?: BrowserWindow): void => {
    const { busy, unsaved } = state()
    if (agreed || (!busy && !unsaved)) return
    event.preventDefault()
    if (asking) return
    asking = true
    const asked = unsaved ? unsavedQuestion(unsaved) : question
    void (window ? dialog.showMessageBox(window, asked) : dialog.showMessageBox(asked))
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

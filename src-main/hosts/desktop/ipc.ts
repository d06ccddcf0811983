/** Calls from the window to the studio, and events back. */
import { BrowserWindow, ipcMain, type IpcMainInvokeEvent } from 'electron'
import type { EventData, EventName, Handlers, Result } from '../../../src-shared/contract/index.ts'
import { dispatch } from '../dispatch.ts'
import { callChannel, eventChannel } from './channels.ts'
import { pageOrigin } from './protocol.ts'

/** Answer the contract's calls, from the main frame of our own origin only. */
export function handleCalls(handlers: Handlers): void {
  ipcMain.handle(callChannel, (event, name: unknown, input: unknown): Promise<Result<unknown>> | Result<unknown> =>
    isOurs(event)
      ? dispatch(handlers, name, input)
      : { ok: false, error: { code: 'unauthorised', message: 'Only the studio’s own window may call the studio.' } }
  )
}

function isOurs({ senderFrame, sender }: IpcMainInvokeEvent): boolean {
  if (!senderFrame || senderFrame !== sender.mainFrame || !URL.canParse(senderFrame.url)) return false
  const { protocol, host } = new URL(senderFrame.url)
  return `${protocol}//${host}` === pageOrigin()
}

/** Tell every window. */
export function emit<N extends EventName>(name: N, data: EventData<N>): void {
  for (const window of BrowserWindow.getAllWindows()) window.webContents.send(eventChannel, name, data)
}

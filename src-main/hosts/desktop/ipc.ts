/** Calls from the window to the studio, and events back. */
import { BrowserWindow, ipcMain, type IpcMainInvokeEvent } from 'electron'
import type { EventData, EventName, Result } from '../../../src-shared/contract/index.ts'
import type { Answers } from '../../studio/studio.ts'
import { Encoded } from '../../studio/reading/reader.ts'
import { dispatch } from '../dispatch.ts'
import { callChannel, eventChannel } from './channels.ts'
import { pageOrigin } from './protocol.ts'

/** Answer the contract's calls, from the main frame of our own origin only. */
export function handleCalls(handlers: Answers): void {
  ipcMain.handle(callChannel, async (event, name: unknown, input: unknown): Promise<Result<unknown>> => {
    if (!isOurs(event))
      return {
        ok: false,
        error: { code: 'unauthorised', message: 'Only the studio’s own window may call the studio.' }
      }
    const result = await dispatch(handlers, name, input)
    // What is JSON already crosses as it is; the preload reads it.
    return result.ok && result.value instanceof Encoded ? { ok: true, value: result.value.bytes } : result
  })
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

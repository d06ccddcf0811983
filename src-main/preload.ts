/** The one bridge between the page and the studio on the desktop: the contract as `window.engram`, and nothing more. */
import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge } from '../src-shared/contract/index.ts'
import { callChannel, eventChannel } from './hosts/desktop/channels.ts'

const bridge: Bridge = {
  async call(name, input) {
    const result = (await ipcRenderer.invoke(callChannel, name, input)) as Awaited<ReturnType<Bridge['call']>>
    const value: unknown = result.ok && result.value
    // A large answer comes as JSON in UTF-8.
    return value instanceof Uint8Array
      ? { ok: true, value: JSON.parse(new TextDecoder().decode(value)) as never }
      : (result as never)
  },
  on(name, listener) {
    const hear = (_event: unknown, heard: unknown, data: Parameters<typeof listener>[0]): void => {
      if (heard === name) listener(data)
    }
    ipcRenderer.on(eventChannel, hear)
    return () => void ipcRenderer.off(eventChannel, hear)
  }
}

contextBridge.exposeInMainWorld('engram', bridge)

/**
 * The preload script's side of `electron`, in a world of its own, for the main frame:
 * https://www.electronjs.org/docs/latest/tutorial/sandbox#preload-scripts
 */
import { parse, stringify } from 'devalue'
import { World } from './worlds.ts'

declare const channel: string
/** The app's own preload script, as CommonJS. */
declare const preload: (require: (name: string) => unknown, module: { exports: unknown }, exports: unknown) => void
/** To the process that owns the window. */
declare const sendToHost: (text: string) => void

type Listener = (event: object, ...args: unknown[]) => void

const listeners = new Map<string, Listener[]>()
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
let last = 0

/** https://www.electronjs.org/docs/latest/api/ipc-renderer: arguments are cloned, functions and DOM objects refused. */
const ipcRenderer = {
  invoke(name: string, ...args: unknown[]) {
    return new Promise((resolve, reject) => {
      const id = ++last
      const text = stringify({ kind: 'invoke', id, channel: name, args: structuredClone(args) })
      waiting.set(id, { resolve, reject })
      sendToHost(text)
    })
  },
  send(name: string, ...args: unknown[]) {
    sendToHost(stringify({ kind: 'send', channel: name, args: structuredClone(args) }))
  },
  on(name: string, listener: Listener) {
    listeners.set(name, [...(listeners.get(name) ?? []), listener])
    return ipcRenderer
  },
  off(name: string, listener: Listener) {
    const all = [...(listeners.get(name) ?? [])]
    const at = all.lastIndexOf(listener)
    if (at >= 0) all.splice(at, 1)
    listeners.set(name, all)
    return ipcRenderer
  }
}

const heard = {
  settled({ id, ok, value }: { id: number; ok: boolean; value: unknown }): void {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (ok) asked?.resolve(value)
    else asked?.reject(new Error(String(value)))
  },
  message({ channel: name, args }: { channel: string; args: unknown[] }): void {
    for (const listener of listeners.get(name) ?? []) listener({ sender: ipcRenderer, ports: [] }, ...args)
  }
}

if (window === window.top && location.protocol === 'https:') {
  Object.assign(globalThis, {
    hearFromHost(text: string) {
      const { kind, data } = parse(text) as { kind: keyof typeof heard; data: never }
      heard[kind](data)
    }
  })
  sendToHost(stringify({ kind: 'hello' }))
  const world = new World(channel, 'isolated')
  const electron = {
    contextBridge: { exposeInMainWorld: (key: string, api: unknown) => world.expose(key, api) },
    ipcRenderer
  }
  const require = (name: string): unknown => {
    if (name === 'electron') return electron
    throw new Error(`module not found: ${name}`)
  }
  const module = { exports: {} }
  preload(require, module, module.exports)
}

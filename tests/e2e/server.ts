/** The real `engram serve`, as a child process, and a client for it that is not a browser. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { Welcome } from '../../src-shared/contract/session.ts'
import type { CallInput, CallName, CallOutput, EventData, EventName, Result } from '../../src-shared/contract/index.ts'

export const projectRoot = join(import.meta.dirname, '../..')
/** Arguments that make Node run the command line. */
export const cli = ['--disable-warning=ExperimentalWarning', join(projectRoot, 'src-main/cli.ts')]

export interface Served {
  process: ChildProcess
  /** The link as printed: it works once. */
  link: string
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** All that the process printed so far. */
  printed(): string
  /** End it as Ctrl-C would. */
  stop(): Promise<void>
}

export async function startServe(dataFolder: string, port = 0, more: readonly string[] = []): Promise<Served> {
  const child = spawn(process.execPath, [...cli, 'serve', '--port', String(port), '--data', dataFolder, ...more], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const link = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      printed += `${line}\n`
      const found = /http:\S+/.exec(line)
      if (found) resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${printed}`)))
  })
  return {
    process: child,
    link,
    origin: new URL(link).origin,
    printed: () => printed,
    stop: () => ended(child, 'SIGTERM')
  }
}

/** Send a signal and wait until the process is gone. */
export function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

export interface ApiClient {
  /** What lets in again. */
  session: string
  /** @throws Error with the studio's answer */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>
  on<N extends EventName>(name: N, listener: (data: EventData<N>) => void): void
  close(): void
}

/** The token of a link. */
export const tokenOf = ({ link }: Pick<Served, 'link'>): string =>
  new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? ''

/** Speak over the socket, as the page does. @param session of a page that was let in; else the link is spent */
export async function connectTo(served: Pick<Served, 'link' | 'origin'>, session?: string): Promise<ApiClient> {
  const socket = new WebSocket(`${served.origin.replace('http', 'ws')}/socket`, { headers: { origin: served.origin } })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('error', () => {})
  const welcome = new Promise<string>((resolve) =>
    socket.once('message', (data) => resolve((JSON.parse(String(data)) as Welcome).session))
  )
  socket.send(JSON.stringify(session === undefined ? { token: tokenOf(served) } : { session }))
  const kept = await welcome
  const waiting = new Map<number, { answer(result: Result<never>): void }>()
  const listeners: { name: string; hear(data: never): void }[] = []
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (!('event' in message)) waiting.get(message.id)?.answer(message.result)
    else for (const { name, hear } of listeners) if (name === message.event) hear(message.data as never)
  })
  let lastId = 0
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, {
          answer: (result) =>
            result.ok ? resolve(result.value) : reject(new Error(`${name}: ${JSON.stringify(result.error)}`))
        })
        socket.send(JSON.stringify({ id, name, input }))
      }),
    on: (name, hear) => void listeners.push({ name, hear }),
    session: kept,
    close: () => socket.close()
  }
}

/**
 * The two clients of the studio: over the desktop's preload bridge, and over a WebSocket to the server that gave us the
 * page. With either, `call` throws nothing and `connection` says whether the studio can be heard.
 */
import { readable, type Readable } from 'svelte/store'
import type { Bridge, EventName, Result } from '../../src-shared/contract/index.ts'
import { notAdmittedCode, type Hello, type Welcome } from '../../src-shared/contract/session.ts'

/** `refused`: the server runs but does not know this page; a new link is needed. */
export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface Client extends Bridge {
  /**
   * `lost` heals by itself. After it, `connected` comes again: what was shown may be old then, so read it afresh.
   */
  connection: Readable<ConnectionState>
}

const lost = (message: string): Result<never> => ({ ok: false, error: { code: 'connection-lost', message } })
const cannotReach = 'The studio cannot be reached. It goes on by itself as soon as the connection is back.'
export const notAdmitted =
  'The studio does not know this page: a link works once, in one browser. Open the link that its terminal shows; Enter there makes a new one.'

/** The desktop's bridge. Inputs are made plain first: a Svelte proxy cannot cross to another process. */
export function desktopClient(bridge: Bridge): Client {
  return {
    call: (name, input) =>
      bridge
        .call(name, JSON.parse(JSON.stringify(input)))
        .catch((error: unknown) => lost(error instanceof Error ? error.message : String(error))),
    on: bridge.on,
    connection: readable<ConnectionState>('connected')
  }
}

/** What of the browser the web client needs; a test hands in its own. */
export interface Web {
  open(): WebSocket
  /** What lets this page in: the first message of each connection. */
  hello(): Hello
  /** Keep the session for the next connection, and for this tab when it is loaded anew. */
  keep(session: string): void
  wait(ms: number, then: () => void): void
}

type Message = { id: number; result: Result<never> } | { event: EventName; data: never } | { missed: true }

const retryMs = [100, 250, 500, 1000, 2000]

export function webClient(web: Web): Client {
  type Answer = (result: Result<never>) => void
  const waiting = new Map<number, Answer>()
  const listeners = new Map<string, Set<(data: never) => void>>()
  const hearers = new Set<(state: ConnectionState) => void>()
  let state: ConnectionState = 'connecting'
  let socket: WebSocket | undefined
  let queue: string[] = []
  let lastId = 0
  let failures = 0

  const become = (next: ConnectionState): void => {
    if (next === state) return
    state = next
    for (const hear of hearers) hear(state)
  }
  const connect = (): void => {
    const opening = web.open()
    opening.onopen = () => opening.send(JSON.stringify(web.hello()))
    opening.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as Welcome | Message
      if ('session' in message) admitted(opening, message.session)
      else receive(message)
    }
    opening.onclose = ({ code }) => disconnected(code)
  }
  const admitted = (opening: WebSocket, session: string): void => {
    web.keep(session)
    socket = opening
    failures = 0
    for (const text of queue) opening.send(text)
    queue = []
    become('connected')
  }
  const disconnected = (code: number): void => {
    socket = undefined
    queue = []
    const unanswered = [...waiting.values()]
    waiting.clear()
    for (const answer of unanswered) answer(lost(code === notAdmittedCode ? notAdmitted : cannotReach))
    become('lost')
    if (code === notAdmittedCode) return become('refused')
    web.wait(retryMs[Math.min(failures++, retryMs.length - 1)], connect)
  }
  const receive = (message: Message): void => {
    if ('missed' in message) {
      // This page read too slowly and events were left out: what it shows may be old, as after a lost connection.
      become('lost')
      become('connected')
    } else if ('event' in message) for (const listen of listeners.get(message.event) ?? []) listen(message.data)
    else {
      waiting.get(message.id)?.(message.result)
      waiting.delete(message.id)
    }
  }
  connect()
  return {
    call: (name, input) =>
      new Promise((answer) => {
        if (state === 'lost') return answer(lost(cannotReach))
        if (state === 'refused') return answer(lost(notAdmitted))
        const id = ++lastId
        waiting.set(id, answer as Answer)
        const text = JSON.stringify({ id, name, input })
        if (socket) socket.send(text)
        else queue.push(text)
      }),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener as (data: never) => void))
      return () => void set.delete(listener as (data: never) => void)
    },
    connection: {
      subscribe(hear) {
        hearers.add(hear)
        hear(state)
        return () => hearers.delete(hear)
      }
    }
  }
}

/**
 * The one WebSocket between the page and the studio. First `{token}` or `{session}` in and `{session}` out, then
 * `{id, name, input}` in; `{id, result}`, `{event, data}` and `{missed}` out.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { z } from 'zod'
import type { EventData, EventName, Result } from '../../../src-shared/contract/index.ts'
import { notAdmittedCode, type Welcome } from '../../../src-shared/contract/session.ts'
import { limits } from '../../../src-shared/shapes/experiment.ts'
import type { Answers } from '../../studio/studio.ts'
import { Encoded } from '../../studio/reading/reader.ts'
import { longestAnswer, tooLong } from '../../studio/reading/task.ts'
import { dispatch } from '../dispatch.ts'
import type { Gate } from './token.ts'

const requestSchema = z.object({ id: z.int().min(0), name: z.string(), input: z.unknown() })

const mebibyte = 2 ** 20
/** What a page that reads slowly may cost. It loses live events first, is asked for no more calls, and is cut off last. */
const most = {
  /** Pages at once, and sockets that have not yet said who they are. */
  pages: 32,
  strangers: 32,
  /** How long a socket has to say who it is. */
  helloMs: 5000,
  /** Unread bytes of a page from which on live events are left out and no further call is read. */
  unread: mebibyte,
  /** Calls of a page that compute at once. */
  calls: 64,
  /** Unread bytes of all pages together: the page with the most is cut off. */
  total: 192 * mebibyte
} as const

export interface Socket {
  emit<N extends EventName>(name: N, data: EventData<N>): void
  close(): void
}

/**
 * Take over the server's upgrades.
 * @param refuse why an upgrade is refused: its HTTP status, or undefined to let it speak
 */
export function attachSocket(
  server: Server,
  handlers: Answers,
  gate: Gate,
  refuse: (request: IncomingMessage) => 403 | 404 | 503 | undefined
): Socket {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 2 * limits.fileBytes })
  const pages = new Set<Page>()
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const status = refuse(request) ?? (sockets.clients.size - pages.size >= most.strangers ? 503 : undefined)
    if (status !== undefined) stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    else sockets.handleUpgrade(request, stream, head, (socket) => greet(socket, gate, handlers, pages))
  })
  return {
    emit(name, data) {
      if (pages.size === 0) return
      const text = JSON.stringify({ event: name, data })
      for (const page of pages) page.tell(text)
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    }
  }
}

/** Hear who it is; only then is anything answered. */
function greet(socket: WebSocket, gate: Gate, handlers: Answers, pages: Set<Page>): void {
  socket.on('error', () => socket.terminate())
  const late = setTimeout(() => socket.close(notAdmittedCode, 'no first message'), most.helloMs)
  socket.once('close', () => clearTimeout(late))
  socket.once('message', (data, isBinary) => {
    clearTimeout(late)
    const session = isBinary ? undefined : gate.admit(parse(String(data)))
    if (session === undefined) return socket.close(notAdmittedCode, 'not let in')
    if (pages.size >= most.pages) return socket.close(1013, 'too many pages')
    const page = new Page(socket, handlers, pages)
    pages.add(page)
    socket.once('close', () => pages.delete(page))
    const welcome: Welcome = { session }
    page.send(JSON.stringify(welcome))
  })
}

/** A page that was let in. */
class Page {
  readonly #socket: WebSocket
  readonly #pages: ReadonlySet<Page>
  readonly #handlers: Answers
  /** Read, and not yet begun: what had arrived together with a call after which no more was to be read. */
  readonly #asked: z.infer<typeof requestSchema>[] = []
  #calls = 0
  #missed = false

  constructor(socket: WebSocket, handlers: Answers, pages: ReadonlySet<Page>) {
    this.#socket = socket
    this.#pages = pages
    this.#handlers = handlers
    socket.on('message', (data, isBinary) => {
      const request = isBinary ? undefined : requestSchema.safeParse(parse(String(data))).data
      if (!request) return socket.close(1008, 'not a call')
      this.#asked.push(request)
      this.#pace()
    })
  }

  get unread(): number {
    return this.#socket.bufferedAmount
  }

  /** A live event: one that is left out is made up for by a word that something was missed, once the page reads again. */
  tell(text: string): void {
    if (this.unread > most.unread) this.#missed = true
    else this.send(text)
  }

  send(text: string | Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(text, { binary: false }, () => this.#pace())
    let total = 0
    let largest: Page | undefined
    for (const page of this.#pages) {
      total += page.unread
      if (page.unread > (largest?.unread ?? 0)) largest = page
    }
    if (total > most.total) largest?.cut()
  }

  cut(): void {
    this.#socket.terminate()
  }

  async #answer({ id, name, input }: z.infer<typeof requestSchema>): Promise<void> {
    this.#calls++
    const result = await dispatch(this.#handlers, name, input)
    this.#calls--
    this.send(answer(id, result))
    this.#pace()
  }

  /** Begin no further call while answers wait unread; go on, and say what was missed, when they are read. */
  #pace(): void {
    const socket = this.#socket
    const free = (): boolean => this.unread <= most.unread && this.#calls < most.calls
    while (socket.readyState === socket.OPEN && this.#asked.length > 0 && free())
      void this.#answer(this.#asked.shift() as z.infer<typeof requestSchema>)
    if (socket.readyState !== socket.OPEN) return
    if (!free()) socket.pause()
    else if (socket.isPaused) socket.resume()
    if (!this.#missed || this.unread > most.unread) return
    this.#missed = false
    this.send(JSON.stringify({ missed: true }))
  }
}

function answer(id: number, result: Result<unknown>): string | Buffer {
  if (result.ok && result.value instanceof Encoded)
    return Buffer.concat([
      Buffer.from(`{"id":${id},"result":{"ok":true,"value":`),
      result.value.bytes,
      Buffer.from('}}')
    ])
  try {
    const text = JSON.stringify({ id, result })
    if (text.length <= longestAnswer) return text
  } catch (error) {
    // A text longer than the engine's strings may be.
    if (!(error instanceof RangeError)) throw error
  }
  return JSON.stringify({ id, result: { ok: false, error: tooLong } satisfies Result<never> })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The one WebSocket between the page and the studio: `{id, name, input}` in; `{id, result}` and `{event, data}` out. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { z } from 'zod'
import type { EventData, EventName, Handlers } from '../../../src-shared/contract/index.ts'
import { limits } from '../../../src-shared/shapes/experiment.ts'
import { dispatch } from '../dispatch.ts'

const requestSchema = z.object({ id: z.int().min(0), name: z.string(), input: z.unknown() })

/** A page that has this much unread is cut off; it connects again and reads the state afresh. */
const maxUnread = 16 * 1024 * 1024

export interface Socket {
  emit<N extends EventName>(name: N, data: EventData<N>): void
  close(): void
}

/**
 * Take over the server's upgrades.
 * @param refuse why an upgrade is refused: its HTTP status, or undefined to let it in
 */
export function attachSocket(
  server: Server,
  handlers: Handlers,
  refuse: (request: IncomingMessage) => 401 | 403 | 404 | undefined
): Socket {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 2 * limits.fileBytes })
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const status = refuse(request)
    if (status !== undefined) stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    else sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, handlers))
  })
  return {
    emit(name, data) {
      if (sockets.clients.size === 0) return
      const text = JSON.stringify({ event: name, data })
      for (const socket of sockets.clients) send(socket, text)
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    }
  }
}

function serve(socket: WebSocket, handlers: Handlers): void {
  socket.on('error', () => socket.terminate())
  socket.on('message', async (data, isBinary) => {
    const request = isBinary ? undefined : parse(String(data))
    if (!request) return socket.close(1008, 'not a call')
    const result = await dispatch(handlers, request.name, request.input)
    send(socket, JSON.stringify({ id: request.id, result }))
  })
}

function parse(text: string): z.infer<typeof requestSchema> | undefined {
  try {
    return requestSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function send(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount > maxUnread) socket.terminate()
  else socket.send(text)
}

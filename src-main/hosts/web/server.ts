/**
 * The loopback HTTP server: hands out the renderer's files, which hold no secret, and takes the WebSocket, over which
 * only holders of a link are answered.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Answers } from '../../studio/studio.ts'
import { readAsset, securityHeaders } from '../assets.ts'
import { refusal } from './origin.ts'
import { attachSocket, type Socket } from './socket.ts'
import { createGate } from './token.ts'

export interface WebHost extends Pick<Socket, 'emit'> {
  port: number
  /** A link that works once: opens the studio and lets that page in. The token is behind the #: it is in no request. */
  newLink(): string
  close(): Promise<void>
}

/** Start to listen on 127.0.0.1. @param port 0 for any free one */
export async function listen(port: number, rendererRoot: string, handlers: Answers): Promise<WebHost> {
  const server = createServer()
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE'
          ? new StudioError('conflict', `Port ${port} is in use; choose another with --port, or leave it out.`)
          : error
      )
    )
    server.listen(port, '127.0.0.1', done)
  })
  const actual = (server.address() as AddressInfo).port
  const gate = createGate()
  server.on('request', (request, response) => void answer(request, response, actual, rendererRoot))
  const socket = attachSocket(server, handlers, gate, (request) => {
    if (refusal(request, actual, true)) return 403
    return request.url === '/socket' ? undefined : 404
  })
  return {
    port: actual,
    emit: socket.emit,
    newLink: () => `http://127.0.0.1:${actual}/#token=${gate.newToken()}`,
    close: () =>
      new Promise((done) => {
        socket.close()
        server.close(() => done())
        server.closeAllConnections()
      })
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, port: number, root: string): Promise<void> {
  const reply = (
    status: number,
    type: string,
    content: string | Buffer,
    headers: Record<string, string> = {}
  ): void => {
    response.writeHead(status, {
      ...securityHeaders,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(content),
      ...headers
    })
    response.end(request.method === 'HEAD' ? undefined : content)
  }
  const say = (status: number, text: string, headers?: Record<string, string>): void =>
    reply(status, 'text/plain; charset=utf-8', `${text}\n`, headers)

  const reads = request.method === 'GET' || request.method === 'HEAD'
  const refused = refusal(request, port, !reads)
  if (refused) return say(403, refused)
  if (!reads) return say(405, 'The studio is changed through its socket only.', { Allow: 'GET, HEAD' })

  const asset = await readAsset(root, (request.url ?? '/').split('?', 1)[0])
  if (asset) reply(200, asset.type, asset.content)
  else say(404, 'There is no such file.')
}

/** The loopback HTTP server: hands out the renderer's files and takes the WebSocket, to holders of the link only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Handlers } from '../../../src-shared/contract/index.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { readAsset, securityHeaders } from '../assets.ts'
import { refusal } from './origin.ts'
import { attachSocket, type Socket } from './socket.ts'
import { createGate, type Gate } from './token.ts'

export interface WebHost extends Pick<Socket, 'emit'> {
  port: number
  /** A link that works once: opens the studio and lets that browser in. */
  newLink(): string
  close(): Promise<void>
}

/** Start to listen on 127.0.0.1. @param port 0 for any free one */
export async function listen(port: number, rendererRoot: string, handlers: Handlers): Promise<WebHost> {
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
  const gate = createGate(`engram-${actual}`)
  server.on('request', (request, response) => void answer(request, response, actual, gate, rendererRoot))
  const socket = attachSocket(server, handlers, (request) => {
    if (refusal(request, actual, true)) return 403
    if (!gate.admits(request.headers.cookie)) return 401
    return request.url === '/socket' ? undefined : 404
  })
  return {
    port: actual,
    emit: socket.emit,
    newLink: () => `http://127.0.0.1:${actual}/?token=${gate.newToken()}`,
    close: () =>
      new Promise((done) => {
        socket.close()
        server.close(() => done())
        server.closeAllConnections()
      })
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  gate: Gate,
  root: string
): Promise<void> {
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

  const [path, query] = (request.url ?? '/').split('?', 2)
  const token = path === '/' && request.method === 'GET' ? new URLSearchParams(query).get('token') : null
  const cookie = token === null ? undefined : gate.exchange(token)
  // A page that leads on, not a redirect: a Strict cookie does not travel with a redirect that another site began.
  if (cookie)
    return reply(200, 'text/html; charset=utf-8', onward, { 'Set-Cookie': cookie, 'Cache-Control': 'no-store' })
  if (!gate.admits(request.headers.cookie)) return say(401, notAdmitted)
  if (token !== null) return reply(200, 'text/html; charset=utf-8', onward, { 'Cache-Control': 'no-store' })

  const asset = await readAsset(root, path)
  if (asset) reply(200, asset.type, asset.content)
  else say(404, 'There is no such file.')
}

const onward =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/">' +
  '<link rel="icon" href="data:,">' +
  '<title>Engram Studio</title><a href="/">Open Engram Studio</a></html>'

const notAdmitted =
  'This browser is not let in. Open the link that the terminal shows. A link works once: press Enter in the terminal for a new one.'

import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Handlers } from '../../../../src-shared/contract/index.ts'
import { listen, type WebHost } from '../../../../src-main/hosts/web/server.ts'
import { forbiddenPaths, makeRenderer } from '../folder.ts'

const root = makeRenderer()
const handlers = {
  'runs.facets': () => ({ tasks: [], models: [], tags: [], trashed: 0 }),
  'runs.get': () => {
    throw new Error('broken')
  }
} as unknown as Handlers
let host: WebHost
let cookie: string

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}
/** A request as a browser or an attacker would send it: nothing is normalised. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: host.port, path, method, headers: { host: `127.0.0.1:${host.port}`, ...headers } },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      }
    )
    sent.on('error', reject)
    sent.end()
  })
}
const enter = async (link: string): Promise<Answer> => ask(link.slice(link.indexOf('/', 8)))
const cookieOf = (answer: Answer): string => (answer.headers['set-cookie']?.[0] ?? '').split(';')[0]

/** An upgrade's status: 101 when it is let in. */
function upgrade(headers: Record<string, string>, path = '/socket'): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers })
    socket.on('open', () => {
      socket.close()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', () => {})
  })
}
const good = (): Record<string, string> => ({ cookie, origin: `http://127.0.0.1:${host.port}` })

function openSocket(): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, { headers: good() })
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}
const nextMessage = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))))
const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve))

beforeAll(async () => {
  host = await listen(0, root, handlers)
  cookie = cookieOf(await enter(host.newLink()))
})
afterAll(async () => {
  await host.close()
})

describe('the launch token', () => {
  it('is at least 128 bits and never the same', () => {
    const tokens = [host.newLink(), host.newLink()].map((link) => new URL(link).searchParams.get('token') ?? '')
    for (const token of tokens) expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16)
    expect(tokens[0]).not.toBe(tokens[1])
  })

  it('is exchanged once for an HttpOnly, SameSite=Strict cookie', async () => {
    const link = host.newLink()
    const first = await enter(link)
    expect(first.status).toBe(200)
    expect(first.headers['set-cookie']?.[0]).toMatch(/^engram-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(first.headers['cache-control']).toBe('no-store')
    const second = await enter(link)
    expect(second.status).toBe(401)
    expect(second.headers['set-cookie']).toBeUndefined()
  })

  it('of an older link no longer works after a newer one was made', async () => {
    const [older, newer] = [host.newLink(), host.newLink()]
    expect((await enter(older)).status).toBe(401)
    expect((await enter(newer)).status).toBe(200)
  })

  it.each(['', 'x', 'x'.repeat(43), '%00'])('refuses the token "%s"', async (token) => {
    host.newLink()
    expect((await ask(`/?token=${token}`)).status).toBe(401)
  })

  it('is not spent by HEAD', async () => {
    const link = host.newLink()
    const path = link.slice(link.indexOf('/', 8))
    expect((await ask(path, {}, 'HEAD')).status).toBe(401)
    expect((await ask(path)).status).toBe(200)
  })
})

describe('a request', () => {
  it('with the cookie gets the page, with every header that protects it and none that shares it', async () => {
    const answer = await ask('/', { cookie })
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('<title>Page</title>')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it.each([
    ['no cookie', (): string => ''],
    ['an empty one', (): string => `engram-${host.port}=`],
    ['a wrong one', (): string => `engram-${host.port}=${'x'.repeat(43)}`],
    ['the right value under another name', (): string => `other=${cookie.split('=')[1]}`]
  ])('with %s is not let in', async (_what, make) => {
    const value = make()
    const answer = await ask('/', value ? { cookie: value } : {})
    expect(answer.status).toBe(401)
    expect(answer.headers['content-security-policy']).toBeDefined()
  })

  it.each(['evil.example', '127.0.0.1', 'localhost', '127.0.0.1:1', '127.0.0.1.evil.example'])(
    'for the host %s is refused, cookie or not',
    async (name) => expect((await ask('/', { cookie, host: name })).status).toBe(403)
  )

  it('without a host is refused', async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(host.port, '127.0.0.1', () => socket.write(`GET / HTTP/1.0\r\nCookie: ${cookie}\r\n\r\n`))
      let all = ''
      socket.on('data', (chunk) => (all += chunk.toString()))
      socket.on('close', () => resolve(all))
    })
    expect(text).toMatch(/^HTTP\/1\.1 (403|400)/)
  })

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'from the origin %s is refused',
    async (origin) => expect((await ask('/', { cookie, origin })).status).toBe(403)
  )

  it('from another spelling of our own origin is refused: host and origin must agree', async () => {
    const origin = `http://localhost:${host.port}`
    expect((await ask('/', { cookie, origin })).status).toBe(403)
    expect((await ask('/', { cookie, origin, host: `localhost:${host.port}` })).status).toBe(200)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('with %s changes nothing', async (method) => {
    expect((await ask('/', { cookie }, method)).status).toBe(403)
    expect((await ask('/', good(), method)).status).toBe(405)
  })

  it.each(forbiddenPaths)('for %s finds nothing', async (path) => {
    const answer = await ask(path, { cookie })
    expect(answer.status).toBe(404)
    expect(answer.body).not.toContain('secret')
  })
})

describe('the WebSocket', () => {
  it('lets in our own page', async () => expect(await upgrade(good())).toBe(101))
  it('refuses a page without the cookie', async () =>
    expect(await upgrade({ origin: `http://127.0.0.1:${host.port}` })).toBe(401))
  it('refuses a client without an origin', async () => expect(await upgrade({ cookie })).toBe(403))
  it('refuses another origin', async () => expect(await upgrade({ cookie, origin: 'http://evil.example' })).toBe(403))
  it('refuses another host', async () =>
    expect(await upgrade({ ...good(), host: `evil.example:${host.port}` })).toBe(403))
  it('refuses another path', async () => expect(await upgrade(good(), '/other')).toBe(404))

  it('answers a call, and one that fails, under its number', async () => {
    const socket = await openSocket()
    socket.send(JSON.stringify({ id: 5, name: 'runs.facets', input: {} }))
    expect(await nextMessage(socket)).toEqual({
      id: 5,
      result: { ok: true, value: { tasks: [], models: [], tags: [], trashed: 0 } }
    })
    socket.send(JSON.stringify({ id: 6, name: 'runs.get', input: { id: 'a' } }))
    expect(await nextMessage(socket)).toMatchObject({ id: 6, result: { ok: false, error: { code: 'internal' } } })
    socket.send(JSON.stringify({ id: 7, name: 'runs.get', input: {} }))
    expect(await nextMessage(socket)).toMatchObject({ id: 7, result: { ok: false, error: { code: 'bad-input' } } })
    socket.send(JSON.stringify({ id: 8, name: '__proto__', input: {} }))
    expect(await nextMessage(socket)).toMatchObject({ id: 8, result: { ok: false, error: { code: 'not-supported' } } })
    socket.close()
  })

  it.each(['not JSON', '{}', '{"id":-1,"name":"runs.facets"}', '[]', '{"id":1,"name":7}'])(
    'hangs up on %s',
    async (text) => {
      const socket = await openSocket()
      socket.send(text)
      expect(await closed(socket)).toBe(1008)
    }
  )

  it('hangs up on a message larger than two experiment files', async () => {
    const socket = await openSocket()
    socket.on('error', () => {})
    socket.send('x'.repeat(8 * 1024 * 1024 + 1))
    expect(await closed(socket)).toBe(1009)
  })

  it('brings an event to every page', async () => {
    const sockets = await Promise.all([openSocket(), openSocket()])
    const heard = Promise.all(sockets.map(nextMessage))
    host.emit('runs.changed', { ids: ['a'] })
    expect(await heard).toEqual([1, 2].map(() => ({ event: 'runs.changed', data: { ids: ['a'] } })))
    for (const socket of sockets) socket.close()
  })

  it('cuts off a page that does not read, and goes on for the others', async () => {
    const [slow, quick] = await Promise.all([openSocket(), openSocket()])
    let heard = 0
    quick.on('message', () => heard++)
    slow.pause()
    const cut = closed(slow)
    const text = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 40; i++) {
      host.emit('run.log', { runId: 'a', time: '', text })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    slow.resume()
    expect(await cut).toBe(1006)
    while (heard < 40) await new Promise((resolve) => setTimeout(resolve, 5))
    quick.close()
  })
})

describe('listen', () => {
  it('says so when the port is taken', async () => {
    await expect(listen(host.port, root, handlers)).rejects.toMatchObject({ data: { code: 'conflict' } })
  })
})

import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Handlers } from '../../../../src-shared/contract/index.ts'
import { Encoded } from '../../../../src-main/studio/reading/reader.ts'
import { listen, type WebHost } from '../../../../src-main/hosts/web/server.ts'
import { forbiddenPaths, makeRenderer } from '../folder.ts'

const root = makeRenderer()
const asked = { large: 0 }
const handlers = {
  'catalog.get': () => {
    asked.large++
    return 'x'.repeat(256 * 1024)
  },
  'examples.list': () => Array<string>(520).fill('x'.repeat(1024 * 1024)),
  'runs.facets': () => ({ tasks: [], models: [], tags: [], trashed: 0 }),
  'runs.get': () => {
    throw new Error('broken')
  },
  'runs.results': () => new Encoded(new TextEncoder().encode('[{"label":"ß"}]'))
} as unknown as Handlers
let host: WebHost
let session: string

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
const good = (): Record<string, string> => ({ origin: `http://127.0.0.1:${host.port}` })

/** A socket that has said nothing yet. */
function bareSocket(): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, { headers: good() })
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}
const nextMessage = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))))
const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve))

/** What became of a first message: the session, or the code with which the socket was closed. */
async function greet(hello: string | Buffer): Promise<string | number> {
  const socket = await bareSocket()
  const end = closed(socket)
  const answer = nextMessage(socket) as Promise<{ session: string }>
  socket.send(hello)
  const outcome = await Promise.race([end, answer.then((welcome) => welcome.session)])
  socket.terminate()
  return outcome
}
const tokenOf = (link: string): string => /#token=(.*)$/.exec(link)?.[1] ?? ''
const spend = (link: string): Promise<string | number> => greet(JSON.stringify({ token: tokenOf(link) }))

async function openSocket(): Promise<WebSocket> {
  const socket = await bareSocket()
  const welcome = nextMessage(socket)
  socket.send(JSON.stringify({ session }))
  expect(await welcome).toEqual({ session })
  return socket
}

beforeAll(async () => {
  host = await listen(0, root, handlers)
  session = (await spend(host.newLink())) as string
})
afterAll(async () => {
  await host.close()
})

describe('the launch token', () => {
  it('is at least 128 bits, never the same, and behind the # that no request holds', () => {
    const links = [host.newLink(), host.newLink()]
    for (const link of links) {
      expect(Buffer.from(tokenOf(link), 'base64url').length).toBeGreaterThanOrEqual(16)
      expect(new URL(link)).toMatchObject({ pathname: '/', search: '' })
    }
    expect(links[0]).not.toBe(links[1])
  })

  it('is exchanged once for the session, which lets in again and again', async () => {
    const link = host.newLink()
    expect(await spend(link)).toBe(session)
    expect(await spend(link)).toBe(4401)
    for (let i = 0; i < 2; i++) expect(await greet(JSON.stringify({ session }))).toBe(session)
  })

  it('of an older link no longer works after a newer one was made', async () => {
    const [older, newer] = [host.newLink(), host.newLink()]
    expect(await spend(older)).toBe(4401)
    expect(await spend(newer)).toBe(session)
  })

  it.each([
    '{"token":""}',
    '{"token":"x"}',
    `{"token":"${'x'.repeat(43)}"}`,
    `{"session":"${'x'.repeat(43)}"}`,
    '{"token":["x"]}',
    '{}',
    'null',
    'not JSON',
    '{"id":1,"name":"runs.facets","input":{}}'
  ])('refuses the first message %s', async (hello) => {
    host.newLink()
    expect(await greet(hello)).toBe(4401)
  })

  it('is not taken for a session, nor the session for a token, nor either as bytes', async () => {
    const link = host.newLink()
    expect(await greet(JSON.stringify({ session: tokenOf(link) }))).toBe(4401)
    expect(await greet(JSON.stringify({ token: session }))).toBe(4401)
    expect(await greet(Buffer.from(JSON.stringify({ session })))).toBe(4401)
    expect(await greet(JSON.stringify({ token: tokenOf(link), session }))).toBe(4401)
    expect(await spend(link)).toBe(session)
  })
})

describe('a request', () => {
  it('gets the page, which holds no secret, with every header that protects it and none that shares it', async () => {
    const link = host.newLink()
    const answer = await ask('/')
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('<title>Page</title>')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    for (const secret of [tokenOf(link), session]) expect(JSON.stringify(answer)).not.toContain(secret)
  })

  it('is given no cookie: every server on this address would be sent it', async () => {
    for (const path of ['/', `/?token=${tokenOf(host.newLink())}`, '/none'])
      expect((await ask(path)).headers['set-cookie']).toBeUndefined()
  })

  it.each(['evil.example', '127.0.0.1', 'localhost', '127.0.0.1:1', '127.0.0.1.evil.example'])(
    'for the host %s is refused',
    async (name) => expect((await ask('/', { host: name })).status).toBe(403)
  )

  it('without a host is refused', async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(host.port, '127.0.0.1', () => socket.write(`GET / HTTP/1.0\r\n\r\n`))
      let all = ''
      socket.on('data', (chunk) => (all += chunk.toString()))
      socket.on('close', () => resolve(all))
    })
    expect(text).toMatch(/^HTTP\/1\.1 (403|400)/)
  })

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'from the origin %s is refused',
    async (origin) => expect((await ask('/', { origin })).status).toBe(403)
  )

  it('from another spelling of our own origin is refused: host and origin must agree', async () => {
    const origin = `http://localhost:${host.port}`
    expect((await ask('/', { origin })).status).toBe(403)
    expect((await ask('/', { origin, host: `localhost:${host.port}` })).status).toBe(200)
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('with %s changes nothing', async (method) => {
    expect((await ask('/', {}, method)).status).toBe(403)
    expect((await ask('/', good(), method)).status).toBe(405)
  })

  it.each(forbiddenPaths)('for %s finds nothing', async (path) => {
    const answer = await ask(path)
    expect(answer.status).toBe(404)
    expect(answer.body).not.toContain('secret')
  })
})

describe('the WebSocket', () => {
  it('passes on as it is what a thread has made JSON', async () => {
    const socket = await openSocket()
    const answer = nextMessage(socket)
    socket.send(JSON.stringify({ id: 7, name: 'runs.results', input: { ids: ['a'] } }))
    expect(await answer).toEqual({ id: 7, result: { ok: true, value: [{ label: 'ß' }] } })
    socket.close()
  })

  it('lets in our own page', async () => expect(await upgrade(good())).toBe(101))
  it('answers nothing to a page that was not let in, whatever cookies it brings', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, {
      headers: { ...good(), cookie: `engram-${host.port}=${session}; session=${session}` }
    })
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    const end = closed(socket)
    await new Promise((resolve) => socket.once('open', resolve))
    host.emit('runs.changed', { ids: ['secret'] })
    socket.send(JSON.stringify({ id: 1, name: 'runs.facets', input: {} }))
    expect(await end).toBe(4401)
    expect(heard).toEqual([])
  })
  it('refuses a client without an origin', async () => expect(await upgrade({})).toBe(403))
  it('refuses another origin', async () => expect(await upgrade({ origin: 'http://evil.example' })).toBe(403))
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

  it('leaves out live events for a page that does not read, says so when it does, and goes on for the others', async () => {
    const [slow, quick] = await Promise.all([openSocket(), openSocket()])
    let heard = 0
    quick.on('message', () => heard++)
    const slowly: string[] = []
    slow.on('message', (data) => slowly.push(Object.keys(JSON.parse(String(data))).join()))
    slow.pause()
    const text = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 40; i++) {
      host.emit('run.log', { runId: 'a', time: '', text })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    while (heard < 40) await new Promise((resolve) => setTimeout(resolve, 5))
    slow.resume()
    while (slowly.at(-1) !== 'missed') await new Promise((resolve) => setTimeout(resolve, 5))
    expect(slowly.length).toBeLessThan(40)
    slow.send(JSON.stringify({ id: 1, name: 'runs.facets', input: {} }))
    while (slowly.at(-1) !== 'id,result') await new Promise((resolve) => setTimeout(resolve, 5))
    for (const socket of [slow, quick]) socket.close()
  })

  it('reads no further call of a page whose answers wait unread', async () => {
    const socket = await openSocket()
    socket.pause()
    asked.large = 0
    for (let id = 0; id < 400; id++) socket.send(JSON.stringify({ id, name: 'catalog.get', input: {} }))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(asked.large).toBeLessThan(200)
    const answers = new Promise<void>((resolve) => {
      let count = 0
      socket.on('message', () => ++count === 400 && resolve())
    })
    socket.resume()
    await answers
    expect(asked.large).toBe(400)
    socket.close()
  })

  it('says that an answer is too large, and goes on', async () => {
    const socket = await openSocket()
    socket.send(JSON.stringify({ id: 1, name: 'examples.list', input: {} }))
    expect(await nextMessage(socket)).toMatchObject({ id: 1, result: { ok: false, error: { code: 'too-large' } } })
    socket.send(JSON.stringify({ id: 2, name: 'runs.facets', input: {} }))
    expect(await nextMessage(socket)).toMatchObject({ id: 2, result: { ok: true } })
    socket.close()
  })

  it('refuses more strangers and more pages than it can carry', async () => {
    const strangers = await Promise.all(Array.from({ length: 32 }, bareSocket))
    expect(await upgrade(good())).toBe(503)
    for (const socket of strangers) socket.terminate()
    await Promise.all(strangers.map((socket) => socket.readyState === socket.CLOSED || closed(socket)))
    const pages: WebSocket[] = []
    while (pages.length < 32) pages.push(await openSocket())
    expect(await greet(JSON.stringify({ session }))).toBe(1013)
    for (const socket of pages) socket.terminate()
  })
})

describe('listen', () => {
  it('says so when the port is taken', async () => {
    await expect(listen(host.port, root, handlers)).rejects.toMatchObject({ data: { code: 'conflict' } })
  })
})

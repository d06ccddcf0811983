import { get } from 'svelte/store'
import { describe, expect, it } from 'vitest'
import type { Bridge, Result } from '../../../src-shared/contract/index.ts'
import { notAdmittedCode, type Hello } from '../../../src-shared/contract/session.ts'
import { desktopClient, webClient, type Client } from '../../../src-renderer/state/clients.ts'

/** A WebSocket whose other end is the test. */
class Wire {
  sent: { id: number; name: string; input: unknown }[] = []
  hello: unknown
  onopen = (): void => {}
  onclose: (event: { code: number }) => void = () => {}
  onmessage: (event: { data: string }) => void = () => {}
  send(text: string): void {
    const message = JSON.parse(text)
    if (this.hello === undefined) this.hello = message
    else this.sent.push(message)
  }
  /** The server lets the page in. */
  welcome(session = 'kept'): void {
    this.onopen()
    this.receive({ session })
  }
  close(code = 1006): void {
    this.onclose({ code })
  }
  receive(message: unknown): void {
    this.onmessage({ data: JSON.stringify(message) })
  }
}

function start(): {
  client: Client
  wires: Wire[]
  waits: number[]
  retry(): void
} {
  let hello: Hello = { token: 'once' }
  const wires: Wire[] = []
  const waits: number[] = []
  let again = (): void => {}
  const client = webClient({
    open() {
      const wire = new Wire()
      wires.push(wire)
      return wire as unknown as WebSocket
    },
    hello: () => hello,
    keep: (session) => (hello = { session }),
    wait(ms, then) {
      waits.push(ms)
      again = then
    }
  })
  return { client, wires, waits, retry: () => again() }
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('the web client', () => {
  it('sends what was asked before the connection stood, and matches answers by number', async () => {
    const { client, wires } = start()
    expect(get(client.connection)).toBe('connecting')
    const [first, second] = [client.call('runs.facets', {}), client.call('runs.cancel', { id: 'a' })]
    wires[0].welcome()
    expect(get(client.connection)).toBe('connected')
    const [a, b] = wires[0].sent
    expect([a.name, b.name]).toEqual(['runs.facets', 'runs.cancel'])
    wires[0].receive({ id: b.id, result: { ok: true, value: null } })
    wires[0].receive({ id: a.id, result: { ok: false, error: { code: 'internal', message: 'x' } } })
    expect(await second).toEqual({ ok: true, value: null })
    expect(await first).toEqual({ ok: false, error: { code: 'internal', message: 'x' } })
  })

  it('answers what is open when the connection breaks, says so, and connects again ever more patiently', async () => {
    const { client, wires, waits, retry } = start()
    const states: string[] = []
    client.connection.subscribe((state) => states.push(state))
    wires[0].welcome()
    const open = client.call('runs.facets', {})
    wires[0].close()
    expect(await open).toMatchObject({ ok: false, error: { code: 'connection-lost' } })
    expect(await client.call('runs.facets', {})).toMatchObject({ ok: false, error: { code: 'connection-lost' } })
    for (let i = 0; i < 6; i++) {
      await settle()
      retry()
      wires.at(-1)!.close()
    }
    await settle()
    expect(waits).toEqual([100, 250, 500, 1000, 2000, 2000, 2000])
    retry()
    wires.at(-1)!.welcome()
    expect(states).toEqual(['connecting', 'connected', 'lost', 'connected'])
    void client.call('runs.facets', {})
    expect(wires.at(-1)!.sent).toHaveLength(1)
  })

  it('stops trying when the server no longer knows this browser', async () => {
    const { client, wires, waits } = start()
    const open = client.call('runs.facets', {})
    wires[0].onopen()
    wires[0].close(notAdmittedCode)
    expect(await open).toMatchObject({ ok: false, error: { message: expect.stringMatching(/link/) } })
    expect(get(client.connection)).toBe('refused')
    expect(waits).toEqual([])
    const answer = (await client.call('runs.facets', {})) as { ok: false; error: { message: string } }
    expect(answer.error.message).toMatch(/link/)
  })

  it('spends the link once and shows its session from then on, before anything is asked', async () => {
    const { client, wires, retry } = start()
    void client.call('runs.facets', {})
    wires[0].onopen()
    expect(wires[0].hello).toEqual({ token: 'once' })
    expect(wires[0].sent).toEqual([])
    expect(get(client.connection)).toBe('connecting')
    wires[0].receive({ session: 'kept' })
    expect(wires[0].sent).toHaveLength(1)
    wires[0].close()
    retry()
    wires[1].welcome()
    expect(wires[1].hello).toEqual({ session: 'kept' })
  })

  it('counts as found again when events were left out, so that pages read afresh', () => {
    const { client, wires } = start()
    const states: string[] = []
    client.connection.subscribe((state) => states.push(state))
    wires[0].welcome()
    wires[0].receive({ missed: true })
    expect(states).toEqual(['connecting', 'connected', 'lost', 'connected'])
  })

  it('brings events to those who listen, also after a new connection, until they stop', async () => {
    const { client, wires, retry } = start()
    const heard: unknown[] = []
    const stop = client.on('runs.changed', (data) => heard.push(data))
    wires[0].welcome()
    wires[0].receive({ event: 'runs.changed', data: { ids: ['a'] } })
    wires[0].receive({ event: 'run.log', data: {} })
    wires[0].close()
    await settle()
    retry()
    wires[1].welcome()
    wires[1].receive({ event: 'runs.changed', data: { ids: ['b'] } })
    stop()
    wires[1].receive({ event: 'runs.changed', data: { ids: ['c'] } })
    expect(heard).toEqual([{ ids: ['a'] }, { ids: ['b'] }])
  })
})

describe('the desktop client', () => {
  const bridge = (call: (name: string, input: unknown) => Promise<Result<unknown>>): Bridge =>
    ({ call, on: () => () => {} }) as unknown as Bridge

  it('makes an input plain, so that a proxy can cross', async () => {
    let seen: unknown
    const client = desktopClient(
      bridge(async (_name, input) => {
        structuredClone(input)
        seen = input
        return { ok: true, value: null }
      })
    )
    expect(await client.call('runs.cancel', new Proxy({ id: 'a' }, {}))).toEqual({ ok: true, value: null })
    expect(seen).toEqual({ id: 'a' })
  })

  it('throws nothing when the other side does', async () => {
    const client = desktopClient(bridge(() => Promise.reject(new Error('gone'))))
    expect(await client.call('runs.cancel', { id: 'a' })).toEqual({
      ok: false,
      error: { code: 'connection-lost', message: 'gone' }
    })
  })

  it('is always connected', () => {
    expect(get(desktopClient(bridge(async () => ({ ok: true, value: null }))).connection)).toBe('connected')
  })
})

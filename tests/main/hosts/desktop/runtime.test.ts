import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { fetchRuntime, findDesktop, type Machine } from '../../../../src-main/hosts/desktop/runtime.ts'

const desktop: Machine = {
  platform: 'linux',
  env: { DISPLAY: ':0' },
  root: false,
  exists: () => false,
  runtime: () => '/electron'
}
const found = { executable: '/electron', switches: [] }
const headless = { reason: 'this machine has no display', missing: false }

describe('findDesktop', () => {
  it('takes the runtime that is there', () => expect(findDesktop(desktop)).toEqual(found))
  it('says that only the runtime is missing', () =>
    expect(findDesktop({ ...desktop, runtime: () => undefined })).toMatchObject({ missing: true }))
  it('says what no runtime would mend', () => {
    const none = { ...desktop, runtime: () => undefined }
    expect(findDesktop({ ...none, env: {} })).toEqual(headless)
    expect(findDesktop({ ...none, root: true })).toMatchObject({ missing: false })
  })
  it('takes a display for granted elsewhere', () =>
    expect(findDesktop({ ...desktop, platform: 'darwin', env: {}, root: true })).toEqual(found))

  describe('where there is only Wayland', () => {
    const session = (env: NodeJS.ProcessEnv, ...sockets: string[]) =>
      findDesktop({ ...desktop, env, exists: (path) => sockets.includes(path) })
    const wayland = { executable: '/electron', switches: ['--ozone-platform=wayland'] }
    it('takes a compositor that listens', () => {
      const env = { WAYLAND_DISPLAY: 'wayland-1', XDG_RUNTIME_DIR: '/run/user/7' }
      expect(session(env, join('/run/user/7', 'wayland-1'))).toEqual(wayland)
      expect(session({ WAYLAND_DISPLAY: '/tmp/w' }, '/tmp/w')).toEqual(wayland)
    })
    it('takes the one at the usual name when none is named', () =>
      expect(session({ XDG_RUNTIME_DIR: '/run/user/7' }, join('/run/user/7', 'wayland-0'))).toEqual(wayland))
    it('takes no name behind which nothing listens', () => {
      expect(session({ WAYLAND_DISPLAY: 'wayland-1', XDG_RUNTIME_DIR: '/run/user/7' })).toEqual(headless)
      expect(session({ WAYLAND_DISPLAY: 'wayland-1' })).toEqual(headless)
    })
    it('leaves the choice to Electron where there is X, too', () =>
      expect(session({ DISPLAY: ':0', WAYLAND_DISPLAY: '/tmp/w' }, '/tmp/w')).toEqual(found))
  })
})

describe('fetchRuntime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-fetch-'))
  let server: Server
  let asked = 0
  let answer: (response: ServerResponse) => void
  beforeAll(async () => {
    server = createServer((_request, response) => {
      asked++
      answer(response)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    vi.stubEnv('ELECTRON_MIRROR', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    vi.stubEnv('electron_config_cache', join(folder, 'cache'))
  })
  afterEach(() => void (asked = 0))
  afterAll(() => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const fetching = (name: string, options = {}) =>
    fetchRuntime({ failureFile: join(folder, `${name}.json`), stallMs: 300, say: () => {}, ...options })

  it('keeps what the mirror said, tells it, and asks no second time on the same day', async () => {
    answer = (response) => response.writeHead(403).end('no')
    expect(await fetching('refused')).toMatch(/could not be fetched \(Response code 403 .*\)$/)
    expect(asked).toBe(1)
    expect(await fetching('refused')).toMatch(
      /within the last day \(Response code 403 .*npm start -- --fetch tries again$/
    )
    expect(asked).toBe(1)
    await fetching('refused', { again: true })
    expect(asked).toBe(2)
  })
  it('gives up on a mirror that takes the call and says nothing', async () => {
    answer = () => {}
    expect(await fetching('silent')).toContain('(nothing came for')
  })
  it('gives up on a mirror that stops in the middle', async () => {
    answer = (response) => void response.writeHead(200, { 'Content-Length': '1000' }).write('PK')
    expect(await fetching('stopped')).toContain('(nothing came for')
  })
  it('does not unpack what is not Electron', async () => {
    answer = (response) => response.end('not Electron')
    expect(await fetching('other')).toMatch(/could not be fetched \(.*checksum.*\)/i)
  })
  it('names the machine that refused or was not found, not just "fetch failed"', async () => {
    vi.stubEnv('ELECTRON_MIRROR', 'http://127.0.0.1:1/')
    expect(await fetching('closed')).toMatch(/\((connect )?ECONNREFUSED.*\)$|bad port/)
    vi.stubEnv('ELECTRON_MIRROR', 'http://nowhere.invalid/')
    expect(await fetching('nowhere')).toContain('nowhere.invalid')
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Handlers } from '../../../../src-shared/contract/index.ts'
import { emit, handleCalls } from '../../../../src-main/hosts/desktop/ipc.ts'
import { app, BrowserWindow, ipcHandlers, StandInContents } from './stand-in.ts'

vi.mock('electron', () => import('./stand-in.ts'))

const cancelled: string[] = []
handleCalls({
  'runs.cancel': ({ id }: { id: string }) => {
    cancelled.push(id)
    return null
  }
} as unknown as Handlers)
const call = (event: unknown, name: unknown, input: unknown): unknown =>
  ipcHandlers.get('engram:call')!(...([event, name, input] as never[]))

function from(url: string): { sender: StandInContents; senderFrame: { url: string } | null } {
  const sender = new StandInContents()
  sender.mainFrame = { url }
  return { sender, senderFrame: sender.mainFrame }
}
const ours = 'app://studio/index.html#/run'
beforeEach(() => void cancelled.splice(0))

describe('a call over IPC', () => {
  it('from the main frame of our page is made', async () => {
    expect(await call(from(ours), 'runs.cancel', { id: 'a' })).toEqual({ ok: true, value: null })
    expect(cancelled).toEqual(['a'])
  })

  it('is parsed like every call', async () => {
    expect(await call(from(ours), 'runs.cancel', {})).toMatchObject({ ok: false, error: { code: 'bad-input' } })
    expect(await call(from(ours), 'constructor', {})).toMatchObject({ ok: false, error: { code: 'not-supported' } })
    expect(cancelled).toEqual([])
  })

  it.each([
    ['another site', from('https://evil.example/')],
    ['another host of our scheme', from('app://other/index.html')],
    ['a site that is named like ours', from('https://studio/index.html')],
    ['a file', from('file:///app/index.html')],
    ['an address that is none', from('')],
    ['a frame that is gone', { ...from(ours), senderFrame: null }],
    ['a frame inside the page', { ...from(ours), senderFrame: { url: ours } }]
  ])('from %s is refused', async (_what, event) => {
    expect(await call(event, 'runs.cancel', { id: 'a' })).toMatchObject({
      ok: false,
      error: { code: 'unauthorised' }
    })
    expect(cancelled).toEqual([])
  })
})

describe('while developing', () => {
  const page = 'http://localhost:5173/'
  const answer = (packaged: boolean, url: string): unknown => {
    vi.stubEnv('ELECTRON_RENDERER_URL', page)
    app.isPackaged = packaged
    return call(from(url), 'runs.cancel', { id: 'a' })
  }
  afterEach(() => {
    vi.unstubAllEnvs()
    app.isPackaged = true
  })
  it('the page of the development server may call, and no other', async () => {
    expect(await answer(false, page)).toMatchObject({ ok: true })
    expect(await answer(false, 'http://localhost:5174/')).toMatchObject({ ok: false })
    expect(await answer(false, ours)).toMatchObject({ ok: false })
  })
  it('a package knows no development server, whatever its environment says', async () => {
    expect(await answer(true, page)).toMatchObject({ ok: false })
    expect(await answer(true, ours)).toMatchObject({ ok: true })
  })
})

it('an event reaches the window', () => {
  const window = new BrowserWindow({ webPreferences: {} })
  emit('runs.changed', { ids: ['a'] })
  expect(window.webContents.send).toHaveBeenCalledExactlyOnceWith('engram:event', 'runs.changed', { ids: ['a'] })
})

import { describe, expect, it, vi } from 'vitest'
import type { Bridge } from '../../src-shared/contract/index.ts'
import { exposed, ipcRenderer } from './hosts/desktop/stand-in.ts'

vi.mock('electron', () => import('./hosts/desktop/stand-in.ts'))
await import('../../src-main/preload.ts')
const bridge = exposed.get('engram') as Bridge

describe('the preload bridge', () => {
  it('is all that the page gets, and it is the contract', () => {
    expect([...exposed.keys()]).toEqual(['engram'])
    expect(Object.keys(bridge)).toEqual(['call', 'on'])
  })

  it('passes a call on one channel', async () => {
    expect(await bridge.call('runs.pause', { id: 'a' })).toEqual({ ok: true, value: null })
    expect(ipcRenderer.invoke).toHaveBeenCalledExactlyOnceWith('engram:call', 'runs.pause', { id: 'a' })
  })

  it('reads an answer that crosses as JSON already', async () => {
    const bytes = new TextEncoder().encode('[{"label":"ß","metrics":{}}]')
    ipcRenderer.invoke.mockResolvedValueOnce({ ok: true, value: bytes })
    expect(await bridge.call('runs.results', { ids: ['a'] })).toEqual({
      ok: true,
      value: [{ label: 'ß', metrics: {} }]
    })
  })

  it('passes the data of the event that was asked for, never the event itself, until told to stop', () => {
    const heard: unknown[][] = []
    const stop = bridge.on('runs.changed', (...args: unknown[]) => void heard.push(args))
    ipcRenderer.emit('engram:event', { sender: 'secret' }, 'runs.changed', { ids: ['a'] })
    ipcRenderer.emit('engram:event', { sender: 'secret' }, 'run.log', { runId: 'a' })
    stop()
    ipcRenderer.emit('engram:event', { sender: 'secret' }, 'runs.changed', { ids: ['b'] })
    expect(heard).toEqual([[{ ids: ['a'] }]])
    expect(ipcRenderer.listenerCount('engram:event')).toBe(0)
  })
})

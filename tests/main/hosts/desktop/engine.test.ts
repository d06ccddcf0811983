import { describe, expect, it, vi } from 'vitest'
import type { EngineOptions, EngineProcess, FromEngine } from '../../../../src-main/engine/protocol.ts'
import { utilityEngine } from '../../../../src-main/hosts/desktop/engine.ts'
import { children, type StandInChild } from './stand-in.ts'

vi.mock('electron', () => import('./stand-in.ts'))

const options: EngineOptions = { workers: 2, modelFolder: '', backend: 'auto' }
function start(): { engine: EngineProcess; child: StandInChild; args: string[]; entry: string } {
  const engine = utilityEngine('/out/engine.js')(options)
  return { engine, ...children.at(-1)! }
}

describe('the engine on the desktop', () => {
  it('gets its options as JSON in its first argument', () => {
    const { entry, args } = start()
    expect(entry).toBe('/out/engine.js')
    expect(JSON.parse(args[0])).toEqual(options)
  })

  it('gets messages in order, none before it has started', () => {
    const { engine, child } = start()
    engine.post({ type: 'pause', runId: 'a' })
    engine.post({ type: 'resume', runId: 'a' })
    expect(child.postMessage).not.toHaveBeenCalled()
    child.emit('spawn')
    engine.post({ type: 'stop' })
    expect(child.postMessage.mock.calls.map(([message]) => message.type)).toEqual(['pause', 'resume', 'stop'])
  })

  it('is heard', () => {
    const { engine, child } = start()
    const heard: FromEngine[] = []
    engine.onMessage((message) => heard.push(message))
    child.emit('message', { type: 'log', runId: 'a', text: 'x' })
    expect(heard).toEqual([{ type: 'log', runId: 'a', text: 'x' }])
  })

  it('tells its exit code and its last words, no more of them than a report needs', () => {
    const { engine, child } = start()
    const exits: [number | null, string][] = []
    engine.onExit((...exit) => exits.push(exit))
    child.stderr.emit('data', Buffer.from('x'.repeat(10_000)))
    child.stderr.emit('data', Buffer.from('out of memory\n'))
    child.emit('exit', 134)
    expect(exits).toHaveLength(1)
    expect(exits[0][0]).toBe(134)
    expect(exits[0][1]).toMatch(/^exit code 134\nx+out of memory$/)
    expect(exits[0][1].length).toBeLessThan(4100)
  })

  it('is ended', () => {
    const { engine, child } = start()
    engine.kill()
    expect(child.kill).toHaveBeenCalledOnce()
  })
})

/** The engine as an Electron utilityProcess: its own heap, so that running out of memory there never closes the window. */
import { utilityProcess } from 'electron'
import type { EngineOptions, EngineProcess, FromEngine, ToEngine } from '../../engine/protocol.ts'

/** How much of the engine's last words on stderr is kept for the report of a crash. */
const keptCharacters = 4000

/** @param entry the engine's bundle */
export function utilityEngine(entry: string): (options: EngineOptions) => EngineProcess {
  return (options) => {
    const child = utilityProcess.fork(entry, [JSON.stringify(options)], {
      serviceName: 'Engram engine',
      stdio: ['ignore', 'ignore', 'pipe']
    })
    let lastWords = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-keptCharacters)
    })
    let spawned = false
    const waiting: ToEngine[] = []
    child.once('spawn', () => {
      spawned = true
      for (const message of waiting) child.postMessage(message)
    })
    return {
      post: (message) => void (spawned ? child.postMessage(message) : waiting.push(message)),
      onMessage: (listener) => void child.on('message', (message: FromEngine) => listener(message)),
      onExit: (listener) =>
        void child.once('exit', (code) =>
          listener(code, [`exit code ${code}`, lastWords.trim()].filter(Boolean).join('\n'))
        ),
      kill: () => void child.kill()
    }
  }
}

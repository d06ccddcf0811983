/** The engine as a child process of a plain Node program: for serve, the CLI and tests. */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineOptions, EngineProcess, FromEngine } from '../protocol.ts'

/** How much of the engine's last words on stderr is kept for the report of a crash. */
const keptCharacters = 4000

/** From source the engine lies beside this file; in a bundle it is an entry of its own, above the shared chunks. */
function engineFile(): string {
  const candidates = ['process.ts', 'engine.js', '../engine.js'].map((name) => join(import.meta.dirname, name))
  return candidates.find(existsSync) ?? candidates[0]
}

/**
 * From source Node strips the types of every file for the engine and again for each of its workers, which is most of
 * the time they take to start; what it made of them is kept here.
 */
const compileCache = join(import.meta.dirname, '../../../node_modules/.cache/engram-studio')

/** Start the engine. Its messages may follow at once; attach the listeners in the same turn. */
export function forkEngine(options: EngineOptions): EngineProcess {
  const child = fork(engineFile(), [JSON.stringify(options)], {
    serialization: 'advanced',
    env: { ...(import.meta.filename.endsWith('.ts') && { NODE_COMPILE_CACHE: compileCache }), ...process.env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-keptCharacters)
  })
  // A message to an engine that has just died is lost with it; onExit tells of the death.
  child.on('error', (error) => {
    lastWords = `${lastWords}\n${error.message}`
  })
  return {
    post: (message) => void (child.connected && child.send(message, () => undefined)),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) =>
      void child.once('close', (code, signal) =>
        listener(code, [signal ? `signal ${signal}` : `exit code ${code}`, lastWords.trim()].filter(Boolean).join('\n'))
      ),
    kill: () => void child.kill('SIGKILL')
  }
}

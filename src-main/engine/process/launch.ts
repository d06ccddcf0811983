/**
 * The engine's process, started the same way by every host: the files of out/engine, in plain Node. Electron's own V8
 * refuses memory that native modules hold, so the desktop starts the Node that it brings, never itself.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { EngineOptions, EngineProcess, FromEngine } from '../protocol.ts'
import { spawnProgram } from './spawn.ts'

/** How much of the engine's last words on stderr is kept for the report of a crash. */
const keptCharacters = 4000

export interface EngineProgram {
  /** A plain Node. */
  node: string
  /** The folder of the built engine. */
  folder: string
}

/** Where a packaged app keeps what is not in its archive; undefined outside one. */
const packaged = (process as { resourcesPath?: string }).resourcesPath

/**
 * The Node that computes: the one that a packaged app brings, else that of the package `node`, else the one that runs
 * this.
 * @throws StudioError engine-failed where there is none
 */
export function findNode(resources: string | undefined = packaged): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const brought = resources === undefined ? undefined : join(resources, 'node', name)
  if (brought !== undefined && existsSync(brought)) return brought
  try {
    return createRequire(import.meta.url).resolve(`node/bin/${name}`)
  } catch {
    if (!process.versions.electron) return process.execPath
  }
  throw new StudioError('engine-failed', 'There is no Node to compute with; run npm install, then start the app again.')
}

/**
 * The built engine: beside a packaged app's archive, or in out/ of a checkout.
 * @throws StudioError engine-failed where it is not built
 */
export function findEngine(resources: string | undefined = packaged): string {
  const places = [
    ...(resources === undefined ? [] : [join(resources, 'engine')]),
    // Seen from the source tree, from a bundle in out/main, and from a chunk of it.
    ...['../../../out/engine', '../engine', '../../engine'].map((place) => join(import.meta.dirname, place))
  ]
  const found = places.find((place) => existsSync(join(place, 'process.js')))
  if (found !== undefined) return found
  throw new StudioError('engine-failed', 'The engine is not built: run npm run build.')
}

export const engineProgram = (resources?: string): EngineProgram => ({
  node: findNode(resources),
  folder: findEngine(resources)
})

/** Start the engine. Its messages may follow at once; attach the listeners in the same turn. */
export function startEngine(options: EngineOptions, { node, folder }: EngineProgram = engineProgram()): EngineProcess {
  const child = spawnProgram(node, join(folder, 'process.js'), [JSON.stringify(options)], 'pipe')
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-keptCharacters)
  })
  // A message to an engine that has just died is lost with it; onExit tells of the death, also of one that never lived.
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

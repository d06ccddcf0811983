/** What is known about this application and this machine before anything runs. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { Provenance } from '../../src-shared/shapes/run.ts'
import { appRoot } from './root.ts'

export type Machine = Pick<
  Provenance,
  'version' | 'commit' | 'node' | 'libraries' | 'os' | 'cpu' | 'cores' | 'memoryBytes'
>

const libraries = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  'webgpu',
  'better-sqlite3'
]

export function machine(root: string = appRoot()): Machine {
  const { version } = readJson(join(root, 'package.json'))
  const cpus = os.cpus()
  return {
    version: String(version),
    commit: commitOf(root),
    node: process.versions.node,
    libraries: {
      ...(process.versions.electron && { electron: process.versions.electron }),
      ...Object.fromEntries(
        libraries.flatMap((name) => {
          const path = join(root, 'node_modules', name, 'package.json')
          return existsSync(path) ? [[name, String(readJson(path).version)]] : []
        })
      )
    },
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    cpu: cpus[0]?.model.trim() || 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem()
  }
}

/** A packaged application carries its commit in resources/commit.txt; a checkout asks git. */
function commitOf(root: string): string {
  const written = join(root, 'resources', 'commit.txt')
  if (existsSync(written)) return readFileSync(written, 'utf8').trim()
  if (!existsSync(join(root, '.git'))) return 'unknown'
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] })
    const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
    return git('rev-parse', 'HEAD').trim() + (changed ? '+changes' : '')
  } catch {
    return 'unknown'
  }
}

const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>

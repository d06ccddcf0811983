/** Whether the desktop window can be opened on this machine. Plain Node: it runs before Electron does. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { spawnSync } from 'node:child_process'

/** What the answer depends on; a test hands in its own. */
export interface Machine {
  platform: NodeJS.Platform
  env: NodeJS.ProcessEnv
  root: boolean
  exists(path: string): boolean
  /** Path of Electron's executable, or undefined while its runtime is not there. */
  runtime(): string | undefined
}

export type Desktop =
  | { executable: string; switches: string[] }
  /** Why there is no desktop window, as half a sentence; whether only the runtime is missing. */
  | { reason: string; missing: boolean }

/** Electron's executable with the switches it needs here, or why there is no desktop window. */
export function findDesktop(machine: Machine): Desktop {
  const { platform, env } = machine
  const wayland = platform === 'linux' && waylandSocket(machine)
  if (platform === 'linux') {
    if (!env.DISPLAY && !wayland) return { reason: 'this machine has no display', missing: false }
    if (machine.root) return { reason: 'Electron’s sandbox does not run as root', missing: false }
  }
  const executable = machine.runtime()
  if (executable === undefined) return { reason: 'Electron’s runtime is not installed', missing: true }
  // Chromium asks the session's type, which a shell may not know; with one kind of display there is nothing to guess.
  return { executable, switches: wayland && !env.DISPLAY ? ['--ozone-platform=wayland'] : [] }
}

/** Whether a Wayland compositor listens: where WAYLAND_DISPLAY says, or at the name that is taken when it says nothing. */
function waylandSocket({ env, exists }: Machine): boolean {
  const name = env.WAYLAND_DISPLAY || 'wayland-0'
  if (isAbsolute(name)) return exists(name)
  return env.XDG_RUNTIME_DIR ? exists(join(env.XDG_RUNTIME_DIR, name)) : false
}

const require = createRequire(import.meta.url)
const folder = dirname(require.resolve('electron/package.json'))

/** The machine we are on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    env: process.env,
    root: process.getuid?.() === 0,
    exists: existsSync,
    runtime() {
      const pathFile = join(folder, 'path.txt')
      const own = process.env.ELECTRON_OVERRIDE_DIST_PATH
      if (!existsSync(pathFile) && !own) return undefined
      const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron'
      const executable = join(own ?? join(folder, 'dist'), name)
      return existsSync(executable) ? executable : undefined
    }
  }
}

/** After this long without a byte a mirror counts as stalled. */
const stallMs = 20_000
/** A fetch that failed is not tried again by itself for this long. */
const restMs = 24 * 60 * 60_000

export interface FetchOptions {
  stallMs?: number
  /** Where the last failure is kept. */
  failureFile?: string
  /** Try although it failed within the last day. */
  again?: boolean
  say?(line: string): void
}

/**
 * Fetch Electron's runtime as its own installer would, once.
 * @returns undefined when it is there, or half a sentence: why it is not
 */
export async function fetchRuntime({
  stallMs: patience = stallMs,
  failureFile = join(folder, '../.cache/engram-studio/electron-fetch.json'),
  again = false,
  say = (line) => void process.stderr.write(`${line}\n`)
}: FetchOptions = {}): Promise<string | undefined> {
  const { version } = require('electron/package.json') as { version: string }
  const last = lastFailure(failureFile)
  if (!again && last?.version === version && Date.now() - last.at < restMs && Date.now() >= last.at)
    return `Electron’s runtime could not be fetched within the last day (${last.reason}); npm start -- --fetch tries again`
  say('Fetching Electron’s runtime, once (about 100 MB) ...')
  const reason = await download(version, patience)
  if (reason === undefined) return undefined
  mkdirSync(dirname(failureFile), { recursive: true })
  writeFileSync(failureFile, JSON.stringify({ version, at: Date.now(), reason }))
  return `Electron’s runtime could not be fetched (${reason})`
}

function lastFailure(file: string): { version: string; at: number; reason: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Download into the cache that Electron's installer looks into, then let it unpack. */
async function download(version: string, patience: number): Promise<string | undefined> {
  const stalled = new AbortController()
  const timer = setTimeout(
    () => stalled.abort(new Error(`nothing came for ${Math.round(patience / 1000)} seconds`)),
    patience
  )
  try {
    const { downloadArtifact } = await import('@electron/get')
    await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      cacheRoot: process.env.electron_config_cache,
      checksums: require('electron/checksums.json'),
      downloadOptions: {
        quiet: true,
        signal: stalled.signal,
        getProgressCallback: () => Promise.resolve(void timer.refresh())
      }
    })
  } catch (error) {
    return innermost(error)
  } finally {
    clearTimeout(timer)
  }
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'install.js')], { encoding: 'utf8' })
  return status === 0 ? undefined : stderr.trim().split('\n')[0] || `its installer ended with ${status}`
}

/** `fetch failed` says nothing; what it was caused by does. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return innermost(error.cause)
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}

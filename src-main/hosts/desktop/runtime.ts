/** Whether the desktop window can be opened on this machine. Plain Node: it runs before Electron does. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What the answer depends on; a test hands in its own. */
export interface Machine {
  platform: NodeJS.Platform
  env: NodeJS.ProcessEnv
  root: boolean
  /** Path of Electron's executable, or undefined while its runtime is not there. */
  runtime(): string | undefined
  /** Fetch the runtime; says whether it worked. */
  fetchRuntime(): boolean
}

/** Electron's executable, or the reason, as half a sentence, why there is no desktop window. */
export function findDesktop(machine: Machine): { executable: string } | { reason: string } {
  const { platform, env } = machine
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return { reason: 'this machine has no display' }
  if (platform === 'linux' && machine.root) return { reason: 'Electron’s sandbox does not run as root' }
  const executable = machine.runtime() ?? (machine.fetchRuntime() ? machine.runtime() : undefined)
  return executable === undefined ? { reason: 'Electron’s runtime could not be fetched' } : { executable }
}

/** The machine we are on. */
export function thisMachine(): Machine {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  return {
    platform: process.platform,
    env: process.env,
    root: process.getuid?.() === 0,
    runtime() {
      const pathFile = join(folder, 'path.txt')
      if (!existsSync(pathFile)) return undefined
      const executable = join(
        process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'),
        readFileSync(pathFile, 'utf8').trim()
      )
      return existsSync(executable) ? executable : undefined
    },
    fetchRuntime() {
      process.stderr.write('Fetching Electron’s runtime, once (about 100 MB) ...\n')
      const { status } = spawnSync(process.execPath, [join(folder, 'install.js')], {
        stdio: 'ignore',
        timeout: 10 * 60_000
      })
      return status === 0
    }
  }
}

/** Packages of Debian that tests need, installed where that is allowed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Whether this is Debian, or of its kind, and we are root. */
export const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')

export function aptInstall(name: string): boolean {
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    }).status === 0
  return apt('update', '-q') && apt('install', '-y', '-q', '--no-install-recommends', name)
}

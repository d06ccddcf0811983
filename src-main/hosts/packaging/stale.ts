/** Building again when a source is newer than what was built from it: after `git pull`, and while developing. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { npm } from '../terminal/npm.ts'

const sources = [
  'src-main',
  'src-shared',
  'src-renderer',
  'electron.vite.config.ts',
  'svelte.config.js',
  'package-lock.json'
]
const built = ['out/engine/process.js', 'out/main/desktop.js', 'out/preload/preload.cjs', 'out/renderer/index.html']

/** When a file or the youngest of a folder's files changed; a folder counts, too: it changes when a file of it goes. */
function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/** Whether what was built in `root/out` is missing or older than a source. */
export function isStale(root: string): boolean {
  const at = Math.min(...built.map((file) => newest(join(root, file))))
  return sources.some((name) => newest(join(root, name)) > at)
}

/** @throws StudioError internal when it cannot be built; what the build said is on the terminal then */
export function buildIfStale(root = join(import.meta.dirname, '../../..')): void {
  if (!isStale(root)) return
  process.stderr.write('Building what changed ...\n')
  const { status } = npm(['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new StudioError('internal', 'The studio could not be built.')
}

/** Calling npm from a script that npm started. */
import { spawnSync, type SpawnSyncOptions } from 'node:child_process'

/**
 * Run npm, with the Node that runs it, and without a shell: a path with a space stays one argument on every system.
 * @returns its exit code
 */
export function npm(args: readonly string[], options: SpawnSyncOptions = {}): ReturnType<typeof spawnSync> {
  const { npm_execpath: program, npm_node_execpath: node = process.execPath } = process.env
  return program
    ? spawnSync(node, [program, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

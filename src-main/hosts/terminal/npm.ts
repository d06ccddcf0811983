/** Calling npm from a script that npm started. */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions, type SpawnSyncOptions } from 'node:child_process'

/** npm with the Node that runs it, and without a shell: a path with a space stays one argument on every system. */
function command(args: readonly string[]): [program: string, args: readonly string[], { shell: boolean }] {
  const { npm_execpath: program, npm_node_execpath: node = process.execPath } = process.env
  return program ? [node, [program, ...args], { shell: false }] : ['npm', args, { shell: process.platform === 'win32' }]
}

/** Run npm to its end. */
export function npm(args: readonly string[], options: SpawnSyncOptions = {}): ReturnType<typeof spawnSync> {
  const [program, all, shell] = command(args)
  return spawnSync(program, all, { ...options, ...shell })
}

/** npm beside this process. */
export function startNpm(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [program, all, shell] = command(args)
  return spawn(program, all, { ...options, ...shell })
}

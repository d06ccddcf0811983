/** Processes of the engine: plain Node, a channel for messages, and the number of the process that must outlive them. */
import { spawn, type ChildProcess } from 'node:child_process'

/** Where a process finds the number of its parent: its own look at it may come after the parent's death. */
const parentName = 'ENGRAM_PARENT'

/** @param stderr where the last words of a process go */
export function spawnProgram(
  node: string,
  file: string,
  args: readonly string[],
  stderr: 'pipe' | 'ignore'
): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, [parentName]: String(process.pid) }
  // What Electron set for itself is not for the engine.
  delete env.ELECTRON_RUN_AS_NODE
  return spawn(node, ['--disable-warning=ExperimentalWarning', file, ...args], {
    serialization: 'advanced',
    env,
    windowsHide: true,
    stdio: ['ignore', 'ignore', stderr, 'ipc']
  })
}

export const parentProcess = (): number => Number(process.env[parentName] ?? process.ppid)

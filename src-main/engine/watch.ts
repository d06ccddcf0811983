import { Worker } from 'node:worker_threads'
import { programFile } from './process/programs.ts'
import { parentProcess } from './process/spawn.ts'

/**
 * End this process when the one that started it is gone; to be called once, at the start. A closed channel says so; a
 * thread of its own also looks, because a process may be in a loop that never comes back to hear it.
 */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(0))
  // Ctrl-C reaches every process of the terminal; what it means is for the studio to say.
  process.on('SIGINT', () => {})
  new Worker(programFile('orphan'), { workerData: parentProcess() }).unref()
}

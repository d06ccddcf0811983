/** The thread that ends its process when the process's parent is gone. */
import { workerData } from 'node:worker_threads'

const everyMs = 1000
const parent = workerData as number

/** A process whose parent has died gets another one; on Windows it keeps the number, which then answers to nobody. */
function isOrphan(): boolean {
  if (process.ppid !== parent) return true
  try {
    process.kill(parent, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

setInterval(() => {
  if (isOrphan()) process.kill(process.pid, 'SIGKILL')
}, everyMs)

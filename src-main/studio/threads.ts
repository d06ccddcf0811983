/** Threads of the studio's own, beside the one that answers calls. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Where each begins: from source, and in a bundle, where it is an entry of its own above the shared chunks. */
const entries = {
  exporter: ['exports/thread.ts', 'exporter.js', '../exporter.js'],
  reader: ['reading/thread.ts', 'reader.js', '../reader.js']
} as const

/** What threads make is soon let go: little room for it costs little time, and much would stay taken. */
const youngMb = 12

/** @param heapMb what does not fit ends the thread alone, with `ERR_WORKER_OUT_OF_MEMORY` */
export function startThread(name: keyof typeof entries, workerData: unknown, heapMb: number): Worker {
  const files = entries[name].map((entry) => join(import.meta.dirname, entry))
  return new Worker(files.find(existsSync) ?? files[0], {
    workerData,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb }
  })
}

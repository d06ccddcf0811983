/** A thread of the engine that computes on the CPU. */
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerOptions } from '../worker-calls.ts'
import { serve } from './calls.ts'

const port = parentPort!
await serve(
  workerData as WorkerOptions,
  { post: (answer) => port.postMessage(answer), onMessage: (listener) => void port.on('message', listener) },
  false
)

/**
 * The process that owns a GPU. Native code that is at work here may be ended at any moment, which it would not survive
 * as a thread: ending one that holds a device aborts its whole process.
 */
import { endWithParent } from '../watch.ts'
import type { WorkerMessage, WorkerOptions } from '../worker-calls.ts'
import { serve } from './calls.ts'

endWithParent()
await serve(
  JSON.parse(process.argv[2] ?? '{}') as WorkerOptions,
  {
    post: (answer) => void process.send?.(answer),
    onMessage: (listener) => void process.on('message', (message) => listener(message as WorkerMessage))
  },
  true
)

/** A thread that reads, beside the one that answers calls: it has a connection of its own, and answers in JSON. */
import { parentPort, workerData } from 'node:worker_threads'
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { ownReads, reads } from './reads.ts'
import { longestAnswer, tooLong, type FromReader, type ReadTask } from './task.ts'

/** About 25 MB of JSON. */
const mostTrials = 200_000

let store: Store | undefined

async function answer({ name, input, tasks }: ReadTask): Promise<FromReader> {
  store ??= openStore({ folder: workerData as string, readOnly: true })
  const handlers = {
    ...reads({ read: store.read, tasks: () => Promise.resolve(tasks), mostTrials }),
    ...ownReads(store.read)
  }
  // The schema and the handler have the same name, so they agree; TypeScript cannot follow a union of names.
  const text = JSON.stringify(await (handlers[name] as (input: unknown) => unknown)(input))
  return text.length > longestAnswer ? { error: tooLong } : { json: new TextEncoder().encode(text) }
}

parentPort?.postMessage({ ready: true } satisfies FromReader)
parentPort?.on('message', (task: ReadTask) => {
  void answer(task)
    .catch((thrown: unknown): FromReader => {
      // A text longer than the engine's strings may be.
      const long = thrown instanceof RangeError && thrown.message.includes('string length')
      return { error: long ? tooLong : toErrorData(thrown) }
    })
    .then((told) => parentPort?.postMessage(told, 'json' in told ? [told.json.buffer] : []))
})

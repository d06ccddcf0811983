/**
 * The thread between a worker and its Python. A worker computes without ever waiting for an event, so somebody else has
 * to: this thread does, and wakes the worker with the answer.
 */
import { workerData, type MessagePort } from 'node:worker_threads'
import { errorOf, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { Frame, NamedArray } from './frames.ts'
import { OutOfMemory, PythonProcess, startMs, type PythonOptions } from './process.ts'

export interface LineStart {
  options: PythonOptions
  port: MessagePort
  /** Counts the answers; the worker waits for the next one. */
  answered: Int32Array
}

export interface LineRequest {
  header: Record<string, unknown>
  arrays: NamedArray[]
}

/** `again`: it may be the fault of another class that this Python has run; a new one would tell. */
export type LineAnswer = { printed: string } & ({ frame: Frame } | { error: ErrorData; again: boolean })

const { options, port, answered } = workerData as LineStart
let python: PythonProcess | undefined
const loaded = new Set<string>()
/** The classes that this Python has made. */
const made = new Set<string>()

async function answer({ header, arrays }: LineRequest): Promise<LineAnswer> {
  let process = python
  try {
    if (!process || process.gone) {
      process = python = new PythonProcess(options)
      loaded.clear()
      made.clear()
      await process.hello()
    }
    // A file may have much to import: that is no time of its models.
    if (typeof header.file === 'string' && !loaded.has(header.file)) {
      await process.ask({ op: 'load', file: header.file }, [], startMs)
      loaded.add(header.file)
    }
    if (typeof header.class === 'string') made.add(`${header.file as string}:${header.class}`)
    const frame = await process.ask(header, arrays, options.limitMs)
    return { frame, printed: process.printed() }
  } catch (error) {
    const shared = made.size > 1
    if (shared && error instanceof OutOfMemory) process?.end()
    return {
      again: shared && process?.gone === true,
      error: toErrorData(error instanceof Error ? error : errorOf({ code: 'model-failed', message: String(error) })),
      printed: process?.printed() ?? ''
    }
  }
}

port.on('message', (request: LineRequest) => {
  void answer(request).then((message) => {
    const buffers =
      'frame' in message ? [...new Set(message.frame.arrays.map(({ data }) => data.buffer as ArrayBuffer))] : []
    port.postMessage(message, buffers)
    Atomics.add(answered, 0, 1)
    Atomics.notify(answered, 0)
  })
})

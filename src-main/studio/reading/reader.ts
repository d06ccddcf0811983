/** The reading threads, as the studio's thread sees them: a call goes in, its answer comes out as JSON already. */
import type { Worker } from 'node:worker_threads'
import { errorOf, StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { startThread } from '../threads.ts'
import { tooLong, type FromReader, type ReadTask } from './task.ts'

const most = {
  /** So that what is small need not wait for what is large. */
  threads: 2,
  /** Of each. */
  heapMb: 384
} as const

/** A call's answer that is text already: whoever sends it on need not look at it. */
export class Encoded {
  /** JSON in UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes
  }
}

interface Asked {
  task: ReadTask
  answer: PromiseWithResolvers<Encoded>
}

interface Thread {
  worker: Worker
  ready: boolean
  asked: Asked | undefined
}

export class Reader {
  readonly #folder: string
  readonly #threads = new Set<Thread>()
  readonly #waiting: Asked[] = []
  #closed = false

  constructor(dataFolder: string) {
    this.#folder = dataFolder
  }

  /** Whether a thread is there that answers. */
  get ready(): boolean {
    return [...this.#threads].some(({ ready }) => ready)
  }

  /** Have the threads there before anything is asked. */
  warm(): void {
    while (!this.#closed && this.#threads.size < most.threads) this.#start()
  }

  /** @throws StudioError what reading ended with; too-large; cancelled when the studio closes meanwhile */
  ask(task: ReadTask): Promise<Encoded> {
    const answer = Promise.withResolvers<Encoded>()
    if (this.#closed) answer.reject(closed())
    else {
      this.#waiting.push({ task, answer })
      this.#next()
    }
    return answer.promise
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { answer } of this.#waiting.splice(0)) answer.reject(closed())
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()))
  }

  #next(): void {
    if (this.#waiting.length === 0) return
    const free = [...this.#threads].find(({ ready, asked }) => ready && !asked)
    if (!free) return this.warm()
    free.asked = this.#waiting.shift()
    free.worker.postMessage(free.asked?.task)
  }

  #start(): void {
    const worker = startThread('reader', this.#folder, most.heapMb)
    const thread: Thread = { worker, ready: false, asked: undefined }
    this.#threads.add(thread)
    worker.unref()
    worker.on('message', (told: FromReader) => {
      const { asked } = thread
      thread.asked = undefined
      if ('ready' in told) thread.ready = true
      else if ('json' in told) asked?.answer.resolve(new Encoded(told.json))
      else asked?.answer.reject(errorOf(told.error))
      this.#next()
    })
    const end = (error: Error): void => {
      this.#threads.delete(thread)
      // One that did not even begin would not the next time either.
      if (!thread.ready) for (const { answer } of this.#waiting.splice(0)) answer.reject(error)
      thread.asked?.answer.reject(error)
      thread.asked = undefined
      if (!this.#closed) this.#next()
    }
    worker.on('error', (error: NodeJS.ErrnoException) =>
      end(errorOf(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLong : toErrorData(error)))
    )
    worker.once('exit', () => end(closed()))
  }
}

const closed = (): StudioError => new StudioError('cancelled', 'The studio was closed while this was read.')

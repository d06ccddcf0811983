/** A line to something that computes: a thread of the engine, or a process of its own for what may crash or hang. */
import { Worker } from 'node:worker_threads'
import type { WorkerAnswer, WorkerMessage, WorkerOptions } from '../worker-calls.ts'
import { spawnProgram } from './spawn.ts'

export interface LineEvents {
  answer(answer: WorkerAnswer): void
  /** It is gone; `cause` says how. Told once. */
  exit(cause: string): void
}

export interface Line {
  post(message: WorkerMessage): void
  end(): void
}

export type OpenLine = (options: WorkerOptions, events: LineEvents) => Line

/** How much of a process's last words is kept for the report of its death. */
const keptCharacters = 2000

/** @param file the program of a thread */
export function threadLine(file: string): OpenLine {
  return (options, { answer, exit }) => {
    const worker = new Worker(file, { workerData: options, execArgv: ['--disable-warning=ExperimentalWarning'] })
    let cause = ''
    worker.on('message', answer)
    worker.on('error', (error) => (cause = error.message))
    worker.on('exit', (code) => exit(cause || `exit code ${code}`))
    return { post: (message) => worker.postMessage(message), end: () => void worker.terminate() }
  }
}

/**
 * A process may be ended at any moment: native code that is at work in it takes nobody along.
 * @param file the program of a process
 */
export function processLine(file: string): OpenLine {
  return (options, { answer, exit }) => {
    const child = spawnProgram(process.execPath, file, [JSON.stringify(options)], 'pipe')
    let lastWords = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-keptCharacters)
    })
    child.on('message', (message) => answer(message as WorkerAnswer))
    let told = false
    const gone = (how: string): void => {
      if (told) return
      told = true
      exit([how, lastWords.trim()].filter(Boolean).join(': '))
    }
    child.on('error', ({ message }) => gone(message))
    child.on('close', (code, signal) => gone(signal ? `signal ${signal}` : `exit code ${code}`))
    return {
      post(message) {
        // What is shared between threads cannot cross to a process: it is told of a cancel by a message.
        const plain = 'cancelled' in message ? { ...message, cancelled: undefined } : message
        if (child.connected) child.send(plain, () => undefined)
      },
      end: () => void child.kill('SIGKILL')
    }
  }
}

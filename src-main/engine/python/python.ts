/** A worker's own Python, asked like a function: memories answer at once, so the worker waits. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { errorOf, StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { Frame, NamedArray } from './frames.ts'
import type { LineAnswer, LineRequest, LineStart } from './line.ts'
import type { PythonOptions } from './process.ts'

export interface Python {
  /** @throws StudioError model-failed with Python's traceback, or because Python ended or took too long */
  ask(header: Record<string, unknown>, arrays?: readonly NamedArray[]): Frame
}

/** Python ended, and another class that it had run may be the cause: what was under way is worth another try. */
export class SharedFault extends StudioError {
  constructor({ code, message, ...about }: ErrorData) {
    super(code, message, about)
  }
}

/**
 * Started by the first question, ended with the worker.
 * @param options undefined: there is no Python here
 * @param onPrint told what models print
 */
export function pythonOf(options: PythonOptions | undefined, onPrint: (text: string) => void): Python {
  let line: ReturnType<typeof open> | undefined
  return {
    ask(header, arrays = []) {
      if (!options) throw new StudioError('not-supported', 'No Python was found; name one in Settings, Python.')
      line ??= open(options)
      const answer = line({ header, arrays: [...arrays] })
      if (answer.printed) onPrint(answer.printed)
      if ('error' in answer) throw answer.again ? new SharedFault(answer.error) : errorOf(answer.error)
      return answer.frame
    }
  }
}

function open(options: PythonOptions): (request: LineRequest) => LineAnswer {
  const { port1, port2 } = new MessageChannel()
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const start: LineStart = { options, port: port2, answered }
  const worker = new Worker(options.line, {
    workerData: start,
    transferList: [port2],
    execArgv: ['--disable-warning=ExperimentalWarning']
  })
  // The worker's end is not held up by it.
  worker.unref()
  port1.unref()
  return (request) => {
    const before = Atomics.load(answered, 0)
    port1.postMessage(request)
    Atomics.wait(answered, 0, before)
    const received = receiveMessageOnPort(port1) as { message: LineAnswer } | undefined
    if (!received) throw new StudioError('model-failed', 'Python gave no answer.')
    return received.message
  }
}

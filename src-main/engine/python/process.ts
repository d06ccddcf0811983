/** One Python with the bridge in it: a question at a time, an answer or an error for each. */
import { spawn, type ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { encode, FrameReader, type Frame, type NamedArray } from './frames.ts'

export interface PythonOptions {
  /** The interpreter, with its arguments (`py -3`). */
  command: readonly string[]
  /** The bridge's file. */
  bridge: string
  /** The program of the thread between a worker and its Python. */
  line: string
  device: string
  /** The folder of the user's own models. */
  folder?: string
  limitMs: number
  /** Bytes that it may hold, where the system can enforce that. */
  memoryBytes: number
}

/** How long Python may take until it has imported torch, and a file what it needs. */
export const startMs = 120_000
/** How long what a model printed may be under way after its Python has ended. */
const lastWordsMs = 300

/** How much of what models print is kept of one call. */
const keptCharacters = 20_000

const errorSchema = z.object({ message: z.string(), traceback: z.string(), memory: z.boolean() })

/** Python has no memory left. What holds it may be another model's. */
export class OutOfMemory extends StudioError {}

/** Python's children end with it where processes come in groups. */
const inGroups = process.platform !== 'win32'

interface Waiting {
  id: number
  resolve: (frame: Frame) => void
  reject: (error: StudioError) => void
}

export class PythonProcess {
  readonly #child: ChildProcess
  #waiting: Waiting | undefined
  #printed = ''
  #unkept = 0
  #why: string | undefined
  #asked = 0
  readonly #hello: Record<string, unknown>
  /** It cannot be asked any more. */
  gone = false

  constructor({ command: [program, ...args], bridge, memoryBytes, device, folder = '' }: PythonOptions) {
    this.#hello = { op: 'hello', device, folder }
    const env = {
      ...process.env,
      ENGRAM_MEMORY: memoryBytes ? String(memoryBytes) : '',
      // A worker is one thread among as many as there are cores.
      OMP_NUM_THREADS: '1',
      MKL_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
      PYTHONUNBUFFERED: '1',
      PYTHONIOENCODING: 'utf-8',
      // What decides the order of sets is no chance either.
      PYTHONHASHSEED: '0'
    }
    this.#child = spawn(program, [...args, bridge], {
      ...{ env, windowsHide: true, detached: inGroups, stdio: ['pipe', 'pipe', 'pipe'] }
    })
    const reader = new FrameReader((frame) => this.#settle(frame))
    this.#child.stdout!.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch (error) {
        this.#end(error instanceof Error ? error.message : String(error))
      }
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#unkept += Math.max(0, this.#printed.length + text.length - keptCharacters)
      this.#printed = (this.#printed + text).slice(-keptCharacters)
    })
    this.#child.stdin!.on('error', () => undefined)
    this.#child.on('error', ({ message }) => this.#bury(`Python could not be started (${message}).`))
    // What a model has started may hold its streams open for ever.
    this.#child.on('exit', (code, signal) => {
      this.#kill()
      const ended = (): void => this.#bury(`Python ended (${signal ? `signal ${signal}` : `exit code ${code}`}).`)
      const timer = setTimeout(ended, lastWordsMs)
      this.#child.on('close', () => {
        clearTimeout(timer)
        ended()
      })
    })
  }

  /** What it is, once it has started. @throws StudioError model-failed */
  async hello(): Promise<Record<string, unknown>> {
    return (await this.ask(this.#hello, [], startMs)).header
  }

  /**
   * @throws StudioError model-failed with Python's traceback; when it took too long or Python ended, it is gone
   */
  async ask(header: Record<string, unknown>, arrays: readonly NamedArray[], limitMs: number): Promise<Frame> {
    if (this.gone) throw new StudioError('model-failed', this.#why ?? 'Python has ended.')
    const id = ++this.#asked
    const timer = setTimeout(
      () => this.#giveUp(`Python did not answer within ${limitMs / 1000} seconds and was ended.`),
      limitMs
    )
    try {
      const frame = await new Promise<Frame>((resolve, reject) => {
        this.#waiting = { id, resolve, reject }
        for (const part of encode({ header: { ...header, id }, arrays: [...arrays] })) this.#child.stdin!.write(part)
      })
      if (frame.header.ok === true) return frame
      const { message, traceback, memory } = errorSchema.parse(frame.header.error)
      throw new (memory ? OutOfMemory : StudioError)('model-failed', `${message.replace(/\.$/, '')}.`, {
        cause: traceback
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** What was printed since it was asked last. */
  printed(): string {
    const said = userLines(this.#printed)
    const text = this.#unkept > 0 ? `(${this.#unkept} characters before this are left out)\n${said}` : said
    this.#printed = ''
    this.#unkept = 0
    return text.trimEnd()
  }

  end(): void {
    this.gone = true
    this.#kill()
  }

  #kill(): void {
    this.#child.kill('SIGKILL')
    try {
      if (inGroups && this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // There is nobody left in its group.
    }
  }

  #settle(frame: Frame): void {
    // A model may have made a copy of its process, which answers as well; and some wake up when they are given up.
    if (frame.header.id !== this.#waiting?.id || this.#why !== undefined) return
    this.#waiting?.resolve(frame)
    this.#waiting = undefined
  }

  /** It is asked where it is before it is ended. */
  #giveUp(why: string): void {
    this.#why ??= why
    if (inGroups) this.#child.kill('SIGUSR1')
    setTimeout(() => this.end(), lastWordsMs)
  }

  #end(why: string): void {
    this.#why ??= why
    this.end()
  }

  #bury(why: string): void {
    this.gone = true
    this.#why ??= why
    const cause = userLines(this.#printed).trim().slice(-4000)
    this.#waiting?.reject(new StudioError('model-failed', this.#why, { ...(cause && { cause }) }))
    this.#waiting = undefined
  }
}

const notTheUsers = /^\s+File ".*engram_bridge\.py"|^Extension modules: /

/** What was printed, without what Python says of itself and of the bridge when it goes down. */
function userLines(printed: string): string {
  const lines = printed.split('\n')
  return lines.filter((line) => !notTheUsers.test(line)).join('\n')
}

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
  limitMs: number
  /** Bytes that it may hold, where the system can enforce that. */
  memoryBytes: number
}

/** How long Python may take until it has imported torch, and a file what it needs. */
export const startMs = 120_000

/** How much of what models print is kept of one call. */
const keptCharacters = 20_000

const errorSchema = z.object({ message: z.string(), traceback: z.string() })

interface Waiting {
  resolve: (frame: Frame) => void
  reject: (error: StudioError) => void
}

export class PythonProcess {
  readonly #child: ChildProcess
  #waiting: Waiting | undefined
  #printed = ''
  #unkept = 0
  #why: string | undefined
  /** It cannot be asked any more. */
  gone = false

  constructor({ command: [program, ...args], bridge, memoryBytes }: PythonOptions) {
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
    this.#child = spawn(program, [...args, bridge], { env, windowsHide: true, stdio: ['pipe', 'pipe', 'pipe'] })
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
    this.#child.on('close', (code, signal) =>
      this.#bury(this.#why ?? `Python ended (${signal ? `signal ${signal}` : `exit code ${code}`}).`)
    )
  }

  /**
   * @throws StudioError model-failed with Python's traceback; when it took too long or Python ended, it is gone
   */
  async ask(header: Record<string, unknown>, arrays: readonly NamedArray[], limitMs: number): Promise<Frame> {
    if (this.gone) throw new StudioError('model-failed', this.#why ?? 'Python has ended.')
    const timer = setTimeout(
      () => this.#end(`Python did not answer within ${limitMs / 1000} seconds and was ended.`),
      limitMs
    )
    try {
      const frame = await new Promise<Frame>((resolve, reject) => {
        this.#waiting = { resolve, reject }
        for (const part of encode({ header, arrays: [...arrays] })) this.#child.stdin!.write(part)
      })
      if (frame.header.ok === true) return frame
      const { message, traceback } = errorSchema.parse(frame.header.error)
      throw new StudioError('model-failed', `${message.replace(/\.$/, '')}.`, { cause: traceback })
    } finally {
      clearTimeout(timer)
    }
  }

  /** What was printed since it was asked last. */
  printed(): string {
    const text =
      this.#unkept > 0 ? `(${this.#unkept} characters before this are left out)\n${this.#printed}` : this.#printed
    this.#printed = ''
    this.#unkept = 0
    return text.trimEnd()
  }

  end(): void {
    this.gone = true
    this.#child.kill('SIGKILL')
  }

  #settle(frame: Frame): void {
    this.#waiting?.resolve(frame)
    this.#waiting = undefined
  }

  #end(why: string): void {
    this.#why ??= why
    this.end()
  }

  #bury(why: string): void {
    this.gone = true
    this.#why ??= why
    const cause = this.#printed.trim().slice(-4000)
    this.#waiting?.reject(new StudioError('model-failed', this.#why, { ...(cause && { cause }) }))
    this.#waiting = undefined
  }
}

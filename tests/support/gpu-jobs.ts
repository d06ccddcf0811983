/**
 * Jobs of the bench of a GPU, each in a process that is ended when it takes longer than its share of the time: what is asked,
 * what is answered, and how the time is shared.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { BlockRow, MemoryRow } from '../../src-shared/cost/gpu-table.ts'
import type { Peaks } from '../../src-shared/cost/measurement.ts'

export type RowKind = 'memory' | 'block'

export type GpuJob =
  | { part: 'peaks' }
  | { part: 'fixture'; name: string }
  /** Dispatches and bytes read back; `plain` without fused kernels. */
  | { part: 'counts' | 'plain'; kind: RowKind; name: string }
  /**
   * @property budget milliseconds for repetitions, after those that are always made
   * @property most operations that fit its share of the time at the backend's peak
   */
  | { part: 'times'; kind: RowKind; name: string; size: number; budget: number; most: number }

export interface GpuAnswer {
  peaks?: Peaks
  passed?: boolean
  row?: Partial<Omit<MemoryRow, 'plain'> & Omit<BlockRow, 'plain'>> & { plain?: MemoryRow['plain'] | BlockRow['plain'] }
  error?: string
  /** It took longer than this many seconds, and its process was ended. */
  over?: number
}

/** So many times its even share a job may take: most take less than theirs. */
const usual = 6
/** And the first job of a process so many times that: it compiles what the others find compiled. */
const first = 3
/** No job gets less than this, in seconds, while there is time. */
const least = 3

/**
 * Seconds that the next of some jobs may take. All together they never take more than what is left.
 * @param left seconds
 * @param weights of the jobs that are left, the next one's first
 * @param patience how many times its share the next one may take
 */
export function shareOf(left: number, weights: readonly number[], patience = 1): number {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const share = (usual * left * weights[0]!) / all
  return Math.min(Math.max(least, share) * patience, left)
}

/** A process that does jobs on one backend, begun anew after one that was ended. */
export class GpuWorker {
  readonly #file: string
  readonly #backend: string
  #child: ChildProcess | undefined
  #ready: Promise<unknown> = Promise.resolve()
  /** How many times its share the next job may take: more for a process's first, and more again after one that took too long. */
  patience = first
  #losses = 0

  constructor(file: string, backend: string) {
    this.#file = file
    this.#backend = backend
  }

  /** Whether it is ready for a job: its process runs, and has nothing left to do, after so many seconds at most. */
  async ready(seconds: number): Promise<boolean> {
    this.#child ??= this.#begin()
    const found = await within(seconds, () => this.#ready)
    if ('error' in found) this.end()
    return 'value' in found
  }

  #begin(): ChildProcess {
    const child = fork(this.#file, [this.#backend], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc']
    })
    this.#ready = heard(child, true)
    this.patience = first * 2 ** this.#losses
    return child
  }

  /** What it answers, which has to be ready; or it is ended. */
  async ask(job: GpuJob, seconds: number): Promise<GpuAnswer> {
    const child = this.#child!
    const answered = heard<GpuAnswer>(child, false)
    this.#ready = heard(child, true)
    child.send(job)
    const answer = await within(seconds, () => answered)
    if ('value' in answer) {
      this.patience = 1
      this.#losses = 0
      return answer.value
    }
    this.#losses++
    this.end()
    return answer.late ? { over: seconds } : { error: answer.error }
  }

  end(): void {
    this.#child?.removeAllListeners()
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

async function within<T>(
  seconds: number,
  body: () => Promise<T>
): Promise<{ value: T } | { error: string; late: boolean }> {
  const ended = new AbortController()
  const late = pause(1000 * seconds, 'late' as const, { signal: ended.signal })
  try {
    const found = await Promise.race([body().then((value) => ({ value })), late])
    return found === 'late' ? { error: `It took more than ${seconds} s.`, late: true } : found
  } catch (error) {
    return { error: (error as Error).message, late: false }
  } finally {
    ended.abort()
  }
}

/** The next message that is, or is not, the word `ready`; a failure where the process ends before. */
function heard<T>(child: ChildProcess, ready: boolean): Promise<T> {
  const next = new Promise<T>((resolve, reject) => {
    const message = (said: unknown): void => {
      if ((said === 'ready') !== ready) return
      child.off('message', message).off('exit', exit)
      resolve(said as T)
    }
    const exit = (code: number | null, signal: string | null): void =>
      reject(new Error(`Its process ended (${signal ?? `exit code ${code}`}).`))
    child.on('message', message).once('exit', exit)
  })
  // Whoever waits for it hears of it.
  next.catch(() => undefined)
  return next
}

/** Events on their way to the hosts: joined by run, at most twenty flushes a second. */
import type { EventData, EventName, Progress } from '../../src-shared/contract.ts'

export type Emit = <N extends EventName>(name: N, data: EventData<N>) => void

type LiveTrial = EventData<'run.trials'>['trials'][number]

const intervalMs = 50

export class Events {
  readonly #emit: Emit
  readonly #progress = new Map<string, Progress>()
  readonly #trials = new Map<string, LiveTrial[]>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #last = 0

  constructor(emit: Emit) {
    this.#emit = emit
  }

  /** Rare events go out as they are. */
  now<N extends EventName>(name: N, data: EventData<N>): void {
    this.#emit(name, data)
  }
  /** The newest progress of a run replaces one that has not gone out yet. */
  progress(progress: Progress): void {
    this.#progress.set(progress.runId, progress)
    this.#schedule()
  }
  trials(runId: string, trials: readonly LiveTrial[]): void {
    const waiting = this.#trials.get(runId)
    if (waiting) waiting.push(...trials)
    else this.#trials.set(runId, [...trials])
    this.#schedule()
  }
  changed(ids: readonly string[]): void {
    for (const id of ids) this.#changed.add(id)
    this.#schedule()
  }

  /** Send what waits, trials before the progress that counts them. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [runId, trials] of drain(this.#trials)) this.#emit('run.trials', { runId, trials })
    for (const [, progress] of drain(this.#progress)) this.#emit('run.progress', progress)
    if (this.#changed.size) {
      const ids = [...this.#changed]
      this.#changed.clear()
      this.#emit('runs.changed', { ids })
    }
    this.#last = performance.now()
  }

  #schedule(): void {
    if (this.#timer) return
    const wait = Math.max(0, this.#last + intervalMs - performance.now())
    this.#timer = setTimeout(() => this.flush(), wait)
  }
}

function drain<K, V>(map: Map<K, V>): [K, V][] {
  const entries = [...map]
  map.clear()
  return entries
}

/** Events on their way to the hosts: joined by run, at most twenty flushes a second. */
import { canonical } from '../../src-shared/grid/identity.ts'
import type { EventData, EventName } from '../../src-shared/contract/index.ts'

export type Emit = <N extends EventName>(name: N, data: EventData<N>) => void

export type LiveCurve = EventData<'run.points'>['curves'][number]
type LiveTrial = EventData<'run.trials'>['trials'][number]

const intervalMs = 50

export class Events {
  readonly #emit: Emit
  readonly #newest = new Map<string, () => void>()
  readonly #trials = new Map<string, LiveTrial[]>()
  readonly #curves = new Map<string, Map<string, LiveCurve>>()
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
  /** How something stands, read when it goes out: the newest replaces what has not gone out yet. */
  newest<N extends EventName>(name: N, id: string, data: () => EventData<N>): void {
    this.#newest.set(`${name} ${id}`, () => this.#emit(name, data()))
    this.#schedule()
  }
  trials(runId: string, trials: readonly LiveTrial[]): void {
    const waiting = this.#trials.get(runId)
    if (waiting) waiting.push(...trials)
    else this.#trials.set(runId, [...trials])
    this.#schedule()
  }
  /** Points of curves of trials under way; those of one curve go out together. */
  points(runId: string, fresh: readonly LiveCurve[]): void {
    const curves = this.#curves.get(runId) ?? new Map<string, LiveCurve>()
    this.#curves.set(runId, curves)
    for (const curve of fresh) {
      const key = `${curve.label} ${canonical(curve.point)} ${curve.seed} ${curve.name}`
      const waiting = curves.get(key)
      if (!waiting) curves.set(key, { ...curve, x: [...curve.x], y: [...curve.y] })
      else {
        waiting.x.push(...curve.x)
        waiting.y.push(...curve.y)
      }
    }
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
    for (const [runId, curves] of drain(this.#curves)) this.#emit('run.points', { runId, curves: [...curves.values()] })
    for (const [runId, trials] of drain(this.#trials)) this.#emit('run.trials', { runId, trials })
    for (const [, tell] of drain(this.#newest)) tell()
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

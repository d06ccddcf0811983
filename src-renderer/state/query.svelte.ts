/** What a page reads of the studio, kept true: the one way in which pages read. */
import { untrack } from 'svelte'
import type { EventData, EventName } from '../../src-shared/contract/index.ts'
import { bridge } from './bridge.ts'
import { connection } from './connection.svelte.ts'
import { Reading, type Read } from './reading.ts'

/** Events after which an answer may be old: for each, whether this one is about it. */
export type Stale = { [E in EventName]?: (data: EventData<E>) => boolean }

/** Calls `again` whenever what was read may be old: after an event, and when a lost connection is back. */
export function whenStale(stale: Stale, again: () => void): () => void {
  const hear = <E extends EventName>(name: E): (() => void) =>
    bridge.on(name, (data) => {
      if (stale[name]?.(data)) again()
    })
  const stops = [...(Object.keys(stale) as EventName[]).map((name) => hear(name)), connection.onFound(again)]
  return () => stops.forEach((stop) => stop())
}

export interface Query<T> extends Readonly<Read<T>> {
  /** The value, while it answers what is asked now. */
  readonly current: T | undefined
  reload(): Promise<void>
  put(value: T): void
}

/**
 * Reads while a component is made and for as long as it is there; called by it, or by a class that it makes.
 * @param read asks the studio; run again when state that it looks at before it waits has changed. Undefined: nothing is asked
 */
export function query<T>(read: () => Promise<T> | undefined, stale: Stale = {}): Query<T> {
  let now = $state.raw<Read<T>>({ value: undefined, error: undefined, loading: false, fresh: false })
  const reading = new Reading(read, (next) => (now = next))
  // Before anything is drawn: the answer comes while the page is being made.
  $effect.pre(() => reading.ask())
  const reload = (): Promise<void> => untrack(() => reading.reload())
  $effect(() => whenStale(stale, () => void reload()))
  return {
    get value() {
      return now.value
    },
    get error() {
      return now.error
    },
    get loading() {
      return now.loading
    },
    get fresh() {
      return now.fresh
    },
    get current() {
      return now.fresh ? now.value : undefined
    },
    reload,
    put(value) {
      reading.put(value)
    }
  }
}

/**
 * Everything the renderer may ask of the studio and everything the studio tells it: one name, one pair of schemas.
 * The preload bridge, the IPC wrapper, the WebSocket host, the CLI and the renderer's client derive from this file, so a
 * missing handler does not compile.
 */
import type { z } from 'zod'
import type { ErrorData } from '../shapes/errors.ts'
import { computerCalls } from './computers.ts'
import { experimentCalls } from './experiments.ts'
import { exportCalls, exportEvents } from './exports.ts'
import { fileCalls, fileEvents } from './files.ts'
import { measurementCalls, measurementEvents } from './measurements.ts'
import { recallCalls, recallEvents } from './recall.ts'
import { reportCalls } from './reports.ts'
import { runCalls, runEvents } from './runs.ts'
import { studioCalls, studioEvents } from './studio.ts'

export const calls = {
  ...studioCalls,
  ...computerCalls,
  ...experimentCalls,
  ...exportCalls,
  ...fileCalls,
  ...runCalls,
  ...reportCalls,
  ...measurementCalls,
  ...recallCalls
} as const

export type CallName = keyof typeof calls
/** What a caller passes (defaults may be left out). */
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['input']>
export type CallOutput<N extends CallName> = z.output<(typeof calls)[N]['output']>
export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorData }

/** The studio: one handler for every call. */
export type Handlers = {
  [N in CallName]: (input: z.output<(typeof calls)[N]['input']>) => Promise<CallOutput<N>> | CallOutput<N>
}

export const events = {
  ...studioEvents,
  ...runEvents,
  ...exportEvents,
  ...fileEvents,
  ...measurementEvents,
  ...recallEvents
} as const

export type EventName = keyof typeof events
export type EventData<N extends EventName> = z.output<(typeof events)[N]>

/** What the renderer holds: the preload bridge on the desktop, a WebSocket in the browser. */
export interface Bridge {
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<Result<CallOutput<N>>>
  /** Returns a function that stops listening. */
  on<N extends EventName>(name: N, listener: (data: EventData<N>) => void): () => void
}

export function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name)
}

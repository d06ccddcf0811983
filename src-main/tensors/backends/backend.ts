import type { Backend } from '../../../src-shared/shapes/machine.ts'

export type BackendName = Backend['name']

/** Detected: the contract's data, and whether a GPU is a program that imitates one. */
export interface Detected extends Backend {
  software: boolean
}

/** One way to compute. `setUp` makes it ready in the current thread, before tf.setBackend(name). */
export interface BackendModule {
  name: BackendName
  /** May load native code: only called in a process that may crash (see engine/process/probes.ts). */
  detect(): Promise<Detected>
  setUp(): Promise<void>
}

/** The sentence of an Error, for `reason`. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findEngine } from './launch.ts'

/**
 * The programs of the built engine, by their source: `process` is the engine itself, `thread` and `gpu` compute, `probe`
 * tries a backend, `try-models` a user's files, `python` stands between a worker and its
 * Python, `orphan` watches over the parent of a process.
 */
export const programs = {
  process: 'src-main/engine/process/process.ts',
  orphan: 'src-main/engine/process/orphan.ts',
  thread: 'src-main/engine/worker/thread.ts',
  gpu: 'src-main/engine/worker/gpu.ts',
  probe: 'src-main/engine/worker/probe.ts',
  'try-models': 'src-main/engine/worker/try-models.ts',
  python: 'src-main/engine/python/line.ts'
} as const

export type ProgramName = keyof typeof programs

/**
 * A program of the built engine: beside this code, above it where this is a part of several, or where a launcher finds
 * the engine when this is source.
 * @throws StudioError engine-failed where it is not built
 */
export function programFile(name: ProgramName): string {
  const near = ['.', '..'].map((place) => join(import.meta.dirname, place, `${name}.js`))
  return near.find((file) => existsSync(file)) ?? join(findEngine(), `${name}.js`)
}

/** What a store did not take is written elsewhere before the process ends. */
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { writeWhole } from '../store/files.ts'
import type { UnsavedFile } from '../studio/unsaved-file.ts'

/** Folders that may take it, the best first. @param chosen by the user */
export const unsavedPlaces = (chosen?: string): string[] => [
  ...(chosen === undefined ? [] : [chosen]),
  ...[process.cwd(), homedir(), tmpdir()]
]

/** Write it into the first folder that takes it, beside what is there. @returns where, or why none did */
export function keepElsewhere(
  { name, content }: UnsavedFile,
  folders: readonly string[]
): { path: string } | { why: string } {
  let why = 'There is no folder to write to.'
  for (const folder of folders)
    try {
      const path = freeName(resolve(folder), name)
      writeWhole(path, content)
      return { path }
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
  return { why }
}

function freeName(folder: string, name: string): string {
  for (let i = 1; ; i++) {
    const path = join(folder, i === 1 ? name : name.replace(/\.json$/, `-${i}.json`))
    if (!existsSync(path)) return path
  }
}

/** What a terminal says of one. */
export const keptText = ({ run, trials }: UnsavedFile, kept: ReturnType<typeof keepElsewhere>): string =>
  'path' in kept
    ? `${trials} trials of run ${run} could not be stored; they are in ${kept.path}. Take them in with: engram import ${kept.path}`
    : `${trials} trials of run ${run} could not be stored, nor written elsewhere: ${kept.why}`

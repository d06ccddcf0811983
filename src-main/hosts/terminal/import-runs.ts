/** `engram import FILE`: runs of another studio or tracker, taken in. */
import { basename } from 'node:path'
import { ulid } from 'ulid'
import type { ImportReport } from '../../../src-shared/contract/files.ts'
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import { withStudio } from './session.ts'
import { plural } from '../../../src-shared/text/numbers.ts'

/** As much of a file as one call may carry. */
const partBytes = 3 * 1024 * 1024

/** @throws StudioError not-found, bad-file, bad-input, too-large, conflict, each with the file's name */
export async function importRuns(data: string, file: string, bytes: Buffer): Promise<ImportReport> {
  return withStudio(data, 'change', async ({ ask }) => {
    const upload = ulid()
    let report: ImportReport | null = null
    for (let from = 0; report === null; from += partBytes) {
      const part = bytes.subarray(from, from + partBytes).toString('base64')
      const more = from + partBytes < bytes.length
      try {
        report = await ask('exchange.import', { upload, name: basename(file), part, more })
      } catch (error) {
        throw error instanceof StudioError ? errorOf(error.data, { file }) : error
      }
    }
    return report
  })
}

/** One line a run, then what was here already. */
export function importLines({ runs, left, identical, within }: ImportReport): string[] {
  return [
    ...runs.map(({ id, name, merged, trials, updated }) =>
      updated
        ? `${id} ${name}: was here, brought up to date`
        : merged
          ? `${id} ${name}: was here, ${plural(trials, 'trial')} more`
          : `${id} ${name}: ${plural(trials, 'trial')}`
    ),
    ...left.map(({ name, reason }) => `left out: ${name}: ${reason}`),
    ...(identical ? [`${plural(identical, 'trial was', 'trials were')} here with the same numbers`] : []),
    ...(within
      ? [`${plural(within, 'trial was', 'trials were')} here with numbers within tolerance; those here are kept`]
      : [])
  ]
}

/** `engram export RUN`: a run's report or data as files. */
import type { CallInput } from '../../../src-shared/contract/index.ts'
import { writeParts } from '../../store/files.ts'
import { withStudio, type Session } from './session.ts'

export const exportFormats = ['html', 'csv', 'parquet', 'latex', 'json', 'manifest'] as const
export type ExportFormat = (typeof exportFormats)[number]

/**
 * Write a run to `out`; csv also writes one row per trial and the printed tables beside it, as NAME.trials.csv and
 * NAME.table.csv.
 * @returns the files written
 * @throws StudioError not-found for a run there is not, bad-file where nothing can be written
 */
export async function exportRun(data: string, id: string, format: ExportFormat, out: string): Promise<string[]> {
  return withStudio(data, 'look', async (session) => {
    const parts =
      format === 'csv'
        ? ([
            ['csv-long', out],
            ['csv-wide', out.replace(/(\.csv)?$/i, '.trials.csv')],
            ['csv-pivot', out.replace(/(\.csv)?$/i, '.table.csv')]
          ] as const)
        : ([[format, out]] as const)
    for (const [part, path] of parts)
      await writeParts(path, exported({ ids: [id], format: part }, session), { mode: 0o666 })
    return parts.map(([, path]) => path)
  })
}

/** An export's bytes, part by part. */
export async function* exported(request: CallInput<'exports.start'>, { ask }: Session): AsyncGenerator<Buffer> {
  const { id } = await ask('exports.start', request)
  const { bytes } = await ask('exports.end', { id })
  for (let offset = 0; offset < bytes;) {
    const part = Buffer.from((await ask('exports.read', { id, offset })).content, 'base64')
    offset += part.length
    yield part
  }
  await ask('exports.drop', { id })
}

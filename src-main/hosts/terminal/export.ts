/** `engram export RUN`: a run's report or data as files. */
import { withStudio } from './session.ts'
import { write } from './write.ts'

export const exportFormats = ['html', 'csv', 'latex', 'json', 'manifest'] as const
export type ExportFormat = (typeof exportFormats)[number]

/**
 * Write a run to `out`; csv also writes one row per trial and the printed tables beside it, as NAME.trials.csv and
 * NAME.table.csv.
 * @returns the files written
 * @throws StudioError not-found for a run there is not, bad-file where nothing can be written
 */
export async function exportRun(data: string, id: string, format: ExportFormat, out: string): Promise<string[]> {
  return withStudio(data, 'look', async ({ ask }) => {
    const parts =
      format === 'csv'
        ? ([
            ['csv-long', out],
            ['csv-wide', out.replace(/(\.csv)?$/i, '.trials.csv')],
            ['csv-pivot', out.replace(/(\.csv)?$/i, '.table.csv')]
          ] as const)
        : ([[format, out]] as const)
    for (const [part, path] of parts) write(path, (await ask('runs.export', { ids: [id], format: part })).content)
    return parts.map(([, path]) => path)
  })
}

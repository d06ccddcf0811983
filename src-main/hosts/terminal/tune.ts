/** `engram tune`: run an experiment that tunes first, or show what a run has tried and what won. */
import { existsSync } from 'node:fs'
import { noTuning, tuningText } from '../../../src-shared/documents/tuning.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { TuningTable } from '../../../src-shared/shapes/tuning.ts'
import { readExperiment, runFile, type RunOptions } from './run.ts'
import { withStudio } from './session.ts'
import { table } from './text.ts'

export type Tuned = TuningTable & { run: string }

/**
 * @param what an experiment file, or the id of a run
 * @throws StudioError bad-input for what tunes nothing; as runFile
 */
export async function tuned(what: string, options: RunOptions): Promise<Tuned> {
  if (existsSync(what)) {
    const { tuning } = await readExperiment(what)
    if (!tuning) throw new StudioError('bad-input', `${noTuning} Say what to tune.`, { file: what, field: 'tuning' })
    const result = await runFile(what, options)
    return { run: result.run, ...result.tuning! }
  }
  return withStudio(options.data, 'look', async ({ ask }) => {
    const found = await ask('runs.tuning', { id: what })
    if (!found) throw new StudioError('bad-input', noTuning, { field: 'run' })
    return { run: what, ...found }
  })
}

export function tunedText({ run, ...found }: Tuned): string {
  const { columns, rows, caption } = tuningText(found)
  const shown = table(
    columns.map(({ head }) => head),
    rows.map(({ cells }) => cells)
  )
  return [`run ${run}`, shown, caption].join('\n')
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseExperiment, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { appRoot } from './root.ts'

/** The ready experiments that ship with the studio, by file name; `quickstart.json` first. */
export function examples(
  folder: string = join(appRoot(), 'resources', 'experiments')
): { file: string; experiment: Experiment }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort((a, b) => Number(b === 'quickstart.json') - Number(a === 'quickstart.json') || a.localeCompare(b))
    .map((file) => ({ file, experiment: parseExperiment(readFileSync(join(folder, file), 'utf8'), file) }))
}

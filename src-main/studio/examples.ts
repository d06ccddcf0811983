import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { CallOutput } from '../../src-shared/contract/index.ts'
import { parseResults } from '../../src-shared/exchange/results-file.ts'
import { resultsOfRecord } from '../../src-shared/exchange/ready-results.ts'
import { openingFigure } from '../../src-shared/documents/opening-figure.ts'
import { styleIn } from '../../src-shared/figures/model-style.ts'
import { figureSvg } from '../../src-shared/figures/svg.ts'
import { taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { parseExperiment, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { resources } from './root.ts'

/** The ready experiments that ship with the studio, by file name; `quickstart.json` first. */
export function examples(
  folder: string = join(resources(), 'experiments')
): { file: string; experiment: Experiment }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort((a, b) => Number(b === 'quickstart.json') - Number(a === 'quickstart.json') || a.localeCompare(b))
    .map((file) => ({ file, experiment: parseExperiment(readFileSync(join(folder, file), 'utf8'), file) }))
}

const inks = {
  light: { ink: '#55585e', grid: '#e3e4e8', background: 'none' },
  dark: { ink: '#b0b4bc', grid: '#3a3d44', background: 'none' }
} as const

/**
 * The figure with which the run of a ready experiment opens, from the results that ship; null where none ship.
 * @param file as `examples` names it
 */
export function exampleFigure(
  file: string,
  dark: boolean,
  catalog: Catalog,
  folder: string = join(resources(), 'reference')
): CallOutput<'examples.figure'> {
  const path = join(folder, `${file}.gz`)
  if (!examples().some((example) => example.file === file) || !existsSync(path)) return null
  const [record] = parseResults(gunzipSync(readFileSync(path)).toString('utf8'), file).runs
  const spec = openingFigure(resultsOfRecord(record, taskIn(catalog, record.task)), catalog, (label, model) =>
    styleIn(catalog.models, label, model, dark)
  )
  return (
    spec && {
      title: spec.title,
      svg: figureSvg(spec, { ...inks[dark ? 'dark' : 'light'], width: 340, height: 200, small: true }),
      legend: spec.series.map(({ label, style }) => ({ label, style: { ...style, dash: [...style.dash] } }))
    }
  )
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { CallOutput } from '../../src-shared/contract/index.ts'
import { errorOf } from '../../src-shared/shapes/errors.ts'
import { checkSuite, expandSuite, type Suite } from '../../src-shared/grid/suite.ts'
import { resources } from './root.ts'

/** The suites that ship with the studio, by file name. */
export function suites(folder: string = join(resources(), 'suites')): { file: string; suite: Suite }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ file, suite: checkSuite(JSON.parse(readFileSync(join(folder, file), 'utf8')), file) }))
}

/**
 * Start a run for every task of a suite; nothing is started when something is wrong with one of them.
 * @throws StudioError bad-input
 */
export async function startSuite(
  json: unknown,
  catalog: Catalog,
  start: (experiment: unknown) => Promise<string>,
  tag: (ids: string[], tag: string) => void
): Promise<CallOutput<'suites.start'>> {
  const suite = checkSuite(json)
  const { experiments, left, errors } = expandSuite(suite, catalog)
  if (errors.length) throw errorOf(errors[0])
  const ids: string[] = []
  for (const experiment of experiments) ids.push(await start(experiment))
  tag(ids, suite.name)
  return { ids, left }
}

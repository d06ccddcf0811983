/** Everything needed to run a set of runs again, and to know how their numbers were made; no results. */
import { intervalsSaid } from '../findings/scales.ts'
import type { Catalog } from '../shapes/catalog.ts'
import type { Run } from '../shapes/run.ts'
import { seedsOf } from '../shapes/experiment.ts'
import { testMethod } from './pivot.ts'

export const manifestFormat = 'engram-manifest/1'

export function manifest({
  runs,
  catalog,
  version,
  created
}: {
  runs: readonly { run: Run; record: { results: readonly { cell: number; seed: number; hash: string }[] } }[]
  catalog: Catalog
  version: string
  created: string
}): unknown {
  const kinds = new Set(runs.flatMap(({ run }) => run.experiment.models.map((use) => use.kind)))
  const tasks = new Set(runs.map(({ run }) => run.task))
  return {
    format: manifestFormat,
    version,
    created,
    runs: runs.map(({ run, record }) => ({
      id: run.id,
      name: run.name,
      ...(run.origin !== undefined && { origin: run.origin }),
      status: run.status,
      trials: { planned: run.trials, done: run.done, diverged: run.diverged, failed: run.failed },
      elapsedMs: run.elapsedMs,
      experiment: run.experiment,
      seeds: seedsOf(run.experiment),
      provenance: run.provenance,
      /** Run again, each of these trials must give the same numbers. */
      identities: record.results.map(({ cell, seed, hash }) => ({ cell, seed, hash }))
    })),
    models: catalog.models
      .filter(({ id }) => kinds.has(id))
      .map(({ id, title, revision, source, origin }) => ({ id, title, revision, source, origin })),
    tasks: catalog.tasks
      .filter(({ id }) => tasks.has(id))
      .map(({ id, title, revision, source, metrics, derived }) => ({ id, title, revision, source, metrics, derived })),
    statistics: {
      intervals: intervalsSaid(catalog.tasks.filter(({ id }) => tasks.has(id)).flatMap(({ metrics }) => metrics)),
      tests: testMethod,
      derived: '95 % percentile bootstrap over seeds, 2000 draws, SplitMix32 seeded with 1',
      excluded: 'Trials that diverged or failed are counted and never averaged in.'
    },
    again: [
      'Install this version of Engram Studio (its commit is in each run’s provenance).',
      'Save a run’s `experiment` as a file and run `engram run FILE`.',
      'Or take in the results file and run `engram rerun RUN`: it computes a sample of the trials anew and compares.'
    ]
  }
}

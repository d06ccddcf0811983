import { onTestFinished } from 'vitest'
import type { Provenance } from '../../../src-shared/shapes/run.ts'
import { StudioError, type ErrorCode } from '../../../src-shared/shapes/errors.ts'
import { experimentSchema, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { Cell } from '../../../src-shared/grid/cell.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { migrate } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore, type OpenOptions } from '../../../src-main/store/open.ts'
import { realPort } from '../../../src-main/store/port.ts'
import type { NewRun } from '../../../src-main/store/runs.ts'
import type { Store } from '../../../src-main/store/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A store that is closed after the test. */
export function testStore(folder = temporaryFolder('store'), options: Partial<OpenOptions> = {}): Store {
  const store = openStore({ folder, ...options })
  onTestFinished(() => void store.close())
  return store
}

/** The runs of a store as a store of the fifth schema had them, in a folder of its own. */
export function fifthSchema(from: string): string {
  const folder = temporaryFolder('store')
  const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: false })
  migrate(
    database,
    migrations.filter(({ version }) => version < 6)
  )
  database.prepare('ATTACH ? AS newer').run(storeFile(from))
  database.exec(`
INSERT INTO experiments (hash, json) SELECT hash, json FROM newer.experiments;
INSERT INTO runs (key, id, name, task, models, status, created, trials, done, diverged, failed, seeds, search)
  SELECT key, id, name, task, labels, status, created, trials, done, diverged, failed, seeds, search FROM newer.runs;
INSERT INTO run_details (run, experiment, provenance, error) SELECT run, experiment, provenance, error FROM newer.run_details;
INSERT INTO run_models (run, position, label, kind) SELECT run, position, label, model FROM newer.run_models;
INSERT INTO cells (run, cell, model, label, kind, params, task_params, point)
  SELECT run, cell, use, label, model, params, task_params, point FROM newer.cells;
INSERT INTO trials (id, run, cell, seed, hash, status, error, elapsed_ms, backend)
  SELECT id, run, cell, seed, hash, status, error, elapsed_ms, backend FROM newer.trials;
INSERT INTO metrics (trial, name, value) SELECT trial, name, value FROM newer.metrics;`)
  database.close()
  return folder
}

/** The code of the StudioError that a call throws. */
export function codeOf(call: () => unknown): ErrorCode | 'nothing thrown' {
  try {
    call()
  } catch (error) {
    if (error instanceof StudioError) return error.data.code
    throw error
  }
  return 'nothing thrown'
}

export const provenance: Provenance = {
  version: '0.1.0',
  commit: 'abc',
  experimentHash: 'hash',
  backend: 'cpu',
  adapter: 'cpu: SIMD',
  generator: 'philox',
  node: '24',
  libraries: { webgpu: '0.6.2' },
  os: 'Linux',
  cpu: 'AMD',
  cores: 2,
  memoryBytes: 1024,
  started: '2026-01-01T00:00:00.000Z',
  ended: null,
  exit: 'queued'
}

export const experiment = (over: Record<string, unknown> = {}): Experiment =>
  experimentSchema.parse({
    format: 'engram-experiment/1',
    name: 'Two memories',
    task: { kind: 'capacity' },
    models: [{ kind: 'alpha' }, { kind: 'beta', label: 'Beta, tuned' }],
    seeds: { first: 0, count: 3 },
    ...over
  })

/** One cell for each model and each number of items. */
export const cellsOf = (used: Experiment, items: readonly number[] = [5, 10]): Cell[] =>
  items.flatMap((n) =>
    used.models.map((model, use) => ({
      use,
      label: model.label ?? model.kind,
      model: model.kind,
      params: { size: 8 },
      taskParams: { items: n },
      point: { items: n }
    }))
  )

export function newRun(id: string, over: Partial<NewRun> = {}): NewRun {
  const used = over.experiment ?? experiment()
  return {
    id,
    name: used.name,
    created: '2026-01-01T00:00:00.000Z',
    experiment: used,
    cells: cellsOf(used),
    seeds: 3,
    provenance,
    ...over
  }
}

export function outcome(cell: number, seed: number, over: Partial<TrialOutcome> = {}): TrialOutcome {
  return {
    cell,
    seed,
    hash: `${cell}/${seed}`,
    status: 'done',
    error: null,
    metrics: { accuracy: cell + seed / 10, cosine: seed },
    series: { curve: { x: [0, 0.1], y: [seed, cell] } },
    traces: [],
    elapsedMs: 2.5,
    backend: 'wasm',
    ...over
  }
}

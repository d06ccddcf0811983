/** A data folder in which somebody has worked for long: many runs, their trials made up, stored as the studio does. */
import type { Provenance } from '../../src-shared/shapes/run.ts'
import { experimentSchema } from '../../src-shared/shapes/experiment.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import { openStore } from '../../src-main/store/open.ts'

const provenance: Provenance = {
  version: '0.1.0',
  commit: 'abc',
  experimentHash: 'hash',
  backend: 'cpu',
  adapter: 'cpu: SIMD',
  generator: 'philox',
  node: '24',
  libraries: {},
  os: 'Linux',
  cpu: 'any',
  cores: 2,
  memoryBytes: 1024,
  started: '2026-01-01T00:00:00.000Z',
  ended: '2026-01-01T00:01:00.000Z',
  exit: 'done'
}
const tasks = ['capacity', 'adaptation', 'contiguity']
export const nameOf = (i: number): string => `Run ${String(i).padStart(4, '0')}`

/** `runs` runs of two models, two points and `seeds` seeds; every third task, every tenth tagged, day by day. */
export function storeRuns(folder: string, runs: number, seeds: number): void {
  const store = openStore({ folder })
  for (let i = 0; i < runs; i++) {
    const experiment = experimentSchema.parse({
      format: 'engram-experiment/1',
      name: nameOf(i),
      task: { kind: tasks[i % tasks.length] },
      models: [{ kind: 'linear-associator' }, { kind: i % 2 ? 'hopfield' : 'fast-weights' }],
      seeds: { first: 0, count: seeds }
    })
    const id = `run${i}`
    const cells = experiment.models.flatMap(({ kind }, use) =>
      [5, 10].map<Cell>((items) => ({
        use,
        label: kind,
        model: kind,
        params: { rate: i % 4 ? 0.2 : 0.1 },
        taskParams: {},
        point: { items }
      }))
    )
    const created = new Date(Date.UTC(2026, 0, 1) + i * 86_400_000).toISOString()
    store.write.addRun({ id, name: experiment.name, created, experiment, cells, seeds, provenance })
    const outcomes = cells.flatMap((_, cell) =>
      Array.from({ length: seeds }, (_, seed) => ({
        cell,
        seed,
        hash: `${cell}/${seed}`,
        status: 'done' as const,
        error: null,
        metrics: { accuracy: ((cell + seed * 7 + i) % 10) / 10, cosine: seed / seeds },
        series: {},
        traces: [],
        elapsedMs: 1,
        backend: 'cpu'
      }))
    )
    store.write.addTrials(id, outcomes, outcomes.length, 'cpu')
    store.write.changeRun(id, { status: i % 5 ? 'done' : 'cancelled', ended: created })
    if (i % 10 === 0) store.write.editRuns([id], { addTags: ['tenth'] })
  }
  store.close()
}

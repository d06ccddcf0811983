/**
 * A data folder as years of work leave it: `node tests/bench/generate-history.ts FOLDER [RUNS]`. 100,000 runs of 20 trials with
 * 5 metrics each, 10 million metric points, written through the store's own writers; the same folder every time.
 */
import { rmSync } from 'node:fs'
import { experimentSchema } from '../../src-shared/shapes/experiment.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { openStore } from '../../src-main/store/open.ts'
import { realPort, type Database } from '../../src-main/store/port.ts'

const tasks = ['capacity', 'contiguity', 'interference', 'sequence', 'forgetting', 'dimension']
const kinds = ['linear-associator', 'episodic-slots', 'fast-weights', 'true-episodic', 'gated-episodic', 'graph', 'rag']
const metricNames = ['accuracy', 'cosine', 'mse', 'rank', 'confidence']
const topics = [
  'gate',
  'slot',
  'drift',
  'replay',
  'noise',
  'sparse',
  'list length',
  'learning rate',
  'context',
  'temperature'
]
const tags = ['thesis', 'figure 2', 'pilot', 'rerun', 'paper']
const statuses = ['done', 'done', 'done', 'done', 'done', 'done', 'failed', 'cancelled', 'interrupted'] as const
/** Runs that differ only in their seeds. */
const perVariant = 5
const usualSeeds = 10
const day = 86_400_000

/** Fill an empty data folder. `progress` hears how many runs are there. @param seedsPerRun half the trials of a run */
export function generateHistory(
  folder: string,
  runs = 100_000,
  progress?: (runs: number) => void,
  seedsPerRun = usualSeeds
): void {
  let database: Database | undefined
  const store = openStore({
    folder,
    port: { ...realPort, connect: (path, options) => (database = realPort.connect(path, options)) }
  })
  const sql = database as Database
  sql.pragma('synchronous = OFF')
  sql.exec('BEGIN')
  const random = seeded(1)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]
  const start = Date.UTC(2023, 0, 1)
  let variant = { task: '', models: [] as string[], rate: 0, items: 0, topic: '' }
  for (let i = 0; i < runs; i++) {
    if (i % perVariant === 0) {
      const first = pick(kinds)
      variant = {
        task: pick(tasks),
        models: [first, pick(kinds.filter((kind) => kind !== first))],
        rate: pick([0.001, 0.003, 0.01, 0.03, 0.1, 0.3]),
        items: pick([5, 10, 20, 40, 80]) + Math.floor(i / 1000),
        topic: `${pick(topics)} and ${pick(topics)}`
      }
    }
    const { task, models, rate, items, topic } = variant
    const id = `RUN${String(i).padStart(10, '0')}`
    const created = new Date(start + (i / runs) * 3 * 365 * day).toISOString()
    const firstSeed = (i % perVariant) * seedsPerRun
    const experiment = experimentSchema.parse({
      format: 'engram-experiment/1',
      name: `${topic} ${i}`,
      task: { kind: task, params: { items } },
      models: models.map((kind) => ({ kind, params: { learningRate: rate } })),
      seeds: { first: firstSeed, count: seedsPerRun }
    })
    const cells = models.map((kind, use): Cell => ({
      use,
      label: kind,
      model: kind,
      params: { learningRate: rate, decay: 0.9, heads: 4, steps: 5, temperature: 1 + use },
      taskParams: { items, dim: 64, noise: 0.1 },
      point: {}
    }))
    const { name } = experiment
    const provenance = {
      version: '0.1.0',
      commit: 'bench',
      experimentHash: id,
      backend: 'wasm',
      adapter: 'wasm: SIMD',
      generator: 'philox',
      node: '24',
      libraries: {},
      os: 'Linux',
      cpu: 'bench',
      cores: 2,
      memoryBytes: 2 ** 33,
      started: created,
      ended: created,
      exit: 'done'
    }
    store.write.addRun({ id, name, created, experiment, cells, seeds: seedsPerRun, provenance })
    const outcomes: TrialOutcome[] = []
    for (const cell of cells.keys())
      for (let seed = firstSeed; seed < firstSeed + seedsPerRun; seed++)
        outcomes.push({
          cell,
          seed,
          hash: `${id}/${cell}/${seed}`,
          status: random() < 0.002 ? 'diverged' : 'done',
          error: null,
          metrics: Object.fromEntries(metricNames.map((metric) => [metric, random()])),
          series: {},
          traces: [],
          elapsedMs: 1 + random(),
          backend: 'wasm'
        })
    store.write.addTrials(id, outcomes, 1000 + random() * 60_000, 'wasm')
    const best = { label: models[0], metric: 'accuracy', mean: random() }
    store.write.changeRun(id, { status: pick(statuses), ended: created, best })
    if (random() < 0.2) store.write.editRuns([id], { addTags: [pick(tags)], notes: `About ${pick(topics)}.` })
    if (i % 1000 === 999) {
      sql.exec('COMMIT; BEGIN')
      progress?.(i + 1)
    }
  }
  sql.exec('COMMIT')
  store.close()
  // The day's backup at the close would double what the bench needs of the disk.
  rmSync(`${folder}/backups`, { recursive: true, force: true })
}

if (import.meta.main) {
  const [folder, runs] = process.argv.slice(2)
  if (!folder) {
    console.error('usage: node tests/bench/generate-history.ts FOLDER [RUNS]')
    process.exit(2)
  }
  generateHistory(folder, runs ? Number(runs) : undefined, (n) => process.stderr.write(`\r${n} runs`))
}

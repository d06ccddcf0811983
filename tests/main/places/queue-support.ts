/** Studios and workers at a real server, for tests and campaigns. */
import { hostname } from 'node:os'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import { AssetFolder } from '../../../src-main/places/assets.ts'
import { QueueWorker, type QueueWorkerOptions } from '../../../src-main/places/queue/worker.ts'
import { machine } from '../../../src-main/studio/machine.ts'
import type { Studio } from '../../../src-main/studio/studio.ts'

export const version = machine().version

/** Retrieval and training, small: 160 trials of one, 2 of the other. */
export const experiment = {
  format: 'engram-experiment/1',
  name: 'Over the queue',
  task: { kind: 'capacity', params: { dim: 16 } },
  models: [{ kind: 'linear-associator' }, { kind: 'hopfield' }],
  sweep: [{ param: 'task.items', values: [2, 6] }],
  seeds: { first: 0, count: 40 },
  backend: 'wasm'
} as const

export const training = {
  format: 'engram-experiment/1',
  name: 'Training over the queue',
  task: {
    kind: 'associative-recall',
    params: {
      ...{ pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 8 },
      ...{ steps: 60, saveEvery: 5, stopAt: 1.1 }
    }
  },
  models: [{ kind: 'attention', params: { heads: 2 } }],
  seeds: { first: 3, count: 2 },
  backend: 'wasm'
} as const

/** A worker in this process. Its locks are short: what it leaves behind is taken up soon. */
export async function worker(
  { folder, address }: { folder: string } & Pick<QueueWorkerOptions, 'address'>,
  { about, ...over }: Partial<Omit<QueueWorkerOptions, 'about'>> & { about?: Partial<QueueWorkerOptions['about']> } = {}
): Promise<QueueWorker> {
  const one = new QueueWorker({
    address,
    about: {
      ...{ name: 'w', host: hostname(), os: 'os', cpu: 'cpu', cores: 2, node: '24', commit: 'c', version },
      ...about
    },
    start: startEngine,
    assets: new AssetFolder(folder),
    workers: 1,
    backend: 'auto',
    trustsModels: false,
    say: () => undefined,
    lockMs: 1500,
    stalledCheckMs: 500,
    ...over
  })
  await one.start()
  return one
}

/** All of a run that two computations of it must have in common, bit by bit. */
export async function numbers({ handlers }: Pick<Studio, 'handlers'>, id: string): Promise<unknown> {
  const results = await handlers['runs.results']({ ids: [id] })
  const { experiment } = await handlers['runs.get']({ id })
  const names = experiment.task.kind === 'associative-recall' ? ['loss', 'accuracy'] : []
  return {
    results: results.map(({ label, point, seeds, metrics, statuses }) => ({ label, point, seeds, metrics, statuses })),
    curves: await Promise.all(
      names.map(async (name) => (await handlers['runs.series']({ ids: [id], name })).map(({ x, y }) => ({ x, y })))
    )
  }
}

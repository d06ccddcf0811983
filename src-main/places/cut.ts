/** A run's job as batches for other machines. */
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { CellJob, Cut, RunJob } from '../engine/protocol.ts'
import { identityOf, packed, sentCell, type AssetNames, type Batch } from './batch.ts'

interface Known {
  catalog: Catalog
  /** The studio's. */
  version: string
  assets: (cell: number) => AssetNames
  revisions: (model: string) => Batch['revisions']
}

/** One after the other: naming a batch takes a moment, and there may be many. */
export function* batchesFor(
  job: RunJob,
  cuts: readonly Cut[],
  { catalog, version, assets, revisions }: Known
): Generator<Batch> {
  const cells = new Map(job.cells.map((cell) => [cell.index, { job: cell, sent: sentCell(cell) }]))
  for (const { cell: index, seeds } of cuts) {
    const { job: cell, sent } = cells.get(index) as { job: CellJob; sent: Batch['cell'] }
    const own = new Set(seeds)
    const about = {
      task: job.task,
      cell: sent,
      seeds: [...seeds],
      generator: job.generator,
      assets: assets(index)
    }
    yield {
      ...about,
      format: 'engram-batch/1',
      run: job.runId,
      version,
      revisions: revisions(cell.model),
      backend: job.backend,
      identity: identityOf(about, catalog),
      checkpoints: packed((cell.checkpoints ?? []).filter(({ seed }) => own.has(seed)))
    }
  }
}

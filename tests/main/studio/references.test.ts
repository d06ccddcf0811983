import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { originOfReady } from '../../../src-shared/exchange/ready-results.ts'
import { compareOutcomes } from '../../../src-shared/exchange/agreement.ts'
import { cellOf } from '../../../src-shared/exchange/results-file.ts'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import { tasks } from '../../../src-main/tasks/registry.ts'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../../src-main/engine/worker/runner.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { Events } from '../../../src-main/studio/events.ts'
import { referenced, referenceRecord, References } from '../../../src-main/studio/references.ts'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openStudio, refusal } from './support.ts'

const page = { trashed: false, sort: 'created', descending: true, offset: 0, limit: 100 } as const

describe('a reference that ships', () => {
  it('is a run that is hidden until it is asked for, and judged like any other', async () => {
    const { handlers } = await openStudio()
    const { ids } = await handlers['references.take']({ files: ['contiguity.json', 'stacked.json'] })
    expect(ids).toHaveLength(2)
    expect(await handlers['runs.list'](page)).toEqual({ rows: [], total: 0 })
    const { rows } = await handlers['runs.list']({ ...page, references: true })
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids))
    expect(await handlers['runs.get']({ id: ids[0] })).toMatchObject({
      status: 'done',
      origin: originOfReady('contiguity.json')
    })
    const judged = await handlers['runs.predictions']({ id: ids[0] })
    expect(judged.map(({ judgement }) => judgement?.verdict)).toEqual(['refuted', 'confirmed'])
    // Once more changes nothing.
    expect((await handlers['references.take']({ files: ['contiguity.json'] })).ids).toEqual([ids[0]])
    expect((await handlers['runs.list']({ ...page, references: true })).total).toBe(2)
  })
  it('is not changed, continued or thrown away', async () => {
    const { handlers } = await openStudio()
    const { ids } = await handlers['references.take']({ files: ['stacked.json'] })
    const conflict = { code: 'conflict' }
    expect(await refusal(() => handlers['runs.update']({ ids, name: 'Mine' }))).toMatchObject(conflict)
    expect(await refusal(() => handlers['runs.trash']({ ids }))).toMatchObject(conflict)
    expect(await refusal(() => handlers['runs.extend']({ id: ids[0], seeds: 50 }))).toMatchObject(conflict)
    expect(await refusal(() => handlers['runs.resume']({ id: ids[0] }))).toMatchObject(conflict)
    expect((await handlers['runs.get']({ id: ids[0] })).name).toBe(referenceRecord('stacked.json').name)
  })
  it('is refused by name where none ships', async () => {
    const { handlers } = await openStudio()
    expect(await refusal(() => handlers['references.take']({ files: ['../../package.json'] }))).toMatchObject({
      code: 'not-found',
      field: 'files'
    })
  })
  it('gives way to a newer one of its example, and is found for runs that asked the same with the same seeds', async () => {
    const store = openStore({ folder: temporaryFolder('references') })
    onTestFinished(() => void store.close())
    const references = new References({ store, events: new Events(() => {}), tasks: () => Promise.resolve([...tasks]) })
    const record = referenceRecord('stacked.json')
    store.write.takeReady({ ...record, id: 'OLDER' }, originOfReady('stacked.json'))
    const [id] = await references.take(['stacked.json'])
    expect([store.read.hasRun('OLDER'), store.read.hasRun(id)]).toEqual([false, true])

    const catalog: Catalog = builtInRegistry().catalog()
    const { seeds, ...experiment } = record.experiment
    expect(seeds).toEqual({ first: 0, count: 20 })
    const mine = (name: string, first: number): string => {
      const own = { ...experiment, seeds: { first, count: 20 } }
      store.write.importRuns([{ ...record, id: name, experiment: own, results: [], series: [] }], 'mine.json')
      return name
    }
    expect(references.fitting([mine('SAME', 10)], catalog)).toEqual([
      { file: 'stacked.json', name: record.name, points: 1, seeds: 10 }
    ])
    expect(references.fitting([mine('OTHERSEEDS', 20)], catalog)).toEqual([])
    // Where it stands beside the run already, it is not offered again.
    expect(references.fitting(['SAME', id], catalog)).toEqual([])
  })
})

/** What a training may take here, in ms; longer ones are computed again by `engram reference --check`. */
const briefTraining = 2000

/** Two trials of different cells: the first and the last, or of trainings the quickest, if those are brief. */
function sample({ cells, results, experiment }: ReturnType<typeof referenceRecord>): typeof results {
  const first = cells.map((_, index) => results.find(({ cell }) => cell === index)!)
  if (!experiment.tuning) return [...new Set([first[0], first.at(-1)!])]
  const done = first.filter(({ status }) => status === 'done')
  const quickest = done.toSorted((a, b) => a.elapsedMs - b.elapsedMs).slice(0, 2)
  return quickest.filter(({ elapsedMs }) => elapsedMs < briefTraining)
}

describe('what ships is what is computed', () => {
  const registry = builtInRegistry()
  beforeAll(() => useBackend('wasm'))
  it.each(referenced().filter(({ file }) => sample(referenceRecord(file)).length))(
    '$file: two trials of it, computed again',
    { timeout: 180_000 },
    async ({ file }) => {
      const record = referenceRecord(file)
      const { cells, experiment } = record
      for (const before of sample(record)) {
        const [after] = await runBatch(
          registry.task(experiment.task.kind),
          { ...cellOf(cells[before.cell]), index: before.cell },
          [before.seed],
          experiment.generator,
          { registry, checkCancelled: () => {} }
        )
        expect(after.hash).toBe(before.hash)
        const metrics = Object.fromEntries(Object.entries(after.metrics).filter(([, value]) => Number.isFinite(value)))
        expect(compareOutcomes(before, { status: after.status, metrics })).not.toMatchObject({ agreement: 'drifted' })
      }
    }
  )
})

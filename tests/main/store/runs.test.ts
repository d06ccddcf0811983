import { describe, expect, it } from 'vitest'
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import { runSchema } from '../../../src-shared/shapes/run.ts'
import { cellsOf, codeOf, experiment, newRun, outcome, provenance, testStore } from './support.ts'

const trash = historyQuerySchema.parse({ trashed: true })

describe('runs', () => {
  it('come back as they were written, and fit the contract', () => {
    const store = testStore()
    const used = experiment({ description: 'x'.repeat(9000), sweep: [{ param: 'task.items', values: [5, 10] }] })
    store.write.addRun(newRun('A', { experiment: used, name: 'Renamed' }))
    const run = store.read.run('A')
    expect(runSchema.parse(run)).toEqual(run)
    expect(run.experiment).toEqual(used)
    expect(run.provenance).toEqual(provenance)
    expect(run).toMatchObject({
      name: 'Renamed',
      task: 'capacity',
      labels: ['alpha', 'Beta, tuned'],
      status: 'queued',
      trials: 12,
      done: 0,
      seeds: 3,
      best: null,
      trashed: null,
      error: null
    })
    expect(store.read.cells('A')).toEqual(cellsOf(used))
  })

  it('keep what a change leaves out', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    const error = { code: 'disk-full', message: 'Full.' } as const
    store.write.changeRun('A', { status: 'interrupted', error, ended: '2026-01-02', elapsedMs: 5 })
    store.write.changeRun('A', { backend: 'wasm' })
    expect(store.read.run('A')).toMatchObject({ status: 'interrupted', error, ended: '2026-01-02', backend: 'wasm' })
    store.write.changeRun('A', { error: null, ended: null })
    expect(store.read.run('A')).toMatchObject({ status: 'interrupted', error: null, ended: null, elapsedMs: 5 })
  })

  it('that do not exist are refused by name', () => {
    const store = testStore()
    for (const call of [
      () => store.read.run('x'),
      () => store.read.results('x'),
      () => store.read.series('x', 'curve'),
      () => store.write.changeRun('x', { status: 'done' }),
      () => store.write.addTrials('x', [outcome(0, 0)], 0, ''),
      () => store.write.addLog('x', '2026', 'text'),
      () => store.write.trashRuns(['x'], '2026')
    ])
      expect(codeOf(call)).toBe('not-found')
  })

  it('are edited all or none', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    expect(codeOf(() => store.write.editRuns(['A', 'missing'], { name: 'New' }))).toBe('not-found')
    expect(store.read.run('A').name).toBe('Two memories')
  })

  it('go to the trash and back, and only from there for good, with everything that hangs on them', () => {
    const store = testStore()
    for (const id of ['A', 'B']) {
      store.write.addRun(newRun(id))
      store.write.addTrials(id, [outcome(0, 0)], 1, 'cpu')
      store.write.addLog(id, '2026', 'line')
    }
    expect(codeOf(() => store.write.purgeRuns(['A']))).toBe('conflict')
    store.write.trashRuns(['A'], '2026-01-05T00:00:00.000Z')
    expect(store.read.history(trash).rows.map((r) => r.id)).toEqual(['A'])
    expect(store.read.facets().trashed).toBe(1)
    store.write.restoreRuns(['A'])
    expect(store.read.history(trash).total).toBe(0)
    expect(store.read.results('A')[0].statuses[0]).toBe('done')
    store.write.trashRuns(['A'], '2026-01-05T00:00:00.000Z')
    expect(codeOf(() => store.write.purgeRuns(['A', 'B']))).toBe('conflict')
    expect(store.read.run('A').id).toBe('A')
    store.write.purgeRuns(['A'])
    expect(codeOf(() => store.read.run('A'))).toBe('not-found')
    // B used the same experiment: it keeps it.
    expect(store.read.run('B').experiment.name).toBe('Two memories')
    expect(store.read.trials('B', undefined, 0, 10).total).toBe(1)
    expect(store.check()).toBe('ok')
  })

  it('left unfinished by a crash become interrupted, with a reason and a line in the log', () => {
    const store = testStore()
    const statuses = ['queued', 'running', 'paused', 'done', 'cancelled'] as const
    for (const status of statuses) {
      store.write.addRun(newRun(status))
      store.write.changeRun(status, { status })
    }
    const error = { code: 'engine-crashed', message: 'It ended.' } as const
    expect(store.write.sweepUnfinished('2026-03-01', error)).toEqual(['queued', 'running', 'paused'])
    expect(store.read.run('running')).toMatchObject({ status: 'interrupted', ended: '2026-03-01', error })
    expect(store.read.log('running')).toEqual([{ time: '2026-03-01', text: 'It ended.' }])
    expect(store.read.run('done')).toMatchObject({ status: 'done', error: null })
  })

  it('are found by the start of their id or by their name', () => {
    const store = testStore()
    store.write.addRun(newRun('01ABC'))
    store.write.addRun(newRun('01ABD', { name: 'Other_%' }))
    expect(store.read.runsNamed('01abd')).toEqual(['01ABD'])
    expect(store.read.runsNamed('01A')).toHaveLength(2)
    expect(store.read.runsNamed('Other_%')).toEqual(['01ABD'])
    expect(store.read.runsNamed('%')).toEqual([])
  })
})

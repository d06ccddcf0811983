/** A store that has something of everything. */
import { openStore } from '../../src-main/store/open.ts'
import { experiment, newRun, outcome } from '../main/store/support.ts'

export const ids = ['A', 'B', 'C']
export const reportIds = ['R1', 'R2']
export const datasetIds = ['D']

export function fullStore(folder: string): void {
  const store = openStore({ folder })
  const { write } = store
  const predicted = experiment({
    predictions: [{ metric: 'accuracy', at: {}, order: ['alpha', 'Beta, tuned'], margin: 0 }]
  })
  for (const [i, id] of ids.entries()) {
    write.addRun(newRun(id, { name: `Run ${id}`, ...(i === 0 && { experiment: predicted }) }))
    const outcomes = [0, 1, 2, 3].flatMap((cell) =>
      [0, 1, 2].map((seed) =>
        outcome(cell, seed, {
          metrics: { accuracy: Math.sin(cell + seed / 10 + i), cosine: seed / 3, loss: 1e-9 * (cell + 1) },
          series: { curve: { x: [0, 0.1, 0.2, 0.3], y: [seed, cell, i, 1 / 3].map(Math.fround) } },
          traces: [{ name: 'gate', title: 'Gate', kind: 'line', value: { shape: [3], data: [seed, cell, 0.5] } }],
          ...(cell === 3 &&
            seed === 2 && { status: 'failed', error: { code: 'model-failed', message: 'Boom' }, metrics: {} })
        })
      )
    )
    write.addTrials(id, outcomes, 1234.5, 'wasm')
    write.addLog(id, '2026-01-01T00:00:00.000Z', 'Began.')
    write.editRuns([id], { notes: `Notes of ${id}`, addTags: ['tag', `tag-${id}`] })
    write.changeRun(id, { status: 'done', best: { label: 'alpha', metric: 'accuracy', mean: 0.5 + i } })
  }
  write.trashRuns(['C'], '2026-02-02T00:00:00.000Z')
  for (const id of reportIds)
    write.saveReport({
      id,
      title: `Report ${id}`,
      created: '2026-01-01T00:00:00.000Z',
      changed: '2026-01-02T00:00:00.000Z',
      blocks: [{ id: 'b1', kind: 'text', markdown: 'Some words and 0.123456789.' }]
    } as never)
  write.addRecallDataset(
    {
      id: 'D',
      name: 'Pilot',
      file: 'pilot.csv',
      imported: '2026-01-01T00:00:00.000Z',
      subjects: 1,
      lists: 1,
      lengths: [{ length: 3, lists: 1 }],
      reading: {},
      similarity: null
    },
    [{ subject: '1', list: 1, items: ['a', 'b', 'c'], recalls: [] }] as never
  )
  write.saveRecallSimilarity('D', 'words.csv', 'a,b,0.5')
  write.saveSettings({ workers: 2 })
  store.close()
}

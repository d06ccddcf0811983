import fc from 'fast-check'
import { expect, describe, it } from 'vitest'
import { historyQuerySchema, type HistoryQuery } from '../../../src-shared/contract/runs.ts'
import { compare, words } from '../../../src-shared/filter/edit.ts'
import { printFilter } from '../../../src-shared/filter/print.ts'
import { experiment, newRun, outcome, testStore } from './support.ts'

const query = (over: Partial<HistoryQuery> = {}): HistoryQuery => historyQuerySchema.parse(over)

/** Names as people and attackers write them. */
const hostile = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter((s) => s.trim() !== ''),
  fc.constantFrom(
    `'; DROP TABLE runs; --`,
    '100 %',
    'a_b',
    '"quoted"',
    '😀 𝔘nicode',
    '\u202eevil',
    '__proto__',
    '\\',
    '[x]',
    '\0'
  )
)

describe('the history', () => {
  it('gives any name, note and tag back unchanged and finds the run by it', () => {
    const store = testStore()
    let n = 0
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, notes, tag) => {
        const id = `R${n++}`
        store.write.addRun(newRun(id, { name }))
        store.write.editRuns([id], { notes, addTags: [tag] })
        const row = store.read.run(id)
        expect([row.name, row.notes, row.tags]).toEqual([name, notes, [tag]])
        const shouted = /^[ -~]*$/.test(name) ? [name.toUpperCase()] : []
        for (const text of [name, notes, tag, ...shouted]) {
          const found = store.read.history(query({ filter: printFilter(words(text)), limit: 1000 }))
          expect(found.rows.map((r) => r.id)).toContain(id)
        }
        expect(
          store.read
            .history(query({ filter: printFilter(compare('tag', '=', tag)), limit: 1000 }))
            .rows.map((r) => r.id)
        ).toContain(id)
      }),
      { numRuns: 80 }
    )
  })

  it('takes wildcards in a search literally', () => {
    const store = testStore()
    store.write.addRun(newRun('A', { name: 'one' }))
    store.write.addRun(newRun('B', { name: '50% of_it' }))
    const found = (text: string): string[] =>
      store.read.history(query({ filter: printFilter(words(text)) })).rows.map((r) => r.id)
    expect(found('%')).toEqual(['B'])
    expect(found('_')).toEqual(['B'])
    expect(found('o*e')).toEqual([])
    expect(found('ONE capacity')).toEqual(['A'])
    expect(found('one missing')).toEqual([])
  })

  it('finds by a model label, a tag, and words of the notes after an edit, and no longer by what was removed', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    const count = (text: string): number => store.read.history(query({ filter: printFilter(words(text)) })).total
    expect(count('beta, tuned')).toBe(1)
    store.write.editRuns(['A'], { notes: 'Größe of the gate', addTags: ['paper'] })
    expect([count('GRÖSSE'), count('größe'), count('PAPER')]).toEqual([0, 1, 1])
    store.write.editRuns(['A'], { removeTags: ['paper'], name: 'Other' })
    expect([count('paper'), count('two memories'), count('other')]).toEqual([0, 0, 1])
  })

  it('filters by task, model, status, tag and date together', () => {
    const store = testStore()
    store.write.addRun(newRun('A', { created: '2026-01-01T10:00:00.000Z' }))
    const other = experiment({ task: { kind: 'contiguity' }, models: [{ kind: 'alpha' }] })
    store.write.addRun(newRun('B', { created: '2026-02-01T10:00:00.000Z', experiment: other }))
    store.write.changeRun('B', { status: 'done' })
    store.write.editRuns(['B'], { addTags: ['x'] })
    const ids = (filter: string): string[] => store.read.history(query({ filter })).rows.map((r) => r.id)
    expect(ids('')).toEqual(['B', 'A'])
    expect(ids('task:contiguity')).toEqual(['B'])
    expect(ids('model:alpha')).toEqual(['B', 'A'])
    expect(ids('model:beta')).toEqual(['A'])
    expect(ids('model:"Beta, tuned"')).toEqual(['A'])
    expect(ids('status:queued')).toEqual(['A'])
    expect(ids('tag:x')).toEqual(['B'])
    expect(ids('created >= 2026-01-15')).toEqual(['B'])
    expect(ids('created <= 2026-01-15')).toEqual(['A'])
    expect(ids('task:contiguity status:queued')).toEqual([])
    expect(store.read.facets()).toEqual({
      tasks: ['capacity', 'contiguity'],
      models: ['alpha', 'beta'],
      tags: ['x'],
      params: ['items', 'size'],
      metrics: [],
      trashed: 0
    })
  })

  it('sorts by every column both ways, pages without gaps, and puts runs without a best value last', () => {
    const store = testStore()
    for (let i = 0; i < 7; i++) {
      store.write.addRun(newRun(`R${i}`, { name: `n${6 - i}` }))
      if (i > 1) store.write.changeRun(`R${i}`, { elapsedMs: i % 3, best: { label: 'alpha', metric: 'm', mean: -i } })
    }
    for (const sort of ['name', 'task', 'status', 'created', 'elapsedMs', 'trials', 'best'] as const)
      for (const descending of [true, false]) {
        const whole = store.read.history(query({ sort, descending }))
        const pages = [0, 3, 6].flatMap(
          (offset) => store.read.history(query({ sort, descending, offset, limit: 3 })).rows
        )
        expect(whole.total).toBe(7)
        expect(pages).toEqual(whole.rows)
        expect(new Set(pages.map((r) => r.id)).size).toBe(7)
        if (sort === 'best') expect(pages.slice(5).every((r) => r.best === null)).toBe(true)
        if (sort === 'name') expect(pages[0].name).toBe(descending ? 'n6' : 'n0')
      }
  })
  it('sorts by any metric and parameter, names what a line of seeds stands for, and refuses a name that no run has', () => {
    const store = testStore()
    for (const [i, name] of ['first', 'second', 'third'].entries()) {
      const run = newRun(`R${i}`, { name, created: `2026-01-0${i + 1}T10:00:00.000Z` })
      store.write.addRun(run)
      const done = run.cells.map((_, cell) => outcome(cell, 0, { metrics: { accuracy: [0.5, 0.9, 0.1][i] } }))
      store.write.addTrials(`R${i}`, done, 1, 'cpu')
    }
    const ids = (over: Partial<HistoryQuery>): string[] => store.read.history(query(over)).rows.map(({ id }) => id)
    expect(ids({ sort: 'metric.accuracy' })).toEqual(['R1', 'R0', 'R2'])
    expect(ids({ sort: 'metric.accuracy', descending: false })).toEqual(['R2', 'R0', 'R1'])
    expect(ids({ sort: 'param.items' })).toHaveLength(3)
    expect(ids({ sort: "metric.'; DROP TABLE runs; --" })).toHaveLength(3)
    expect(store.read.history(query({ group: 'seeds' })).rows.map(({ group }) => group?.names)).toEqual([
      ['third', 'second', 'first']
    ])
    expect(() => store.read.history(query({ filter: 'metric.acuracy > 0.5' }))).toThrow('the nearest is "accuracy"')
    expect(() => store.read.history(query({ filter: 'param.itms = 5' }))).toThrow('the nearest is "items"')
    expect(ids({ filter: 'metric.accuracy > 0.5' })).toEqual(['R1'])
    expect(store.read.paramValues('R0', ['items', 'nothing'])).toEqual({ items: [5, 10], nothing: [] })
  })
})

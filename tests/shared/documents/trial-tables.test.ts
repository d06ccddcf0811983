import { describe, expect, it } from 'vitest'
import { longTable, wideTable, type Table, type TableRun } from '../../../src-shared/documents/trial-tables.ts'
import { csvTable } from '../../../src-shared/text/csv.ts'
import { input } from '../support.ts'

const { runs, catalog } = input()
const tableRuns = runs.map(({ run, trials, series }): TableRun => ({
  run,
  cells: trials,
  trials: () => trials,
  series: () => series
}))
const linesOf = ({ columns, rows }: Table): string[] =>
  csvTable(
    columns.map(({ name }) => name),
    rows
  )
    .trim()
    .split('\r\n')

describe('the trials of runs as a table', () => {
  it('long: one row per number, and one for the trial that has none', () => {
    const lines = linesOf(longTable(tableRuns, catalog))
    expect(lines[0]).toBe('run_id,run,task,model,kind,items,seed,status,metric,step,value,unit')
    expect(lines).toHaveLength(7)
    expect(lines).toContain('R1,Capacity of four memories,capacity,slots,hebb,5,1,diverged,,,,')
  })
  it('long: one row for a curve that is damaged, with no value', () => {
    const { label, model } = runs[0].trials[0]
    const curve = { runId: 'R1', label, model, point: {}, name: 'loss', x: [], seeds: [], y: [], damaged: [7] }
    const lines = linesOf(longTable([{ ...tableRuns[0], trials: () => [], series: () => [curve] }], catalog))
    expect(lines.slice(1)).toEqual([`R1,Capacity of four memories,capacity,${label},${model},,7,damaged,loss,,,`])
  })
  it('wide: one row per trial with its parameters', () => {
    const lines = linesOf(wideTable(tableRuns))
    expect(lines[0].endsWith('accuracy,param.rate')).toBe(true)
    expect(lines).toHaveLength(7)
  })
  it('knows which columns are numbers', () => {
    const kinds = Object.fromEntries(longTable(tableRuns, catalog).columns.map(({ name, kind }) => [name, kind]))
    expect(kinds).toMatchObject({ model: 'text', items: 'number', seed: 'whole', step: 'number', value: 'number' })
  })
  it('of no trial is a header', () => {
    expect(linesOf(longTable([{ ...tableRuns[0], trials: () => [] }], catalog))).toHaveLength(1)
  })
})

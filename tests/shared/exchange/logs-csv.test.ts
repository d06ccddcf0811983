import { describe, expect, it } from 'vitest'
import { StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { isReference, referenceRecord, referenceTask } from '../../../src-shared/exchange/reference.ts'
import { parseResults, resultsFormat } from '../../../src-shared/exchange/results-file.ts'
import { readLogs } from '../../../src-shared/exchange/logs-csv.ts'

function refusal(text: string): ErrorData {
  try {
    readLogs(text, 'run.csv')
  } catch (error) {
    if (error instanceof StudioError) return error.data
    throw error
  }
  throw new Error('nothing was refused')
}

describe('CSV scalars', () => {
  it('of TensorBoard give one run named by its file, its last value as metric, its steps in order', () => {
    const [run] = readLogs('Wall time,Step,Value\r\n1700000010.5,20,0.25\r\n1700000000.5,10,0.5\r\n', 'loss.csv')
    expect(run).toMatchObject({
      name: 'loss',
      tool: 'TensorBoard',
      created: '2023-11-14T22:13:20.500Z',
      ended: '2023-11-14T22:13:30.500Z',
      metrics: { value: 0.25 },
      series: [{ name: 'value', x: [10, 20], y: [0.5, 0.25] }],
      elapsedMs: 10_000
    })
  })
  it('of TensorBoard are known under what a browser adds to a name; a column that comes twice is refused', () => {
    const [run] = readLogs('Wall time,Step,Value\n1,0,2\n', 'run-a-tag-loss (1).csv')
    expect([run.name, run.metrics]).toEqual(['a', { loss: 2 }])
    expect(() => readLogs('step,loss,loss\n0,1,2\n', 'x.csv')).toThrow('Line 1: the column loss comes twice.')
  })
  it('of many runs and tags are told apart; NaN is a gap, a step logged twice counts once', () => {
    const text = 'run,tag,step,value\nA,loss,1,2\nA,loss,2,NaN\nA,acc,1,0.5\nA,acc,1,0.75\nB,loss,1,-inf\n'
    const [a, b] = readLogs(text, 'all.csv')
    // The loss ended in NaN: it has no final value.
    expect(a.metrics).toEqual({ acc: 0.75 })
    expect(a.series[1]).toEqual({ name: 'acc', x: [1], y: [0.75] })
    expect(b).toMatchObject({ name: 'B', metrics: {} })
    expect(a.id).not.toBe(b.id)
    expect(readLogs(text, 'all.csv')[0].id).toBe(a.id)
  })
  it.each([
    ['other columns', 'a,b\n1,2\n', 'bad-file', undefined],
    ['no rows', 'Wall time,Step,Value\n', 'bad-file', undefined],
    ['text for a number', 'Wall time,Step,Value\n1,2,3\n1,3,=1+1\n', 'bad-input', 'line 3, value'],
    ['no step', 'run,tag,step,value\na,b,,1\n', 'bad-input', 'line 2, step'],
    ['a quote left open', 'run,tag,step,value\n"a,b,1,1\n', 'bad-file', undefined]
  ])('are refused with %s', (_, text, code, field) => {
    expect(refusal(text)).toMatchObject({ code, file: 'run.csv', ...(field && { field }) })
  })
})

describe('a reference run', () => {
  const [run] = readLogs('run,tag,step,value\nA,loss,1,2\nA,loss,2,NaN\nA,acc,1,0.5\n', 'all.csv')
  const record = referenceRecord(run)
  it('is a record like any other, but of a task that nothing here can compute', () => {
    const json = JSON.stringify({ format: resultsFormat, version: '0', created: run.created, runs: [record] })
    expect(parseResults(json).runs[0]).toMatchObject({
      name: 'A',
      task: 'reference',
      diverged: 1,
      results: [{ status: 'diverged', metrics: { acc: 0.5 } }]
    })
    expect(isReference(record)).toBe(true)
  })
  it('says by itself what it measured', () => {
    expect(referenceTask([record])).toMatchObject({
      metrics: [{ name: 'acc' }],
      series: [{ name: 'loss' }, { name: 'acc' }]
    })
    expect(referenceTask([])).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { differences, placed, type Column } from '../../../../src-renderer/pages/compare/differences.ts'
import type { TaskInfo } from '../../../../src-shared/shapes/catalog.ts'
import type { CellResult, Run } from '../../../../src-shared/shapes/run.ts'
import { checkExperiment } from '../../../../src-shared/shapes/experiment.ts'
import { cellResult } from '../../../support/cell-result.ts'

const run = (task: Record<string, number>, backend: string): Run =>
  ({
    task: 'capacity',
    experiment: checkExperiment({
      format: 'engram-experiment/1',
      name: 'x',
      task: { kind: 'capacity', params: task },
      models: [{ kind: 'hopfield' }],
      sweep: [{ param: 'task.items', values: [5, 10] }]
    }),
    provenance: { backend, adapter: '', cpu: 'a cpu', version: '1', commit: 'abc', memoryBytes: 1024, libraries: {} }
  }) as unknown as Run
const cell = (params: CellResult['params']): CellResult =>
  cellResult('m', [], { model: 'hopfield', params, point: { items: 5 } })
const column = (params: CellResult['params'], task = {}, backend = 'wasm'): Column => ({
  label: 'm',
  run: run(task, backend),
  cell: cell(params)
})
const empty = { models: [], tasks: [] }

describe('what differs between models and runs', () => {
  it('keeps what agrees apart from what does not', () => {
    const rows = differences([column({ beta: 1, dim: 64 }), column({ beta: 2, dim: 64 })], empty)
    expect(rows.filter((r) => r.differs).map((r) => [r.name, r.values])).toEqual([['beta', ['1', '2']]])
    expect(rows.find((r) => r.name === 'dim')?.differs).toBe(false)
  })

  it('counts a parameter that only one of them has as a difference', () => {
    const rows = differences([column({ slots: 10 }), column({})], empty)
    expect(rows.find((r) => r.name === 'slots')).toMatchObject({ values: ['10', undefined], differs: true })
  })

  it('leaves out what was swept, and compares task and machine', () => {
    const rows = differences(
      [column({ items: 5 }, { dim: 32 }, 'wasm'), column({ items: 5 }, { dim: 64 }, 'cpu')],
      empty
    )
    expect(rows.filter((r) => r.differs).map((r) => r.label)).toEqual(['dim', 'Backend'])
    expect(rows.some((r) => r.group === 'Model' && r.name === 'items')).toBe(false)
    expect(rows.find((r) => r.name === 'sweep.task.items')?.values[0]).toBe('5, 10')
  })

  it('puts a run that did not sweep a task parameter where it had it', () => {
    const task = { params: { items: { default: 7 }, dim: { default: 64 } } } as unknown as TaskInfo
    const runs = [
      { ...run({}, 'wasm'), id: 'a' },
      { ...run({ dim: 32 }, 'wasm'), id: 'b' }
    ]
    const at = (runId: string, point: CellResult['point']) => ({ runId, point })
    const results = placed(
      [at('a', { items: 5, slots: 3 }), at('b', { items: 5, dim: 16 }), at('a', { items: 9 })],
      runs,
      task
    )
    expect(results.map(({ point }) => point)).toEqual([
      { items: 5, slots: 3, dim: 64 },
      { items: 5, dim: 16 },
      { items: 9, dim: 64 }
    ])
  })
})

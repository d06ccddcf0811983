import { expect, it } from 'vitest'
import { shippedTable, shownTable } from '../../../../src-renderer/pages/cost/gpu-table.ts'
import { gpuLines, type GpuTable } from '../../../../src-shared/cost/gpu-table.ts'

const counts = (dispatches: number) => ({ dispatches, readBack: 0 })
const backend = (name: string, software: boolean): GpuTable['results'][number] => ({
  ...{ backend: name, adapter: software ? 'SwiftShader' : 'A card', software, items: 20, dim: 16, batch: 2 },
  peaks: software ? null : { flopsPerSecond: 2e12, bytesPerSecond: 3e11 },
  memories: [
    {
      model: 'hopfield',
      ...(!software && { times: { store: 0.25, retrieve: 1.5 } }),
      ...{ store: counts(0), perItem: counts(0), perQuery: counts(0.05) }
    },
    { model: 'graph', error: 'left out: the time was up' }
  ],
  blocks: [{ model: 'attention', ...(!software && { stepMs: 12 }), perStep: counts(120), layers: 2 }],
  fixtures: { passed: 3, failed: software ? ['rag.json'] : [] }
})
const table = (software: boolean): GpuTable => ({
  ...{ bench: 'gpu', date: '2026-11-28', quick: false, minutes: 3, processor: 'A processor', cores: 2 },
  ...{ measured: !software, results: [backend('webgpu', software), backend('wasm', false)] }
})

it('says of each model what it takes on each backend, and how many dispatches a store and a read are', () => {
  expect(gpuLines(table(false))).toEqual([
    { kind: 'memory', model: 'hopfield', values: [1.75, 1.75], dispatches: 1 },
    {
      ...{ kind: 'memory', model: 'graph', dispatches: undefined },
      values: ['left out: the time was up', 'left out: the time was up']
    },
    { kind: 'block', model: 'attention', values: [12, 12], dispatches: 120 }
  ])
})

it('shows a measured GPU by its name, with its peaks and fixtures', () => {
  const { title, notes, columns, rows } = shownTable(table(false))
  expect(title).toBe('Measured on A card')
  expect(notes.join(' ')).toMatch(/webgpu: 2 TFLOP\/s .*300 GB\/s.*3 golden fixtures pass on webgpu/)
  expect(columns).toHaveLength(4)
  expect(rows[0]).toEqual(['hopfield', '1.8', '1.8', '1'])
  expect(rows[1]![1]).toBe('left out: the time was up')
})

it('says that a software adapter is no GPU, and shows no time of it', () => {
  const { title, notes, columns, rows } = shownTable(table(true))
  expect(title).toBe('No GPU has been measured')
  expect(notes[0]).toContain('SwiftShader, a GPU imitated in software')
  expect(notes.join(' ')).toContain('1 do not: rag.json')
  expect(columns).toHaveLength(3)
  expect(rows[2]).toEqual(['attention', '12.0', '120'])
})

it('refuses a table that is none, and shows nothing where none ships', () => {
  expect(shippedTable({})).toBeUndefined()
  expect(() => shippedTable({ 'gpu.json': { bench: 'models' } })).toThrow()
  expect(shippedTable({ 'gpu.json': table(true) })!.measured).toBe(false)
})

import { expect, it } from 'vitest'
import { rooflines, shippedTable, shownTable } from '../../../../src-renderer/pages/cost/gpu-table.ts'
import { gpuLines, roofShare, type GpuTable } from '../../../../src-shared/cost/gpu-table.ts'

const counts = (dispatches: number) => ({ dispatches, readBack: 0 })
const memory = (dispatches: number) => ({ store: counts(dispatches), perItem: counts(0), perQuery: counts(0.05) })
const backend = (name: string, software: boolean): GpuTable['results'][number] => ({
  ...{ backend: name, adapter: software ? 'SwiftShader' : 'A card', software },
  peaks: software ? null : { flopsPerSecond: 2e12, bytesPerSecond: 3e11 },
  memories: [
    {
      ...{ model: 'hopfield', notes: [] },
      // 4 FLOP per byte, under the slope: 3e11 B/s allow 1.75 ms x 3e11 = 525 MB.
      ...(!software && {
        ...{ size: '1000 items', times: { store: 0.25, retrieve: 1.5 } },
        work: { flops: 4 * 52.5e6, bytes: 52.5e6, ms: 1.75 }
      }),
      ...(name === 'webgpu' && { ...memory(1), plain: memory(52) })
    },
    { model: 'graph', notes: ['times of 1000 items: not within 3.0 s'] }
  ],
  blocks: [
    {
      ...{ model: 'attention', notes: [] },
      // 100 FLOP per byte, under the roof: 2e12 FLOP/s allow 24 GFLOP in 12 ms.
      ...(!software && { stepMs: 12, work: { flops: 6e9, bytes: 6e7, ms: 12 } }),
      ...(name === 'webgpu' && { perStep: counts(120), layers: 2 })
    }
  ],
  fixtures: {
    passed: 3,
    failed: software ? ['rag.json'] : [],
    left: software ? ['titans.json (the time was over)'] : []
  }
})
const table = (software: boolean): GpuTable => ({
  ...{ bench: 'gpu', date: '2026-11-28', quick: false, minutes: 3, processor: 'A processor', cores: 2, load: 0.2 },
  ...{ measured: !software, counted: { memories: '20 items', blocks: '2 sequences' } },
  results: [backend('webgpu', software), backend('wasm', false)]
})

it('a row lies under the slope of the roofline, or under its roof: the share is of whichever binds', () => {
  const peaks = { flopsPerSecond: 2e12, bytesPerSecond: 3e11 }
  const slope = roofShare({ flops: 4 * 52.5e6, bytes: 52.5e6, ms: 1.75 }, peaks)
  expect(slope.intensity).toBe(4)
  expect(slope.flopsPerSecond).toBeCloseTo(1.2e11)
  expect(slope.boundMs).toBeCloseTo(0.175)
  expect(slope.share).toBeCloseTo(0.1)
  const roof = roofShare({ flops: 6e9, bytes: 6e7, ms: 12 }, peaks)
  expect(roof.boundMs).toBeCloseTo(3)
  expect(roof.share).toBeCloseTo(0.25)
})

it('says of each model what it takes on each backend, and how many dispatches a store or a step is', () => {
  const lines = gpuLines(table(false))
  expect(lines.map(({ kind, model, dispatches, plain }) => [kind, model, dispatches, plain])).toEqual([
    ['memory', 'hopfield', 1, 52],
    ['memory', 'graph', undefined, undefined],
    ['block', 'attention', 120, undefined]
  ])
  expect(lines.map(({ values }) => values.map(({ ms }) => ms))).toEqual([
    [1.75, 1.75],
    [undefined, undefined],
    [12, 12]
  ])
  expect(lines[1]!.values[0]!.said).toBe('times of 1000 items: not within 3.0 s')
})

it('shows a measured GPU by its name, with its peaks, its fixtures, and where each row lies under the roof', () => {
  const { title, notes, columns, rows } = shownTable(table(false))
  expect(title).toBe('Measured on A card')
  expect(notes.join(' ')).toMatch(/webgpu: 2 TFLOP\/s .*300 GB\/s.*3 golden fixtures pass on webgpu/)
  expect(columns).toHaveLength(9)
  expect(rows[0]).toEqual(['hopfield', '1.8', '4', '10 %', '1.8', '4', '10 %', '1 (52)', ''])
  expect(rows[1]!.slice(0, 2)).toEqual(['graph', '–'])
  expect(rows[1]!.at(-1)).toContain('wasm: times of 1000 items: not within 3.0 s')
})

it('draws the roofline of each backend that was timed, a point a row', () => {
  const drawn = rooflines(table(false), false)
  expect(drawn.map(({ title }) => title)).toEqual(['Roofline of webgpu on A card', 'Roofline of wasm on A card'])
  expect(drawn[0]!.series.map(({ points }) => points)).toEqual([
    [{ x: 4, y: expect.closeTo(1.2e11, -3) as number }],
    [{ x: 100, y: 5e11 }]
  ])
  expect(rooflines(table(true), true)).toHaveLength(1)
})

it('says that a software adapter is no GPU, and shows no time of it', () => {
  const { title, notes, columns, rows } = shownTable(table(true))
  expect(title).toBe('No GPU has been measured')
  expect(notes[0]).toContain('SwiftShader, a GPU imitated in software')
  expect(notes.join(' ')).toContain('1 do not: rag.json, 1 did not end in their share of the time')
  expect(columns).toHaveLength(6)
  expect(rows[2]).toEqual(['attention', '12.0', '100', '25 %', '120', ''])
})

it('refuses a table that is none, and shows nothing where none ships', () => {
  expect(shippedTable({})).toBeUndefined()
  expect(() => shippedTable({ 'gpu.json': { bench: 'models' } })).toThrow()
  expect(shippedTable({ 'gpu.json': table(true) })!.measured).toBe(false)
})

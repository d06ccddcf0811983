/** The README and the reference say of the benches what their last results hold. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { GpuTable } from '../src-shared/cost/gpu-table.ts'
import { cellsOf, claimsOf, renewReadme, renewReference, resultFile } from './support/bench-claims.ts'
import type { BenchResult, ModelsResult } from './support/bench-results.ts'

const root = join(import.meta.dirname, '..')
const text = (file: string): string => readFileSync(join(root, file), 'utf8')
const flat = (words: string): string => words.replace(/\s+/g, ' ')
const rowsOf = (words: string): string[][] =>
  words
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)

const results = ['models', 'sequence', 'gpu'].map(resultFile).filter(existsSync)
const readme = text('README.md')
const reference = text('resources/guide/reference.md')

describe.each(results)('%s', (file) => {
  const claims = claimsOf(JSON.parse(readFileSync(file, 'utf8')) as BenchResult)

  it('is what the README says', () => {
    for (const row of claims.readme) expect(rowsOf(readme)).toContainEqual([...row])
  })

  it('is what the reference says', () => {
    for (const paragraph of claims.paragraphs) expect(flat(reference)).toContain(flat(paragraph))
    for (const row of claims.tables.flat()) expect(rowsOf(reference)).toContainEqual([...row])
  })
})

it('the README says that no GPU has been measured until one has', () => {
  const file = resultFile('gpu')
  const measured = existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { measured: boolean }).measured
  expect(readme.includes('No GPU has been measured')).toBe(!measured)
})

it('the reference’s words on dispatches are what was counted', () => {
  const { results } = JSON.parse(readFileSync(resultFile('gpu'), 'utf8')) as GpuTable
  const { memories, blocks } = results.find(({ backend }) => backend === 'webgpu')!
  const [stores, hierarchies] = [false, true].map((hierarchy) =>
    memories.filter(({ model }) => model.startsWith('hierarchical') === hierarchy).map(({ store }) => store!.dispatches)
  )
  // The transformer is of layers of its own.
  const steps = blocks
    .filter(({ layers, model }) => layers === 1 && model !== 'transformer')
    .map(({ perStep }) => perStep!)
  expect([stores.length, hierarchies.length, steps.length]).toEqual([17, 3, 14])
  expect(flat(reference)).toContain(
    'stores a batch in at most three dispatches, a hierarchy in at most nine the first time'
  )
  expect([Math.max(...stores), Math.max(...hierarchies)]).toEqual([3, 9])
  expect(flat(reference)).toContain('A step of training of one layer takes 22 to 32')
  const each = steps.map(({ dispatches }) => dispatches)
  expect([Math.min(...each), Math.max(...each)]).toEqual([22, 32])
  expect([...steps, ...memories.map(({ store }) => store!)].map(({ readBack }) => readBack)).toEqual(
    Array.from({ length: 34 }, () => 0)
  )
})

/** Two models: one 4 times PyTorch's loop and twice its vectorised form, one 16 and 8 times, without a vectorised job. */
const models = (width: 'AVX-512' | 'generic'): ModelsResult => ({
  ...{
    bench: 'models',
    date: '2026-11-28',
    quick: false,
    minutes: 5,
    processor: 'A processor',
    cores: 2,
    load: [3, 3]
  },
  torch: { version: '1.13', kernel: width === 'generic' ? 'OpenBLAS Prescott' : 'OpenBLAS Cooperlake', width },
  missed: ['the mean is 8.0 times the loop, not 25'],
  ...{ items: 1000, dim: 64, kernels: { available: true, detail: 'slots-relaxed.wasm' } },
  products: { ours: { one: 50.4, all: 99.6 }, torch: { one: 100, all: 200 } },
  compared: { items: 40, seeds: 3, tolerance: 1e-3 },
  agreement: [{ model: 'hopfield', loop: 1e-6, vectorised: 2e-6 }, { model: 'graph' }],
  rows: [
    {
      model: 'hopfield',
      ours: { store: 1, retrieve: 3 },
      loop: { store: 8, retrieve: 8 },
      vectorised: { store: 0, retrieve: 8 }
    },
    {
      model: 'graph',
      ours: { store: 0.5, retrieve: 0.5 },
      loop: { store: 8, retrieve: 8 },
      vectorised: { store: 4, retrieve: 4 }
    }
  ],
  ...{ loopMean: 8, mean: 4, jobMean: 2.5 },
  jobs: [
    {
      model: 'hopfield',
      ours: { wall: 100, cpu: 200 },
      torch: { form: 'vectorised', threads: 2, wall: 250, cpu: 500 }
    },
    { model: 'graph', ours: { wall: 10, cpu: 20 } }
  ]
})

it('ratios are of both parts together, and stand beside the kernel and the load they were measured with', () => {
  const { readme, tables, paragraphs } = claimsOf(models('AVX-512'))
  expect(Object.fromEntries(readme)).toEqual({
    'Product of 512 by 512, one thread': '50 GFLOP/s; PyTorch 100 (OpenBLAS Cooperlake, AVX-512)',
    "Memories beside PyTorch's loops, thread for thread": '8.00 times as fast in the mean',
    'and beside its vectorised forms': '4.00 times, from 2.00 to 8.00',
    'The whole job: 32 seeds, all cores and threads': '2.50 times, from 2.50 to 2.50'
  })
  expect(tables[0]!.slice(1)).toEqual([
    ['hopfield', '1.00', '3.00', '4.00', '2.00', '100', '250', '2.50'],
    ['graph', '0.50', '0.50', '16.0', '8.00', '10.0', '', '']
  ])
  expect(paragraphs[0]).toContain('on A processor, 2 cores, load 3.0 at the start, 28 November 2026')
  expect(paragraphs[0]).toContain('Missed: the mean is 8.0 times the loop, not 25.')
})

it('a ratio against a generic kernel is marked', () => {
  const { readme, paragraphs } = claimsOf(models('generic'))
  for (const [, measured] of readme.slice(1)) expect(measured).toContain('(generic kernel)')
  expect(paragraphs[0]).toContain('generic: ratios against a generic kernel')
})

it('without PyTorch there are no ratios to keep', () => {
  expect(() => claimsOf({ ...models('AVX-512'), torch: undefined })).toThrow('no ratios')
})

it('a part of a bench is not kept', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'tests/bench/run.ts'), ...args], {
      encoding: 'utf8'
    })
  expect(run('models', '--save', 'hopfield')).toMatchObject({
    status: 2,
    stderr: 'A part is not kept: leave --save or the names out.\n'
  })
  expect(run('nothing').status).toBe(2)
})

it('renews rows, tables and paragraphs where they stand, and refuses a document that has no place for them', () => {
  const claims = claimsOf(models('AVX-512'))
  const renewed = renewReadme(readme, claims)
  for (const row of claims.readme) expect(rowsOf(renewed)).toContainEqual([...row])
  expect(renewed.split('\n')).toHaveLength(readme.split('\n').length)
  const pages = renewReference(reference, claims)
  expect(flat(pages)).toContain(flat(claims.paragraphs[0]!))
  // Of this table: the GPU's names models too.
  const wide = claims.tables[0]![0]!.length
  expect(rowsOf(pages).filter((row) => row.length === wide && (row[0] === 'hopfield' || row[0] === 'graph'))).toEqual(
    claims.tables[0]!.slice(1)
  )
  expect(renewReference(pages, claims)).toBe(pages)
  expect(() => renewReadme('# Nothing', claims)).toThrow('no row "Product of 512 by 512, one thread"')
  expect(() => renewReference('# Nothing', claims)).toThrow('no table')
})

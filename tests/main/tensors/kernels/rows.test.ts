/** Sizes at which every loop of a kernel has a full block, a part of one and padding, against the plain ops. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'
import { builtInModels } from '../../../../src-main/models/registry.ts'
import type { ParamValues } from '../../../../src-shared/shapes/params.ts'
import { build, drive, paramsFor, type Sizes } from '../../../support/drive-memory.ts'

beforeAll(() => useBackend('wasm'))
afterEach(() => setKernels(true))

const sizes: Sizes = { dim: 12, contextDim: 5, rows: 3, columns: 4, items: 71, queries: 45 }
const seeds = [21, 22]

describe.each<[string, ParamValues]>([
  ['hopfield', {}],
  ['rag', { memorySize: 100, topK: 7, heads: 4 }],
  ['rag', { memorySize: 3, topK: 7, heads: 1 }],
  ['gated-episodic', { memorySize: 11, contextDim: 5 }],
  ['meta-fast-weights', { hiddenDim: 9 }],
  ['hierarchical', { heads: 4 }],
  ['hierarchical', { heads: 1, maxLevels: 2 }]
])('%s with %o', (id, given) => {
  test('answers on fused kernels what it answers on plain ops', () => {
    const model = builtInModels.find((candidate) => candidate.id === id)!
    const answers = (kernels: boolean): number[][] => {
      setKernels(kernels)
      const memory = build(model, paramsFor(model, sizes, given), seeds)
      const all = drive(model, memory, sizes, seeds)
      memory.dispose()
      return all
    }
    const [fused, plain] = [answers(true), answers(false)]
    const apart = fused.flatMap((trial, b) => trial.map((x, i) => Math.abs(x - plain[b]![i]!)))
    expect(apart.length).toBe(2 * 4 * sizes.queries * sizes.dim)
    expect(Math.max(...apart)).toBeLessThan(2e-5)
    expect(fused[0]!.some((x) => Math.abs(x) > 0.01)).toBe(true)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { total } from '../../../src-shared/cost/block.ts'
import { neuralWeights } from '../../../src-shared/cost/neural.ts'
import { checkCostInput, costDefaults, type CostInput } from '../../../src-shared/cost/symbols.ts'
import { blocks, allCrossings, evaluate, withSymbol } from '../../../src-shared/cost/view.ts'

const at = (change: Partial<CostInput> = {}): CostInput => ({ ...costDefaults, ...change })
const sizes = fc.record({
  L: fc.integer({ min: 1, max: 60 }),
  M: fc.integer({ min: 1, max: 40 }),
  s: fc.integer({ min: 1, max: 8 }),
  K: fc.integer({ min: 0, max: 12 }),
  causal: fc.boolean(),
  buffer: fc.constantFrom('full' as const, 'empty' as const),
  rho: fc.constantFrom(0, 0.3, 1),
  D: fc.integer({ min: 1, max: 4 })
})

describe('the exact view', () => {
  it('gives the quoted totals at the defaults', () => {
    expect(evaluate('attention', 'exact', 'sequence', at())).toBe(285_343_744)
    expect(evaluate('episodic', 'exact', 'sequence', at())).toBe(285_212_672)
  })
  it('says that projections are 94 % of causal attention at the defaults', () => {
    const parts = blocks.attention.sequence(at())
    expect(parts.projections / total(parts)).toBeCloseTo(0.94, 2)
  })
  it('a sequence is the sum of its tokens, for every memory and option', () => {
    fc.assert(
      fc.property(sizes, (change) => {
        const input = at({ ...change, d: 16, s: Math.min(change.s, change.L), K: Math.min(change.K, change.M) })
        for (const block of Object.values(blocks)) {
          let sum = 0
          for (let t = 1; t <= input.L; t++) sum += total(block.token(input, t), true)
          expect(total(block.sequence(input), true)).toBeCloseTo(sum, 4)
        }
      })
    )
  })
  it('counts the weights of the neural memory as its layers have them', () => {
    // depth 3, expansion 2, d 4: 4 -> 8 -> 8 -> 4.
    expect(neuralWeights({ d: 4, D: 3, e: 2 })).toBe(4 * 8 + 8 * 8 + 8 * 4)
    expect(neuralWeights({ d: 4, D: 1, e: 2 })).toBe(16)
  })
  it('a dense neural update costs 5 P, a sparse one (3 + 2 rho) P and 2 P for the norms', () => {
    const P = neuralWeights(at())
    expect(blocks.neural.token(at({ rho: 1 }), 1).update).toBe(5 * P)
    expect(blocks.neural.token(at({ rho: 0.5 }), 1).update).toBe(6 * P)
  })
  it('the hybrid is its parts and a gate', () => {
    const parts = (['neural', 'episodic'] as const).reduce((sum, id) => sum + evaluate(id, 'exact', 'token', at()), 0)
    expect(evaluate('hybrid', 'exact', 'token', at())).toBe(parts + 5 * 512)
    expect(evaluate('hybrid', 'exact', 'token', at({ gate: 'vector' }))).toBe(parts + 2 * 512 * 512 + 3 * 512)
  })
  it('state is the KV cache, the memory with its momentum, and both halves of the slots', () => {
    expect(evaluate('attention', 'exact', 'state', at())).toBe(2 * 128 * 512 * 4)
    expect(evaluate('neural', 'exact', 'state', at())).toBe(2 * 4 * 512 * 512 * 4)
    expect(evaluate('episodic', 'exact', 'state', at())).toBe(2 * 64 * 512 * 4)
  })
})

describe('the asymptotic view', () => {
  it('is the source table with constant 1', () => {
    expect(evaluate('attention', 'asymptotic', 'sequence', at())).toBe(128 * 128 * 512)
    expect(evaluate('neural', 'asymptotic', 'sequence', at())).toBeCloseTo(0.1 * 64 * 512 * 512, 6)
    expect(evaluate('episodic', 'asymptotic', 'token', at())).toBe(64 * 512)
    expect(evaluate('episodic', 'asymptotic', 'state', at())).toBe(64 * 512 * 4)
  })
  it('has the exponents it claims: attention is quadratic in L, episodic linear, neural flat', () => {
    const exponent = (id: keyof typeof blocks): number =>
      Math.log2(
        evaluate(id, 'asymptotic', 'sequence', withSymbol(at(), 'L', 256)) /
          evaluate(id, 'asymptotic', 'sequence', at())
      )
    expect(exponent('attention')).toBeCloseTo(2, 12)
    expect(exponent('episodic')).toBeCloseTo(1, 12)
    expect(exponent('neural')).toBeCloseTo(0, 12)
  })
})

describe('crossings', () => {
  it('attention and episodic meet at L = M in the asymptotic view', () => {
    const [only, ...rest] = allCrossings(['attention', 'episodic'], 'asymptotic', 'sequence', at(), 'L', 1, 1e6)
    expect(rest).toEqual([])
    expect(only.x).toBeCloseTo(64, 5)
    expect(only.cheaperAbove).toBe('episodic')
  })
  it('and at L = 2 M - 1 in the exact causal one, where projections cancel', () => {
    const [only] = allCrossings(['attention', 'episodic'], 'exact', 'sequence', at(), 'L', 1, 1e6)
    expect(only.x).toBeCloseTo(127, 4)
  })
})

describe('bounds', () => {
  it('accepts the defaults', () => expect(checkCostInput(at())).toEqual([]))
  it('refuses by field', () => {
    expect(checkCostInput(at({ H: 7 })).map((e) => e.field)).toEqual(['H'])
    expect(checkCostInput(at({ C: 200 })).map((e) => e.field)).toEqual(['C'])
    expect(checkCostInput(at({ B: 3 })).map((e) => e.field)).toEqual(['B'])
    expect(checkCostInput(at({ d: 8.5 })).map((e) => e.field)).toContain('d')
    expect(checkCostInput(at({ rho: NaN })).map((e) => e.field)).toEqual(['rho'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { total } from '../../../src-shared/cost/block.ts'
import { caveats } from '../../../src-shared/cost/caveats.ts'
import { conclude, type Conclusion, type Question } from '../../../src-shared/cost/conclusions.ts'
import { costPresets } from '../../../src-shared/cost/presets.ts'
import { checkCostInput, costDefaults, type CostInput } from '../../../src-shared/cost/symbols.ts'
import { evaluate, partsOf, quantities, withSymbol, type Quantity } from '../../../src-shared/cost/view.ts'

const question: Question = {
  memories: ['attention', 'neural', 'episodic', 'hybrid'],
  view: 'exact',
  quantity: 'sequence',
  input: costDefaults,
  x: 'L',
  low: 1,
  high: 1_048_576
}
const only = <K extends Conclusion['kind']>(all: readonly Conclusion[], kind: K) =>
  all.filter((c): c is Extract<Conclusion, { kind: K }> => c.kind === kind)

const questions = fc.record({
  view: fc.constantFrom('exact' as const, 'asymptotic' as const),
  quantity: fc.constantFrom(...(Object.keys(quantities) as Quantity[])),
  x: fc.constantFrom('L' as const, 'M' as const, 'd' as const),
  input: fc
    .record({
      L: fc.integer({ min: 1, max: 4096 }),
      M: fc.integer({ min: 1, max: 4096 }),
      d: fc.integer({ min: 2, max: 64 }).map((n) => n * 8),
      rho: fc.constantFrom(0, 0.1, 0.5, 1),
      causal: fc.boolean(),
      buffer: fc.constantFrom('full' as const, 'empty' as const)
    })
    .map((change) => ({ ...costDefaults, ...change, C: Math.min(64, change.L) }))
})

describe('conclusions', () => {
  it('say at the defaults what the specification quotes', () => {
    const all = conclude({ ...question, memories: ['attention', 'episodic'] })
    const [cheapest] = only(all, 'cheapest')
    expect(cheapest).toMatchObject({ cheapest: 'episodic', next: 'attention' })
    expect(cheapest.factor).toBeCloseTo(285_343_744 / 285_212_672, 12)
    expect(cheapest.text).toBe(
      'Episodic memory is the cheapest here, with 285 MFLOP (FLOPs per sequence); attention 0.046 % more.'
    )
    expect(only(all, 'dominates').map(({ text }) => text)).toEqual([
      'Attention: the projections are 94 % of it.',
      'Episodic memory: the projections are 47 % of it.'
    ])
    expect(only(all, 'crossing').map(({ text }) => text)).toEqual([
      'From L = 127 on episodic memory is cheaper than attention.'
    ])
  })

  it('are true of what evaluate says, whatever the parameters', () => {
    fc.assert(
      fc.property(questions, (change) => {
        const asked = { ...question, ...change, low: 16, high: 16_384 }
        const { view, quantity, input, x, memories } = asked
        const cost = (id: (typeof memories)[number], at: CostInput = input): number => evaluate(id, view, quantity, at)
        const all = conclude(asked)
        for (const c of only(all, 'cheapest')) {
          for (const id of memories) expect(cost(c.cheapest)).toBeLessThanOrEqual(cost(id))
          expect(cost(c.next)).toBeCloseTo(cost(c.cheapest) * c.factor, 3)
          for (const id of memories) expect(cost(c.dearest)).toBeGreaterThanOrEqual(cost(id))
        }
        for (const c of only(all, 'dominates')) {
          const parts = partsOf(c.memory, quantity, input)!
          for (const [name, value] of Object.entries(parts))
            if (name !== 'softmax') expect(parts[c.part]).toBeGreaterThanOrEqual(value)
          expect(c.share).toBeCloseTo(parts[c.part] / total(parts), 12)
        }
        for (const c of only(all, 'scaling'))
          for (const name of ['L', 'M', 'd'] as const)
            // Nothing stays nothing.
            if (cost(c.memory) === 0) expect(c.factors[name]).toBe(1)
            else expect(cost(c.memory, withSymbol(input, name, input[name] * 2)) / cost(c.memory)).toBe(c.factors[name])
        for (const c of only(all, 'crossing')) {
          // On either side of the crossing, at the next whole values that differ from it.
          const below = withSymbol(input, x, Math.ceil(c.x) - 1)
          const above = withSymbol(input, x, Math.floor(c.x) + 1)
          expect(cost(c.cheaperAbove, above)).toBeLessThanOrEqual(cost(c.dearerAbove, above))
          expect(cost(c.cheaperAbove, below)).toBeGreaterThanOrEqual(cost(c.dearerAbove, below))
        }
        if (only(all, 'no-crossing').length) {
          const sign = (at: number, a: 0 | 1 | 2, b: 1 | 2 | 3): number =>
            Math.sign(cost(memories[a], withSymbol(input, x, at)) - cost(memories[b], withSymbol(input, x, at)))
          for (const [a, b] of [
            [0, 1],
            [0, 2],
            [1, 2],
            [2, 3]
          ] as const)
            expect(sign(16, a, b) * sign(16_384, a, b)).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 60 }
    )
  })

  it('have nothing to say of parameters in the view that does not count them, nor of no memory', () => {
    expect(conclude({ ...question, view: 'asymptotic', quantity: 'parameters' })).toEqual([])
    expect(conclude({ ...question, memories: [] })).toEqual([])
  })
})

describe('what the table gets wrong', () => {
  it('is said with the numbers of the parameters', () => {
    const [neural, projections, halves, writing] = caveats(['attention', 'neural', 'episodic'], costDefaults)
    expect(neural).toContain('once per sequence (1.68 MFLOP)')
    expect(projections).toContain('94 % of attention and 47 % of episodic memory')
    expect(halves).toContain('256 KiB instead of 128 KiB')
    expect(writing).toContain('134 MFLOP')
  })
  it('concerns only the memories that are shown', () => {
    expect(caveats(['neural'], costDefaults)).toHaveLength(1)
    expect(caveats(['attention'], costDefaults)).toHaveLength(2)
  })
})

it('every preset is within its bounds', () => {
  for (const { input } of costPresets) expect(checkCostInput(input)).toEqual([])
})

describe('a memory that updates none of its weights', () => {
  const still: Question = { ...question, view: 'asymptotic', input: { ...costDefaults, rho: 0 } }
  it('costs nothing, and is said to', () => {
    const texts = conclude(still).map(({ text }) => text)
    expect(texts.filter((text) => text.startsWith('Neural memory'))).toEqual([
      'Neural memory: nothing here, whatever L, M and d are.'
    ])
  })
  it('leaves no sentence and no number undefined, whatever is asked', () => {
    fc.assert(
      fc.property(questions, (change) => {
        for (const conclusion of conclude({ ...question, ...change, low: 16, high: 16_384 })) {
          expect(conclusion.text).not.toMatch(/NaN|Infinity|undefined/)
          const numbers = JSON.stringify(conclusion, (_, value: unknown) => (value === null ? 'null' : value))
          expect(numbers).not.toContain('null')
          if (conclusion.kind === 'scaling')
            for (const factor of Object.values(conclusion.factors)) expect(Number.isFinite(factor)).toBe(true)
        }
      }),
      { numRuns: 300 }
    )
  })
})

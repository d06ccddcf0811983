import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { symbolValues } from '../../../src-shared/cost/grid.ts'
import { matchCost } from '../../../src-shared/cost/match.ts'
import { costDefaults } from '../../../src-shared/cost/symbols.ts'
import { evaluate } from '../../../src-shared/cost/view.ts'

const state = (id: 'attention' | 'neural' | 'episodic'): number => evaluate(id, 'exact', 'state', costDefaults)

describe('equal cost', () => {
  it('an episodic memory holds what a KV cache holds with M = L slots', () => {
    expect(matchCost('episodic', 'exact', 'state', costDefaults, 'M', state('attention'))).toEqual({
      value: 128,
      cost: state('attention'),
      ratio: 1
    })
  })
  it('and what the neural memory holds with 2 e d slots', () => {
    const found = matchCost('episodic', 'exact', 'state', costDefaults, 'M', state('neural'))
    expect(found!.value).toBe(2 * costDefaults.e * costDefaults.d)
  })
  it('finds any size again from its cost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (M) => {
        const target = evaluate('episodic', 'exact', 'sequence', { ...costDefaults, M })
        expect(matchCost('episodic', 'exact', 'sequence', costDefaults, 'M', target)?.value).toBe(M)
      })
    )
  })
  it('follows a cost that falls: the table spreads one neural update over L tokens', () => {
    const target = evaluate('neural', 'asymptotic', 'token', { ...costDefaults, L: 777 })
    expect(matchCost('neural', 'asymptotic', 'token', costDefaults, 'L', target)?.value).toBe(777)
  })
  it('is refused where the symbol does nothing or no value comes near', () => {
    expect(matchCost('attention', 'exact', 'state', costDefaults, 'M', state('neural'))).toBeUndefined()
    expect(matchCost('neural', 'exact', 'state', costDefaults, 'D', 1)).toBeUndefined()
  })
})

describe('values of a chart', () => {
  it('are whole, rising and within their ends', () => {
    const values = symbolValues('L', costDefaults, 1, 4096, 'log')
    expect(values[0]).toBe(1)
    expect(values.at(-1)).toBe(4096)
    expect(values.every((v, i) => Number.isInteger(v) && (i === 0 || v > values[i - 1]))).toBe(true)
  })
  it('keep heads that divide d, on either axis', () => {
    expect(symbolValues('H', costDefaults, 1, 128, 'log')).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
    expect(symbolValues('d', { ...costDefaults, H: 12 }, 16, 500, 'linear').every((d) => d % 12 === 0)).toBe(true)
  })
  it('are the options where there are few, and shares where it is a share', () => {
    expect(symbolValues('B', costDefaults, 1, 8, 'log')).toEqual([1, 2, 4, 8])
    expect(symbolValues('rho', costDefaults, 0, 1, 'linear', 5)).toEqual([0, 0.25, 0.5, 0.75, 1])
  })
})

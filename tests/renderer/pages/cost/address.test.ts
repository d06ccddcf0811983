import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costDefaults, costSymbols } from '../../../../src-shared/cost/symbols.ts'
import { costStart, readCost, writeCost, type CostShown } from '../../../../src-renderer/pages/cost/address.ts'

const read = (query: string): CostShown => readCost(new URLSearchParams(query))

describe('the address of the cost page', () => {
  it('is empty at the start, and brings the start back', () => {
    expect(writeCost(costStart())).toBe('')
    expect(read('')).toEqual(costStart())
  })
  it('brings back everything that is shown', () => {
    const shown: CostShown = {
      memories: ['neural', 'hybrid'],
      view: 'asymptotic',
      quantity: 'state',
      x: 'd',
      low: 64,
      high: 2048,
      logX: false,
      logY: false,
      facet: 'M',
      sets: [
        { name: 'wide & deep', input: { ...costDefaults, d: 2048, D: 4, causal: false } },
        { name: 'B', input: { ...costDefaults, rho: 0.5, buffer: 'empty', gate: 'vector' } }
      ]
    }
    expect(read(writeCost(shown))).toEqual(shown)
  })
  it('shows no memory when none is chosen', () => expect(read('m=').memories).toEqual([]))
  it.each([
    ['x=nonsense', 'x', 'L'],
    ['v=exactly', 'view', 'exact'],
    ['from=500&to=100', 'low', 1],
    ['from=-3', 'low', 1],
    ['by=L', 'facet', undefined],
    ['x=rho&logx=1', 'logX', false]
  ])('makes good what makes no sense: %s', (query, key, value) =>
    expect(read(query)[key as keyof CostShown]).toEqual(value)
  )
  it('does not take sizes that are out of bounds', () =>
    expect(read('p=A~H:7').sets[0]).toEqual({ name: 'A', input: costDefaults }))
  it('never throws, whatever it is given', () => {
    const names = [...costSymbols.map(({ name }) => name), 'causal', '~', ',', ':', 'p', 'x', '']
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('p', 'x', 'm', 'q', 'from'), fc.string())), (pairs) => {
        const shown = readCost(new URLSearchParams(pairs.map(([k, v]) => [k, v])))
        expect(shown.sets.length).toBeGreaterThan(0)
      })
    )
    for (const a of names) for (const b of names) expect(() => read(`p=${a}~${b}:${a}`)).not.toThrow()
  })
})

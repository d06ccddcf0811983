import { describe, expect, it } from 'vitest'
import { costDefaults, checkCostInput, costSymbols } from '../../../../src-shared/cost/symbols.ts'
import { evaluate, withSymbol } from '../../../../src-shared/cost/view.ts'
import { costStart, type CostShown } from '../../../../src-renderer/pages/cost/address.ts'
import { costCsv, costFigures, costLines, facetValues } from '../../../../src-renderer/pages/cost/figures.ts'
import { sliderPosition, sliderValues } from '../../../../src-renderer/pages/cost/slider.ts'

const shown = (change: Partial<CostShown> = {}): CostShown => ({ ...costStart(), ...change })

describe('the figure', () => {
  it('draws what evaluate says, over the whole range', () => {
    const [{ series, x, y }] = costFigures(shown(), false)
    expect(series.map(({ label }) => label)).toEqual(['Attention', 'Neural memory', 'Episodic memory'])
    expect([x.scale, y.scale, y.unit]).toEqual(['log', 'log', 'FLOP'])
    const { points } = series[0]
    expect([points[0].x, points.at(-1)!.x]).toEqual([1, 1_048_576])
    for (const p of points)
      expect(p.y).toBe(evaluate('attention', 'exact', 'sequence', withSymbol(costDefaults, 'L', p.x)))
  })
  it('marks and labels the crossings', () => {
    const [{ references }] = costFigures(shown({ memories: ['attention', 'episodic'] }), false)
    expect(references).toHaveLength(1)
    expect(references![0].label).toBe('Attention = episodic memory from L = 127')
    expect(references![0].x).toBeCloseTo(127, 3)
  })
  it('tells parameter sets apart by dash, memories by colour and marker', () => {
    const sets = ['A', 'B'].map((name) => ({ name, input: costDefaults }))
    const lines = costLines(shown({ sets }), true)
    expect(lines.map(({ label }) => label)).toContain('Attention · B')
    expect(new Set(lines.map(({ style }) => JSON.stringify(style))).size).toBe(6)
  })
  it('leaves off a log axis what is zero', () => {
    const change = { memories: ['attention' as const], quantity: 'parameters' as const, view: 'asymptotic' as const }
    expect(costFigures(shown(change), false)[0].series[0].points).toEqual([])
  })
  it('repeats over a second symbol with the same ends', () => {
    const specs = costFigures(shown({ facet: 'M' }), false)
    expect(specs.map(({ title }) => title.split(':')[0])).toEqual(['M = 16', 'M = 64', 'M = 256', 'M = 1024'])
    expect(new Set(specs.map(({ y }) => JSON.stringify(y.range))).size).toBe(1)
  })
  it('has values to repeat over for every symbol, all within bounds', () => {
    for (const { name } of costSymbols)
      for (const value of facetValues(name, costDefaults))
        expect(checkCostInput(withSymbol(costDefaults, name, value)), `${name} = ${value}`).toEqual([])
  })
})

it('the CSV has every line at every value', () => {
  const rows = costCsv(shown({ memories: ['attention'], x: 'B', low: 1, high: 8, quantity: 'state' })).split('\r\n')
  expect(rows).toEqual([
    'set,memory,view,quantity,B,value,unit',
    'A,attention,exact,state,1,131072,B',
    'A,attention,exact,state,2,262144,B',
    'A,attention,exact,state,4,524288,B',
    'A,attention,exact,state,8,1048576,B',
    ''
  ])
})

describe('sliders', () => {
  it('reach both ends of every symbol and rise', () => {
    for (const { name, min, max } of costSymbols) {
      const values = sliderValues(name, costDefaults)
      expect(values[0]).toBe(min)
      expect(values.at(-1)).toBe(typeof max === 'number' ? max : costDefaults[max])
      expect(values.every((v, i) => i === 0 || v > values[i - 1])).toBe(true)
    }
  })
  it('move d and heads in powers of two, so that heads keep dividing', () => {
    expect(sliderValues('d', costDefaults).every((v) => Number.isInteger(Math.log2(v)))).toBe(true)
  })
  it('stand where the value is, or next to it', () => {
    const values = sliderValues('L', costDefaults)
    expect(values[sliderPosition(values, 128)]).toBe(128)
    expect(values[sliderPosition(values, 129)]).toBe(128)
  })
})

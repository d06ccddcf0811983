import { describe, expect, it } from 'vitest'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { choice, integer, number } from '../../../src-shared/shapes/params.ts'

const model = (id: string) => ({
  id,
  title: id,
  interfaces: ['key-value'],
  uses: { contexts: false, places: false },
  params: {
    mode: choice('Mode', 'plain', ['plain', 'sharp'], { help: '' }),
    beta: number('Beta', 1, { help: '', min: 0, max: 100 }),
    size: integer('Size', 8, { help: '', min: 1, max: 1000 })
  }
})
const catalog = {
  models: [model('a'), model('b')],
  tasks: [
    {
      id: 't',
      title: 'T',
      params: { items: integer('Items', 5, { help: '', min: 1, max: 100 }) },
      metrics: [],
      needs: { interface: 'key-value' }
    }
  ]
} as unknown as Catalog
const grid = (over: object) =>
  expandGrid(
    checkExperiment({
      format: 'engram-experiment/1',
      name: 'x',
      task: { kind: 't' },
      models: [{ kind: 'a' }, { kind: 'b' }],
      seeds: { count: 1 },
      ...over
    }),
    catalog
  )
const mode = { param: 'a.mode', values: ['plain', 'sharp'] }
const beta = { param: 'a.beta', values: [1, 2, 3], when: { param: 'a.mode', in: ['sharp'] } }

describe('a conditional axis', () => {
  it('is swept only where its condition holds', () => {
    const { grid: found } = grid({ sweep: [mode, beta] })
    expect(found!.cells.filter(({ label }) => label === 'a').map(({ point }) => point)).toEqual([
      { mode: 'plain' },
      { mode: 'sharp', beta: 1 },
      { mode: 'sharp', beta: 2 },
      { mode: 'sharp', beta: 3 }
    ])
    expect(found!.cells.filter(({ label }) => label === 'b')).toHaveLength(1)
  })
  it('looks at a parameter that is fixed, and at the task', () => {
    expect(grid({ sweep: [beta] }).grid!.cells).toHaveLength(2)
    expect(grid({ sweep: [beta], models: [{ kind: 'a', params: { mode: 'sharp' } }] }).grid!.cells).toHaveLength(3)
    const onTask = { ...beta, when: { param: 'task.items', in: [5] } }
    const items = { param: 'task.items', values: [5, 6] }
    const cells = grid({ sweep: [items, onTask], models: [{ kind: 'a' }] }).grid!.cells
    expect(cells.map(({ point }) => point)).toEqual([
      { items: 5, beta: 1 },
      { items: 5, beta: 2 },
      { items: 5, beta: 3 },
      { items: 6 }
    ])
  })
  it('is refused on a value that its parameter never has', () => {
    const bad = { ...beta, when: { param: 'a.mode', in: ['sharp', 'blunt'] } }
    expect(grid({ sweep: [mode, bad] }).errors).toMatchObject([
      { field: 'sweep.1.when', message: '"a.mode" is never "blunt", so "a.beta" would not be swept.' }
    ])
  })
  it('is refused on a parameter that nobody has', () => {
    const bad = { ...beta, when: { param: 'a.nothing', in: [1] } }
    expect(grid({ sweep: [bad] }).errors).toMatchObject([{ field: 'sweep.0.when' }])
  })
})

describe('a random search', () => {
  const range = { param: 'model.beta', from: 0.01, to: 100, steps: 2, scale: 'log' }
  const sizes = { param: 'a.size', from: 1, to: 3, steps: 3, integer: true }
  const search = (count: number, seed = 1) => ({ method: 'random', count, seed })
  it('draws its points from the ranges, the same for every model and every time', () => {
    const { cells } = grid({ sweep: [range, sizes], search: search(200) }).grid!
    const of = (label: string) => cells.filter((cell) => cell.label === label).map(({ point }) => point)
    expect(of('b').map(({ beta }) => beta)).toEqual(of('a').map(({ beta }) => beta))
    expect(new Set(of('a').map(({ size }) => size))).toEqual(new Set([1, 2, 3]))
    const logs = of('a').map(({ beta }) => Math.log10(beta as number))
    expect(Math.min(...logs)).toBeGreaterThanOrEqual(-2)
    expect(Math.max(...logs)).toBeLessThanOrEqual(2)
    // Uniform in the logarithm over four decades: the mean of 200 lies within 3.5 standard errors of 0.
    expect(Math.abs(logs.reduce((a, b) => a + b, 0) / 200)).toBeLessThan((3.5 * (4 / Math.sqrt(12))) / Math.sqrt(200))
    expect(grid({ sweep: [range, sizes], search: search(200) }).grid!.cells).toEqual(cells)
    expect(grid({ sweep: [range, sizes], search: search(200, 2) }).grid!.cells).not.toEqual(cells)
  })
  it('keeps the draws of an axis when another joins, and joins task and model', () => {
    const items = { param: 'task.items', from: 1, to: 100, steps: 2, integer: true }
    const alone = grid({ sweep: [range], search: search(10) }).grid!.cells
    const { cells } = grid({ sweep: [items, range], search: search(10) }).grid!
    expect(cells).toHaveLength(20)
    const betas = (list: typeof cells) => new Set(list.map(({ point }) => point.beta))
    expect(betas(cells)).toEqual(betas(alone))
  })
  it('counts a point that is drawn twice once', () => {
    expect(grid({ sweep: [mode], search: search(50) }).grid!.cells.filter(({ label }) => label === 'a')).toHaveLength(2)
  })
})

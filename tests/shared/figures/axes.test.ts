import { describe, expect, it } from 'vitest'
import { chooseAxes, placesOf, titleAt, titled } from '../../../src-shared/figures/axes.ts'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'

const at = (...points: Point[]): { point: Point }[] => points.map((point) => ({ point }))
const named = (axis: { name: string } | undefined): string | undefined => axis?.name

describe('the axis that is drawn', () => {
  const grid = at(
    { recall: 'noisy', items: 40, dim: 8, rate: 1 },
    { recall: 'exact', items: 5, dim: 16, rate: 1 },
    { recall: 'exact', items: 40, dim: 8, rate: 1 }
  )

  it('is the wished one, else the first of numbers, else the first', () => {
    expect(named(chooseAxes(grid).axis)).toBe('items')
    expect(named(chooseAxes(grid, { axis: 'recall' }).axis)).toBe('recall')
    expect(named(chooseAxes(grid, { axis: 'gone' }).axis)).toBe('items')
    expect(named(chooseAxes(at({ recall: 'noisy' }, { recall: 'exact' })).axis)).toBe('recall')
  })
  it('has more than one value: what was not varied cannot be drawn, even when wished', () => {
    expect(named(chooseAxes(grid, { axis: 'rate' }).axis)).toBe('items')
    expect(chooseAxes(at({ rate: 1 }))).toEqual({
      drawable: [],
      axis: undefined,
      second: undefined,
      others: [],
      at: { rate: 1 }
    })
    expect(chooseAxes([])).toMatchObject({ axis: undefined, at: {} })
  })
  it('leaves a value for every other axis, the wished one where it exists, so that no two points are pooled', () => {
    expect(chooseAxes(grid).at).toEqual({ recall: 'noisy', dim: 8, rate: 1 })
    expect(chooseAxes(grid, { at: { dim: 16, recall: 'gone', items: 5 } }).at).toEqual({
      recall: 'noisy',
      dim: 16,
      rate: 1
    })
    expect(chooseAxes(grid).others.map(named)).toEqual(['recall', 'dim'])
  })
  it('has a second one in a map, and is none where steps or trials are drawn', () => {
    const map = chooseAxes(grid, { drawn: 2 })
    expect([named(map.axis), named(map.second)]).toEqual(['items', 'recall'])
    expect(map.at).toEqual({ dim: 8, rate: 1 })
    expect(chooseAxes(grid, { drawn: 0 })).toMatchObject({
      axis: undefined,
      at: { recall: 'noisy', items: 5, dim: 8, rate: 1 }
    })
  })
  it('is drawn over all values of the others where points were drawn at random', () => {
    expect(chooseAxes(grid, { scattered: true })).toMatchObject({ others: [], at: {} })
  })
})

describe('the places of the other axes', () => {
  it('are those that occur, each once', () => {
    const results = at(
      { items: 1, dim: 8, rate: 1 },
      { items: 2, dim: 8, rate: 1 },
      { items: 1, dim: 4, rate: 1 },
      { items: 2, dim: 4, rate: 1 }
    )
    expect(placesOf(results, chooseAxes(results))).toEqual([
      { dim: 8, rate: 1 },
      { dim: 4, rate: 1 }
    ])
  })
  it('let a model without an axis of another lie at one of its values, and pool none', () => {
    const results = at({ items: 1, p: 1 }, { items: 2, p: 2 }, { items: 1, q: 7 }, { items: 2, q: 9 }, { items: 1 })
    const places = placesOf(results, chooseAxes(results))
    expect(places).toEqual([
      { p: 1, q: 7 },
      { p: 2, q: 7 },
      { p: 1, q: 9 }
    ])
  })
  it('are one without results, without other axes, and where points were drawn at random', () => {
    const random = at({ items: 1, dim: 3 }, { items: 2, dim: 5 })
    expect(placesOf([], chooseAxes([]))).toEqual([{}])
    expect(placesOf(random, chooseAxes(random, { scattered: true }))).toEqual([{}])
    expect(placesOf(at({ items: 1 }, { items: 2 }), chooseAxes(at({ items: 1 }, { items: 2 })))).toEqual([{}])
  })
})

describe('a title', () => {
  const catalog = {
    models: [{ params: { rate: { type: 'number', label: 'Learning rate' } } }],
    tasks: []
  } as unknown as Catalog

  it('says the place by the names of the parameters, without what was not varied', () => {
    const choice = chooseAxes(at({ items: 1, rate: -0.1, dim: 8 }, { items: 2, rate: 0.1 + 0.2, dim: 8 }))
    expect(titleAt('Accuracy', choice.at, choice, catalog, undefined)).toBe('Accuracy, learning rate = −0.1')
    expect(titleAt('Accuracy', { rate: 0.1 + 0.2 }, choice, catalog, undefined)).toBe('Accuracy, learning rate = 0.3')
  })
  it('says a place as it is given', () => {
    expect(titled('accuracy', { items: 20, recall: 'noisy' })).toBe('accuracy, items = 20, recall = noisy')
    expect(titled('accuracy', {})).toBe('accuracy')
  })
})

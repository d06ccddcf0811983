import { describe, expect, it } from 'vitest'
import { directionByName, readTidyCsv } from '../../../src-shared/exchange/tidy-csv.ts'

const read = (text: string, options = {}) => readTidyCsv(text, { file: 'x.csv', ...options })
const design = (columns: string, row: (model: string, seed: number, items: number) => string): string =>
  [
    columns,
    ...['a', 'b'].flatMap((model) => [5, 10].flatMap((items) => [0, 1, 2, 3].map((seed) => row(model, seed, items))))
  ].join('\n')

describe('a tidy table', () => {
  it('has its metrics and its grid told apart', () => {
    const { cells, metrics } = read(
      design(
        'model,seed,items,accuracy,loss',
        (model, seed, items) => `${model},${seed},${items},${(seed + items) / 20},1.${seed}`
      )
    )
    expect(metrics).toEqual([
      { name: 'accuracy', direction: 'higher' },
      { name: 'loss', direction: 'lower' }
    ])
    expect(cells.map(({ label, point, seeds }) => [label, point, seeds.length])).toEqual([
      ['a', { items: 5 }, 4],
      ['a', { items: 10 }, 4],
      ['b', { items: 5 }, 4],
      ['b', { items: 10 }, 4]
    ])
    expect(cells[1].metrics.accuracy).toEqual([0.5, 0.55, 0.6, 0.65])
  })
  it('takes the fewest columns for the grid: a metric of few values is none', () => {
    const { cells, metrics } = read(
      design(
        'model,seed,reached,items,accuracy',
        (model, seed, items) => `${model},${seed},${seed + items / 5 > 2 ? 1 : 0},${items},0.${seed}`
      )
    )
    expect(metrics.map(({ name }) => name)).toEqual(['reached', 'accuracy'])
    expect(cells[0].point).toEqual({ items: 5 })
  })
  it('takes text for the grid, and every column of numbers for a metric where no grid is needed', () => {
    const { cells, metrics } = read('\uFEFFmodel,seed,task,acc\r\na,1,copy,0.5\r\na,2,copy,\r\nb,1,copy,NaN\r\n\r\n')
    expect(metrics.map(({ name }) => name)).toEqual(['acc'])
    expect(cells.map(({ point, metrics: own }) => [point, own.acc])).toEqual([
      [{ task: 'copy' }, [0.5, null]],
      [{ task: 'copy' }, [null]]
    ])
  })
  it('does what it is told', () => {
    const text = 'model,seed,x,y\na,1,1,0.5\na,2,1,0.6'
    expect(read(text, { grid: ['x'] }).cells[0].point).toEqual({ x: 1 })
    expect(read(text, { metrics: ['x'] }).metrics.map(({ name }) => name)).toEqual(['x', 'y'])
  })
  it.each([
    ['seed,acc\n1,2', 'column model is missing'],
    ['model,seed,acc\na,one,2', 'Line 2, column seed: "one" is not a whole number'],
    ['model,seed,acc\n,1,2', 'column model: the cell is empty'],
    ['model,seed,acc\na,1,2\na,1,2', 'seed 1 twice'],
    ['model,seed,acc\na,1', 'Line 2: there are 2 cells under 3 names'],
    ['# of the lab\n\nmodel,seed,acc\na,x,1', 'Line 4, column seed'],
    ['model,seed,acc\r\n\r\n"a",1,0.5\r\na,2,x;y', 'No column holds a metric'],
    ['model;seed;acc\na;0;0,5', 'Line 2, column acc: "0,5" has a decimal comma'],
    ['model,seed,acc,acc\na,1,2,3', 'The column acc comes twice'],
    ['model,seed,note\na,1,x', 'No column holds a metric'],
    ['model,seed,acc', 'no row']
  ])('is refused by place: %j', (text, message) => expect(() => read(text)).toThrow(message))
  it('refuses columns that are not there, and metrics that are text', () => {
    const text = 'model,seed,acc,note\na,1,2,x'
    expect(() => read(text, { metrics: ['gone'] })).toThrow('There is no column "gone"')
    expect(() => read(text, { metrics: ['note'] })).toThrow('Line 2, column note: "x" is not a number')
  })
  it('knows from a name whether less is better', () => {
    expect(['loss', 'val_loss', 'testMse', 'elapsed_ms', 'Error', 'perplexity'].map(directionByName)).toEqual(
      new Array(6).fill('lower')
    )
    expect(['accuracy', 'score', 'terror', 'lossless', 'f1'].map(directionByName)).toEqual(new Array(5).fill('higher'))
  })
})

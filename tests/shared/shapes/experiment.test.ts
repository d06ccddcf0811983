import { describe, expect, it } from 'vitest'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { axisValues, expandGrid } from '../../../src-shared/grid/expand.ts'
import { checkExperiment, modelLabels, parseExperiment } from '../../../src-shared/shapes/experiment.ts'
import { integer, number } from '../../../src-shared/shapes/params.ts'

const model = (id: string, interfaces: Catalog['models'][number]['interfaces'] = ['key-value']) => ({
  id,
  title: id,
  family: 'f',
  interfaces,
  summary: '',
  recall: '',
  equations: [],
  symbols: [],
  source: '',
  notes: [],
  params: {
    dim: integer('Dimension', 64, { help: '', min: 1, max: 512, from: 'dim' }),
    heads: integer('Heads', 4, { help: '', min: 1, max: 64, divides: 'dim' }),
    rate: number('Rate', 0.1, { help: '', min: 0, max: 1 })
  },
  uses: { contexts: false, places: false },
  revision: 1,
  origin: 'built-in'
})

const catalog: Catalog = {
  models: [model('slots'), model('hebb'), model('block', ['sequence'])],
  tasks: [
    {
      id: 'capacity',
      title: 'Capacity',
      family: 'Recall',
      summary: '',
      protocol: [],
      diagram: [],
      source: '',
      params: {
        dim: integer('Dimension', 64, { help: '', min: 4, max: 512 }),
        items: integer('Items', 20, { help: '', min: 1, max: 1000 })
      },
      defaultSweep: {},
      metrics: [],
      mainMetric: 'accuracy',
      series: [],
      derived: [],
      needs: { interface: 'key-value' },
      revision: 1
    }
  ]
}

const file = (change: object = {}): object => ({
  format: 'engram-experiment/1',
  name: 'Test',
  task: { kind: 'capacity' },
  models: [{ kind: 'slots' }, { kind: 'hebb' }],
  ...change
})
const grid = (change: object = {}) => expandGrid(checkExperiment(file(change)), catalog)
const refusal = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof StudioError) return error.data
    throw error
  }
  throw new Error('nothing was refused')
}

describe('reading an experiment file', () => {
  it('accepts the smallest one and fills in its defaults', () => {
    expect(parseExperiment(JSON.stringify(file()))).toMatchObject({
      seeds: { first: 0, count: 10 },
      generator: 'philox',
      backend: 'auto',
      sweep: []
    })
  })
  it('names the file when it is not JSON', () => {
    expect(refusal(() => parseExperiment('{', 'a.json'))).toMatchObject({ code: 'bad-file', file: 'a.json' })
  })
  it('names the field that breaks the schema', () => {
    expect(refusal(() => parseExperiment(JSON.stringify(file({ seeds: { count: 0 } })))).field).toMatch(/^seeds/)
    expect(refusal(() => parseExperiment(JSON.stringify(file({ models: [] })))).field).toBe('models')
    expect(refusal(() => parseExperiment(JSON.stringify(file({ surprise: 1 })))).message).toMatch(/surprise/)
  })
  it('refuses keys that reach for the prototype, at any depth', () => {
    const text =
      '{"format":"engram-experiment/1","name":"x","task":{"kind":"capacity","params":{"__proto__":{"a":1}}},"models":[{"kind":"slots"}]}'
    expect(refusal(() => parseExperiment(text))).toMatchObject({ code: 'bad-input', field: 'task.params.__proto__' })
    expect(({} as Record<string, unknown>).a).toBeUndefined()
  })
  it('refuses a file that is too large before parsing it', () => {
    expect(refusal(() => parseExperiment(' '.repeat(5_000_000))).code).toBe('too-large')
  })
})

describe('axis values', () => {
  it('a log range has equal ratios and both ends', () => {
    expect(axisValues({ param: 'x', from: 1, to: 1000, steps: 4, scale: 'log', integer: false })).toEqual([
      1, 10, 100, 1000
    ])
  })
  it('whole-number ranges drop repeats', () => {
    expect(axisValues({ param: 'x', from: 1, to: 3, steps: 9, scale: 'linear', integer: true })).toEqual([1, 2, 3])
  })
})

describe('the grid', () => {
  it('is models times points times seeds, and sizes come from the task', () => {
    const { grid: result, errors } = grid({
      task: { kind: 'capacity', params: { dim: 32 } },
      sweep: [
        { param: 'task.items', values: [5, 10] },
        { param: 'slots.rate', values: [0.1, 0.2, 0.3] }
      ],
      seeds: { count: 4 }
    })
    expect(errors).toEqual([])
    expect(result?.trials).toBe((2 * 3 + 2) * 4)
    expect(result?.cells.filter((c) => c.label === 'hebb').map((c) => c.point)).toEqual([{ items: 5 }, { items: 10 }])
    expect(result?.cells[0].params).toEqual({ dim: 32, heads: 4, rate: 0.1 })
  })
  it('model.NAME sweeps every model that has it', () => {
    expect(grid({ sweep: [{ param: 'model.rate', values: [0.1, 0.2] }] }).grid?.cells).toHaveLength(4)
  })
  it('refuses, each with its field', () => {
    const fields = (change: object): (string | undefined)[] => grid(change).errors.map((e) => e.field)
    expect(fields({ task: { kind: 'nothing' } })).toEqual(['task.kind'])
    expect(fields({ models: [{ kind: 'slots' }, { kind: 'gone' }] })).toEqual(['models.1.kind'])
    expect(fields({ models: [{ kind: 'block' }] })).toEqual(['models.0.kind'])
    expect(fields({ models: [{ kind: 'slots', params: { rate: 2 } }] })).toEqual(['models.0.params.rate'])
    expect(fields({ models: [{ kind: 'slots', params: { ratio: 2 } }] })).toEqual(['models.0.params.ratio'])
    expect(fields({ models: [{ kind: 'slots', params: { heads: 3 } }] })).toEqual(['models.0.params.heads'])
    expect(fields({ models: [{ kind: 'slots', params: { dim: 3 } }] })).toEqual(['models.0.params.dim'])
    expect(fields({ sweep: [{ param: 'task.gone', values: [1] }] })).toEqual(['sweep.0.param'])
    expect(fields({ sweep: [{ param: 'items', values: [1] }] })).toContain('sweep.0.param')
    expect(fields({ sweep: [{ param: 'task.items', values: [0] }] })).toEqual(['sweep.0.values'])
    expect(
      fields({
        sweep: [
          { param: 'model.rate', values: [0.1] },
          { param: 'slots.rate', values: [0.2] }
        ]
      })
    ).toEqual(['sweep.1.param'])
  })
  it('refuses a thousand million trials without writing them out', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i + 1)
    const { errors } = grid({
      sweep: [
        { param: 'task.items', values },
        { param: 'model.rate', values: values.map((v) => v / 1000) }
      ],
      seeds: { count: 1000 }
    })
    expect(errors[0].message).toMatch(/2,000,000,000 trials/)
  })
  it('keeps labels apart', () => {
    expect(modelLabels([{ kind: 'a' }, { kind: 'a' }, { kind: 'b', label: 'a' }])).toEqual(['a', 'a #2', 'a #3'])
  })
})

import { describe, expect, it } from 'vitest'
import { openingErrors } from '../../../src-shared/grid/opening.ts'
import capacity from '../../../src-main/tasks/capacity.ts'
import copy from '../../../src-main/tasks/copy.ts'
import adaptation from '../../../src-main/tasks/adaptation.ts'

describe('the figure that an experiment opens with', () => {
  it('is one that its task has', () => {
    expect(openingErrors({}, capacity)).toEqual([])
    expect(openingErrors({ metric: 'cosine', axis: 'items' }, capacity)).toEqual([])
    expect(openingErrors({ series: 'mse' }, adaptation)).toEqual([])
  })
  it('may be a metric against the bytes of state, where the task measures them', () => {
    expect(openingErrors({ against: 'stateBytes' }, copy)).toEqual([])
    expect(openingErrors({ against: 'stateBytes' }, capacity)).toMatchObject([
      { field: 'opens.against', message: 'Capacity has no metric "stateBytes"; it has accuracy, cosine, mse.' }
    ])
  })
  it('is refused by name where the task has none such', () => {
    expect(openingErrors({ metric: 'speed' }, capacity)).toMatchObject([
      {
        code: 'bad-input',
        field: 'opens.metric',
        message: 'Capacity has no metric "speed"; it has accuracy, cosine, mse.'
      }
    ])
    expect(openingErrors({ series: 'mse' }, { ...capacity, series: [] })).toMatchObject([
      { field: 'opens.series', message: 'Capacity has no series "mse"; it has none.' }
    ])
  })
})

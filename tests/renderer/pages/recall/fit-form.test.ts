import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../../../../src-shared/shapes/catalog.ts'
import { fitRequestSchema } from '../../../../src-shared/recall/fit-request.ts'
import cmr from '../../../../src-main/models/cmr.ts'
import {
  likelihoodRequest,
  likelihoodRows,
  modelRows,
  rowProblem,
  statisticsRequest
} from '../../../../src-renderer/pages/recall/fit-form.ts'

const model = { ...cmr, origin: 'built-in' } as unknown as ModelInfo
const search = { starts: 2, seed: 1 }

describe('the form of a fit', () => {
  it('asks for what the contract takes, every parameter fitted or held', () => {
    const request = likelihoodRequest('set', likelihoodRows(), search)
    expect(fitRequestSchema.parse(request)).toEqual(request)
    expect(Object.keys(request.fixed)).toHaveLength(12)
    expect(request.free.map(({ name }) => name)).not.toContain('D')
  })
  it('says which free parameters each condition has for itself, and how the maximum is searched', () => {
    const rows = likelihoodRows().map((row) => ({ ...row, byCondition: ['X1', 'Lcf'].includes(row.name) }))
    const request = likelihoodRequest('set', rows, { ...search, method: 'evolution' })
    expect(fitRequestSchema.parse(request)).toEqual(request)
    // Lcf is held, so that no condition can have its own.
    expect(request).toMatchObject({ byCondition: ['X1'], method: 'evolution' })
    expect(likelihoodRequest('set', likelihoodRows(), search)).not.toHaveProperty('byCondition')
  })
  it('fits the drifts of a model within its bounds, and hands over only held values that were changed', () => {
    const rows = modelRows(model).map((row) => (row.name === 'gammaFC' ? { ...row, value: 0.5 } : row))
    const request = statisticsRequest('set', model, rows, search)
    expect(fitRequestSchema.parse(request)).toEqual(request)
    expect(request.params).toEqual({ gammaFC: 0.5 })
    expect(request.free.map(({ name }) => name)).toEqual(['betaEncodingTemporal', 'betaRecallTemporal', 'phiS'])
    for (const { name, min, max } of request.free) {
      const param = model.params[name]
      if (param.type !== 'number') throw new Error(name)
      expect(min).toBeGreaterThanOrEqual(param.min)
      expect(max).toBeLessThanOrEqual(param.max)
    }
  })
  it('says what is wrong with a row', () => {
    const [row] = likelihoodRows()
    expect(rowProblem(row)).toBeUndefined()
    expect(rowProblem({ ...row, min: 1, max: 0 })).toMatch('below')
    expect(rowProblem({ ...row, free: false, value: NaN })).toMatch('value')
  })
})

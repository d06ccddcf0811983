import { describe, expect, it } from 'vitest'
import { compareFits, weights } from '../../../src-shared/recall/compare-fits.ts'
import { fitExperiment } from '../../../src-shared/recall/fit-experiment.ts'
import type { Fit } from '../../../src-shared/recall/fit-request.ts'
import { startParams } from '../../../src-shared/recall/fit.ts'

const fit = (id: string, subjects: { subject: string; aic: number; bic: number; heldOut?: number }[]): Fit => ({
  id,
  dataset: 'd',
  created: '2026-01-01T00:00:00.000Z',
  status: 'done',
  request: {
    kind: 'likelihood',
    dataset: 'd',
    free: [{ name: 'T', min: 0, max: 1 }],
    fixed: startParams,
    starts: 1,
    seed: 1
  },
  done: 1,
  total: 1,
  error: null,
  subjects: subjects.map((own) => ({
    params: { ...startParams, T: own.aic / 100 },
    logLikelihood: -own.aic / 2,
    points: 10,
    evaluations: 1,
    converged: true,
    ...own
  })),
  surface: [],
  starts: [],
  profiles: []
})

describe('weights of models', () => {
  it('are exp(-1), 1, exp(-2), exp(-2) and exp(-6) by their sum for AICs 204, 202, 206, 206, 214', () => {
    const found = weights([204, 202, 206, 206, 214]).map((w) => Number(w.toFixed(3)))
    expect(found).toEqual([0.224, 0.609, 0.082, 0.082, 0.002])
  })
  it('are equal for equal models, and finite however far these lie apart', () => {
    expect(weights([5, 5])).toEqual([0.5, 0.5])
    expect(weights([0, 1e6])).toEqual([1, 0])
  })
})

describe('fits that are compared', () => {
  const a = fit('a', [
    { subject: '1', aic: 10, bic: 12, heldOut: -9 },
    { subject: '2', aic: 30, bic: 31, heldOut: -20 },
    { subject: 'only here', aic: 1, bic: 1 }
  ])
  const b = fit('b', [
    { subject: '1', aic: 12, bic: 10 },
    { subject: '2', aic: 20, bic: 30 }
  ])
  it('are so over the subjects that both have', () => {
    const found = compareFits([a, b])!
    expect(found.subjects).toEqual(['1', '2'])
    expect(found.fits.map(({ aic }) => aic)).toEqual([40, 32])
    expect(found.fits.map(({ best }) => best)).toEqual([0, 2])
    expect(found.fits.map(({ heldOut }) => heldOut)).toEqual([-29, undefined])
    const first = 1 / (1 + Math.exp(-1))
    expect(found.weights.aic[0][0]).toBeCloseTo(first, 12)
    expect(found.fits[0].weight.aic).toBeCloseTo((first + Math.exp(-5) / (1 + Math.exp(-5))) / 2, 12)
  })
  it('are two or more finished ones of lists of one length', () => {
    expect(compareFits([a])).toBeUndefined()
    expect(compareFits([a, { ...b, status: 'cancelled' }])).toBeUndefined()
    expect(compareFits([a, { ...b, request: { ...b.request, length: 5 } as Fit['request'] }])).toBeUndefined()
  })
})

describe('a fit as an experiment', () => {
  it('runs its model with the means of its parameters on lists of its length', () => {
    const experiment = fitExperiment(
      fit('a', [
        { subject: '1', aic: 10, bic: 1 },
        { subject: '2', aic: 30, bic: 1 }
      ]),
      12,
      'Peers'
    )!
    expect(experiment.task).toEqual({ kind: 'free-recall', params: { items: 12, words: 'unrelated' } })
    expect(experiment.models).toEqual([{ kind: 'cmr-luce', label: 'CMR, fitted', params: { ...startParams, T: 0.2 } }])
  })
  it('is none without a result', () => expect(fitExperiment(fit('a', []), 12, 'Peers')).toBeUndefined())
})

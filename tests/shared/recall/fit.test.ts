import { describe, expect, it } from 'vitest'
import { criteria, fitSubject, simulateSubject, startParams, type Free } from '../../../src-shared/recall/fit.ts'
import { logLikelihood, type LikelihoodName } from '../../../src-shared/recall/likelihood.ts'

const truth = { ...startParams, B_enc: 0.75, B_rec: 0.5, T: 0.25 }
const lists = Array.from({ length: 200 }, () => ({ items: 8, recalls: [] }))
const subject = simulateSubject({ subject: 's', lists }, 600, truth, 4)
const free: Free<LikelihoodName>[] = [
  { name: 'B_enc', min: 0.05, max: 0.99 },
  { name: 'B_rec', min: 0.05, max: 0.99 },
  { name: 'T', min: 0.02, max: 2 }
]

describe('maximum likelihood', () => {
  const fit = fitSubject(subject, 600, { free, fixed: startParams, starts: 2, seed: 1 })
  it('recovers the parameters that made the data', () => {
    expect(fit.params.B_enc).toBeCloseTo(truth.B_enc, 1)
    expect(fit.params.B_rec).toBeCloseTo(truth.B_rec, 1)
    expect(fit.params.T).toBeCloseTo(truth.T, 1)
  })
  it('is at least as likely as the truth and leaves what is fixed', () => {
    expect(fit.logLikelihood).toBeGreaterThanOrEqual(logLikelihood(subject.lists, 600, truth).logLikelihood)
    expect(fit.params.P1).toBe(startParams.P1)
  })
  it('gives AIC and BIC by their definitions', () => {
    expect(fit.aic).toBeCloseTo(6 - 2 * fit.logLikelihood, 9)
    expect(fit.bic).toBeCloseTo(3 * Math.log(fit.points) - 2 * fit.logLikelihood, 9)
    expect(criteria(-10, 2, 100).aic).toBe(24)
  })
  it('gives the same fit for the same seed', () => {
    expect(fitSubject(subject, 600, { free, fixed: startParams, starts: 2, seed: 1 })).toEqual(fit)
  })
})

describe('simulated subjects', () => {
  it('have as many lists as the ones they stand for, and repeat nothing', () => {
    expect(subject.lists).toHaveLength(200)
    for (const { recalls } of subject.lists) expect(new Set(recalls).size).toBe(recalls.length)
  })
})

import { describe, expect, it } from 'vitest'
import { readRecall } from '../../../src-shared/recall/data.ts'
import { criteria, fitSubject, simulatedExample, simulateSubject, startParams } from '../../../src-shared/recall/fit.ts'
import type { Free } from '../../../src-shared/recall/objective.ts'
import { groupStatistics, subjectStatistics } from '../../../src-shared/recall/statistics.ts'
import { likelihoodRatio } from '../../../src-shared/recall/compare-fits.ts'
import { normalCdf } from '../../../src-shared/statistics/special.ts'
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

describe('lists that are held out', () => {
  const few = { ...subject, lists: subject.lists.slice(0, 12) }
  const settings = { free: free.slice(2), fixed: startParams, starts: 1, seed: 1 }
  it('are each predicted with parameters that were fitted without it', () => {
    const { heldOut, ...whole } = fitSubject(few, 600, { ...settings, folds: 3 })
    expect(whole).toEqual(fitSubject(few, 600, settings))
    const by = [0, 1, 2].map((fold) => {
      const own = few.lists.filter((_, i) => i % 3 !== fold)
      const { params } = fitSubject({ ...few, lists: own }, 600, settings)
      return logLikelihood(
        few.lists.filter((_, i) => i % 3 === fold),
        600,
        params
      ).logLikelihood
    })
    expect(heldOut).toBeCloseTo(by[0] + by[1] + by[2], 9)
    expect(heldOut!).toBeLessThan(whole.logLikelihood)
  })
  it('are none without folds, and one list can not be held out', () => {
    expect(fitSubject(few, 600, settings)).not.toHaveProperty('heldOut')
    expect(fitSubject({ ...few, lists: few.lists.slice(0, 1) }, 600, { ...settings, folds: 5 })).not.toHaveProperty(
      'heldOut'
    )
  })
})

describe('the simulated example', () => {
  it('is data of 12 subjects with 12 lists of 12 words that show what people show, the same each time', () => {
    const lists = readRecall(simulatedExample(), 'example.csv')
    expect(lists).toHaveLength(144)
    expect(new Set(lists.map(({ items }) => items.length))).toEqual(new Set([12]))
    const { spc, lagCrp, recalled } = groupStatistics(subjectStatistics(lists, { among: lists }))
    expect(recalled!.mean).toBeGreaterThan(4)
    expect(spc[0]!.mean).toBeGreaterThan(spc[6]!.mean)
    expect(spc[11]!.mean).toBeGreaterThan(spc[6]!.mean)
    expect(lagCrp[12]!.mean).toBeGreaterThan(lagCrp[10]!.mean)
    expect(simulatedExample()).toBe(simulatedExample())
  })
})

describe('simulated subjects', () => {
  it('have as many lists as the ones they stand for, and repeat nothing', () => {
    expect(subject.lists).toHaveLength(200)
    for (const { recalls } of subject.lists) expect(new Set(recalls).size).toBe(recalls.length)
  })
})

describe('a fit by condition', () => {
  /** Stopping as a coin: its likelihood is a binomial's, whatever the other parameters are. */
  const of = (condition: string, ...orders: number[][]) => orders.map((recalls) => ({ items: 5, recalls, condition }))
  const both = [...of('immediate', [4, 3, 0], [4], [0, 1, 2]), ...of('delayed', [0], [], [1], [0, 2])]
  const shared = {
    free: [{ name: 'X1' as const, min: 0.001, max: 0.999 }],
    fixed: { ...startParams, X2: 0 },
    starts: 1,
    seed: 1
  }
  const apart = { ...shared, byCondition: ['X1' as const] }

  it('gives each condition its own value: the share of the chances to stop that were taken', () => {
    const { conditions, params, logLikelihood: sum } = fitSubject({ subject: 's', lists: both }, 60, apart)
    expect(conditions!.map(({ condition }) => condition)).toEqual(['immediate', 'delayed'])
    expect(conditions![0].params.X1).toBeCloseTo(3 / 10, 3)
    expect(conditions![1].params.X1).toBeCloseTo(4 / 8, 3)
    expect(params.X1).toBeCloseTo((3 / 10 + 4 / 8) / 2, 3)
    expect(conditions!.reduce((s, own) => s + own.logLikelihood, 0)).toBeCloseTo(sum, 9)
    expect(conditions!.map(({ points }) => points)).toEqual([10, 8])
  })
  it('is tested against the shared fit by the binomials’ likelihood ratio with one degree of freedom', () => {
    const [outer, inner] = [apart, shared].map((settings) => fitSubject({ subject: 's', lists: both }, 60, settings))
    const binomial = (k: number, n: number, p: number) => k * Math.log(p) + (n - k) * Math.log(1 - p)
    const expected = 2 * (binomial(3, 10, 0.3) + binomial(4, 8, 0.5) - binomial(3, 10, 7 / 18) - binomial(4, 8, 7 / 18))
    const { statistic, df, p } = likelihoodRatio([outer], [inner])
    expect(df).toBe(1)
    expect(statistic).toBeCloseTo(expected, 4)
    // Tail of chi² with one degree: twice that of the normal beyond its root.
    expect(p).toBeCloseTo(2 * (1 - normalCdf(Math.sqrt(expected))), 4)
    expect(outer.aic - inner.aic).toBeCloseTo(2 - expected, 4)
  })
  it('holds lists of every condition out, and predicts an unseen condition by the means of the others', () => {
    const seen = fitSubject({ subject: 's', lists: both }, 60, { ...apart, folds: 2 })
    expect(seen.heldOut!).toBeLessThan(seen.logLikelihood)
    const one = [...of('immediate', [4, 3], [4]), ...of('delayed', [0])]
    const found = fitSubject({ subject: 's', lists: one }, 60, { ...apart, folds: 3 })
    expect(Number.isFinite(found.heldOut)).toBe(true)
  })
  it('is simulated with the parameters of each condition', () => {
    const many = Array.from({ length: 400 }, () => both).flat()
    const fit = fitSubject({ subject: 's', lists: both }, 60, apart)
    const { lists: drawn } = simulateSubject({ subject: 's', lists: many }, 60, fit, 3)
    const empty = (condition: string): number => {
      const own = drawn.filter((list) => list.condition === condition)
      return own.filter(({ recalls }) => recalls.length === 0).length / own.length
    }
    expect(empty('immediate')).toBeCloseTo(0.3, 1)
    expect(empty('delayed')).toBeCloseTo(0.5, 1)
  })
})

describe('differential evolution', () => {
  it('ends where the simplex does, and says how often it looked', () => {
    const few = { ...subject, lists: subject.lists.slice(0, 40) }
    const by = (method: 'simplex' | 'evolution') =>
      fitSubject(few, 600, { free, fixed: startParams, starts: 1, seed: 2, method })
    const [simplex, evolution] = [by('simplex'), by('evolution')]
    expect(evolution.logLikelihood).toBeCloseTo(simplex.logLikelihood, 3)
    expect(evolution.evaluations).toBeGreaterThan(60)
    expect(by('evolution')).toEqual(evolution)
  })
})

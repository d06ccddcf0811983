/** The catalog's model is the one of the likelihood: its choices have the probabilities that the likelihood gives them. */
import { describe, expect, it } from 'vitest'
import cmrLuce from '../../../../src-main/models/cmr-luce.ts'
import { luce } from '../../../../src-main/models/parts/recall/decision.ts'
import { startParams } from '../../../../src-shared/recall/fit.ts'
import { Recall, sequenceLogLikelihood } from '../../../../src-shared/recall/likelihood.ts'

const p = { ...startParams, A: 0.1, P1: 3, B_start: 0.4 }
const n = 6
const items = Array.from({ length: n }, (_, i) => i)
const studied = () => {
  const one = cmrLuce.simulate!(p, { pool: n, distractors: 0, sources: 0 })
  one.study(items)
  return one
}

describe('CMR with Luce’s rule', () => {
  it('chooses with the probabilities of the likelihood, recall after recall', () => {
    const [one, other] = [studied(), new Recall(n, n, p)]
    const recalled: number[] = []
    for (const next of [5, 0, 1, 4]) {
      const own = luce(one.activation(), p.T, (item) => recalled.includes(item))
      const known = other.choice()
      for (const item of items) expect(own[item]).toBeCloseTo(known[item], 12)
      one.recalled(next)
      other.recalled(next)
      recalled.push(next)
    }
  })
  it('gives a sequence the likelihood that a fit sees', () => {
    const one = studied()
    const recalls = [5, 0, 1]
    let sum = 0
    for (const [k, item] of recalls.entries()) {
      const stop = p.X1 * Math.exp(p.X2 * k)
      sum +=
        Math.log(1 - stop) + Math.log(luce(one.activation(), p.T, (other) => recalls.slice(0, k).includes(other))[item])
      one.recalled(item)
    }
    sum += Math.log(p.X1 * Math.exp(p.X2 * recalls.length))
    expect(sum).toBeCloseTo(sequenceLogLikelihood(recalls, n, n, p), 10)
  })
  it('keeps context at unit length under drift, loses it to distractors, and begins anew with each list', () => {
    const one = studied()
    const norm = (): number => Math.hypot(...one.state().temporal.data)
    expect(norm()).toBeCloseTo(1, 12)
    const before = Array.from(studied().activation())
    one.distract(0.6)
    expect(norm()).toBeCloseTo(0.8, 12)
    one.reset()
    one.study(items)
    expect(Array.from(one.activation())).toEqual(before)
  })
})

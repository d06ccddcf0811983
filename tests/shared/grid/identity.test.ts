import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import { canonical, contentHash, trialIdentity } from '../../../src-shared/grid/identity.ts'

const task = { id: 'capacity', revision: 1 }
const cell = { model: 'slots', params: { dim: 64, rate: 0.1 }, taskParams: { dim: 64, items: 20 } }

describe('identity', () => {
  it('canonical JSON does not depend on the order of keys and its hash is SHA-256', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse())
        expect(canonical(turned)).toBe(canonical(object))
        expect(contentHash(object)).toBe(createHash('sha256').update(canonical(object)).digest('hex'))
      })
    )
  })
  it('pairs trials of two models by seed: the same data key, other model keys', () => {
    const [a, b] = ['slots', 'hebb'].map((model) => trialIdentity(task, { ...cell, model }, 1, 7, 'philox'))
    expect(a.dataKey).toBe(b.dataKey)
    expect(a.modelKey).not.toBe(b.modelKey)
    expect(a.hash).not.toBe(b.hash)
  })
  it('changes with the seed, the generator, the weights and the revision', () => {
    const of = (revision: number, seed: number, generator: Experiment['generator'], weights?: string): string =>
      trialIdentity(task, cell, revision, seed, generator, weights).hash
    const all = [of(1, 7, 'philox'), of(2, 7, 'philox'), of(1, 8, 'philox'), of(1, 7, 'torch'), of(1, 7, 'philox', 'w')]
    expect(new Set(all).size).toBe(5)
  })
})

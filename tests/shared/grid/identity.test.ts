import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import { choice, type Params, type ParamValues } from '../../../src-shared/shapes/params.ts'
import { canonical, contentHash, trialIdentity } from '../../../src-shared/grid/identity.ts'

const task = { id: 'capacity', revision: 1, params: {} }
const known = (): { params: Params; revision: number } => ({ params: {}, revision: 1 })
const cell = { model: 'slots', params: { dim: 64, rate: 0.1 }, taskParams: { dim: 64, items: 20 } }
const reference = { label: 'Inner', help: '' }
const model = { ...reference, type: 'model', default: { kind: 'block', params: {} } } as const
const models = { ...reference, type: 'models', default: [], min: 0, max: 4 } satisfies Params[string]

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
    const [a, b] = ['slots', 'hebb'].map((kind) => trialIdentity(task, { ...cell, model: kind }, known, 7, 'philox'))
    expect(a.dataKey).toBe(b.dataKey)
    expect(a.modelKey).not.toBe(b.modelKey)
    expect(a.hash).not.toBe(b.hash)
  })
  it('changes with the seed, the generator, the weights and the revision', () => {
    const of = (revision: number, seed: number, generator: Experiment['generator'], weights?: string): string =>
      trialIdentity(task, cell, () => ({ params: {}, revision }), seed, generator, weights).hash
    const all = [of(1, 7, 'philox'), of(2, 7, 'philox'), of(1, 8, 'philox'), of(1, 7, 'torch'), of(1, 7, 'philox', 'w')]
    expect(new Set(all).size).toBe(5)
  })
  it('leaves out what was added later, at its default, in the model, in models inside it and in the task', () => {
    const added = { bank: choice('Bank', 'own', ['own', 'shared'], { help: '', later: true }) }
    const hashOf = (params: ParamValues, taskParams: ParamValues = {}): string =>
      trialIdentity(
        { ...task, params: added },
        { model: 'outer', params, taskParams },
        (kind) => ({ revision: 1, params: kind === 'outer' ? { ...added, inner: model, list: models } : added }),
        7,
        'philox'
      ).hash
    const holding = (params: ParamValues): ParamValues => ({
      inner: { kind: 'block', params },
      list: [{ kind: 'block', params }]
    })
    const before = hashOf(holding({}))
    expect(hashOf({ bank: 'own', ...holding({ bank: 'own' }) }, { bank: 'own' })).toBe(before)
    const others = [
      hashOf({ bank: 'shared', ...holding({}) }),
      hashOf(holding({ bank: 'shared' })),
      hashOf(holding({}), { bank: 'shared' })
    ]
    expect(new Set([before, ...others]).size).toBe(4)
  })
})

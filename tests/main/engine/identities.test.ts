/** The identity of trials that people have stored: a model that gains a parameter must leave it as it was. */
import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import type { Cell } from '../../../src-shared/grid/cell.ts'
import { parseExperiment } from '../../../src-shared/shapes/experiment.ts'
import { trialIdentity } from '../../../src-shared/grid/identity.ts'
import { stackOf } from '../../../src-main/engine/worker/training/language-model.ts'
import type { ModelRef } from '../../../src-shared/shapes/params.ts'
import { registry } from '../../support/drive-memory.ts'

type Given = Record<string, unknown>

function cellOf(kind: string, params: Given): { cell: Cell; hash: string } {
  const experiment = parseExperiment(
    JSON.stringify({ format: 'engram-experiment/1', name: 'x', task: { kind: 'copy' }, models: [{ kind, params }] })
  )
  const { grid, errors } = expandGrid(experiment, registry.catalog())
  expect(errors).toEqual([])
  const [cell] = grid!.cells
  const { hash } = trialIdentity(grid!.task, cell, (id) => registry.model(id), 3, 'philox')
  return { cell, hash: hash.slice(0, 16) }
}

/** Taken from the studio before its episodic blocks could share a bank: task copy with its defaults, seed 3. */
const stored: [string, Given, string][] = [
  ['episodic-cmr', {}, 'eb16bf144acdb40f'],
  ['parallel-attention-cmr', {}, '4874e2122706f78b'],
  ['series-attention-cmr', {}, '1768c3a67e59f816'],
  ['hybrid', {}, 'bddc99cf0b3bc8a1'],
  [
    'transformer',
    {
      blocks: [
        { kind: 'hybrid', params: { heads: 2 } },
        { kind: 'episodic-cmr', params: { heads: 1 } }
      ]
    },
    'c49f5902b9c2cec3'
  ]
]

describe('the bank of an episodic block, which came later', () => {
  it.each(stored)('leaves the stored trials of %s theirs', (kind, params, hash) => {
    expect(cellOf(kind, params).hash).toBe(hash)
  })

  it('is filled in, is the same trial where its default is written out, and another where it is shared', () => {
    const [, , hash] = stored[0]
    expect(cellOf('episodic-cmr', {}).cell.params.bank).toBe('own')
    expect(cellOf('episodic-cmr', { bank: 'own' }).hash).toBe(hash)
    expect(cellOf('episodic-cmr', { bank: 'shared' }).hash).not.toBe(hash)
    expect(cellOf('episodic-cmr', { bank: 'shared' }).cell.params.bank).toBe('shared')
  })

  it('is there for the model that is made of a cell stored without it, also inside another', () => {
    const asked: unknown[] = []
    registry.addModel(
      {
        ...registry.model('episodic-cmr'),
        id: 'overheard',
        create(params, setup) {
          asked.push(params.bank)
          return registry.model('episodic-cmr').create(params, setup)
        }
      },
      'test'
    )
    const params = registry.fill('transformer', { dim: 8, blocks: [{ kind: 'overheard', params: { heads: 2 } }] })
    const [one] = params.blocks as ModelRef[]
    expect(one.params.bank).toBe('own')
    // As it was stored.
    delete one.params.bank
    registry.build('transformer', params, 1, (_, shape) => tf.zeros([1, ...shape])).dispose()
    expect(asked).toEqual(['own', 'own'])
  })
})

describe('the convolution of a block, which came later and is its default', () => {
  const overheard = (): { asked: unknown[]; id: string } => {
    const asked: unknown[] = []
    const id = 'overheard-convolution'
    registry.addModel(
      {
        ...registry.model('gated-delta-rule'),
        id,
        create(params, setup) {
          asked.push(params.convolution)
          return registry.model('gated-delta-rule').create(params, setup)
        }
      },
      'test'
    )
    return { asked, id }
  }
  const weight = (_: string, shape: readonly number[]): tf.Tensor => tf.zeros([1, ...shape])

  it('is said by every trial that is planned, with it or without', () => {
    expect(cellOf('gated-delta-rule', {}).cell.params.convolution).toBe('short')
    expect(cellOf('gated-delta-rule', { convolution: 'none' }).cell.params.convolution).toBe('none')
    expect(cellOf('mamba-2', {}).hash).not.toBe(cellOf('mamba-2', { convolution: 'none' }).hash)
  })

  it('is none for a trial that was stored without it, alone, inside another, and in the stack that trains it', () => {
    const { asked, id } = overheard()
    const stored = { dim: 8, heads: 2 }
    registry.build(id, stored, 1, weight).dispose()
    const stack = { dim: 8, layers: 1, expansion: 0, shift: 'learned', blocks: [{ kind: id, params: stored }] }
    registry.build('transformer', stack, 1, weight).dispose()
    const plan = { dim: 8, layers: 1, expansion: 0 }
    registry.build('transformer', stackOf(registry, { model: id, params: stored }, plan), 1, weight).dispose()
    expect(asked).toEqual(['none', 'none', 'none'])
  })

  it('takes the place of the token shift of the stack', () => {
    const names = (params: Given): string[] => {
      const asked: string[] = []
      const filled = registry.fill('transformer', { dim: 8, layers: 2, ...params })
      registry
        .build('transformer', filled, 1, (name, shape) => {
          asked.push(name)
          return tf.zeros([1, ...shape])
        })
        .dispose()
      return asked.filter((name) => name.endsWith('.mix'))
    }
    const blocks = ['gated-delta-rule', 'linear-attention'].map((kind) => ({ kind, params: { heads: 2 } }))
    expect(names({ blocks })).toEqual(['layers.1.mix'])
    expect(names({ blocks, shift: 'always' })).toEqual(['layers.0.mix', 'layers.1.mix'])
    expect(names({ blocks, shift: 'none' })).toEqual([])
  })

  it('has no part in the identity of a trial without it', () => {
    const { cell } = cellOf('gated-delta-rule', { convolution: 'none' })
    const { convolution, ...before } = cell.params
    expect(convolution).toBe('none')
    const { hash } = trialIdentity(
      registry.task('copy'),
      { ...cell, params: before },
      (id) => registry.model(id),
      3,
      'philox'
    )
    expect(hash.slice(0, 16)).toBe(cellOf('gated-delta-rule', { convolution: 'none' }).hash)
    // A stored trial of this revision, from before it had one.
    expect(cellOf('titans', {}).hash).toBe('64f0f79de8aba2b3')
    expect(cellOf('titans', { convolution: 'none' }).hash).toBe('64f0f79de8aba2b3')
    expect(cellOf('titans', { convolution: 'short' }).hash).not.toBe('64f0f79de8aba2b3')
  })
})

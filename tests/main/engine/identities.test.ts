/** The identity of trials that people have stored: a model that gains a parameter must leave it as it was. */
import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import type { Cell } from '../../../src-shared/grid/cell.ts'
import { parseExperiment } from '../../../src-shared/shapes/experiment.ts'
import { trialIdentity } from '../../../src-shared/grid/identity.ts'
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

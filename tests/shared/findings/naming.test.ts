import { describe, expect, it } from 'vitest'
import { labelsOf } from '../../../src-shared/findings/naming.ts'

describe('naming models of several runs', () => {
  const runs = [
    { id: '01AAAA', name: 'First', labels: ['hopfield', 'rag'] },
    { id: '01BBBB', name: 'Second', labels: ['hopfield'] },
    { id: '01CCCC', name: 'Second', labels: ['hopfield'] }
  ]

  it('leaves a model that only one run has alone', () => {
    expect(labelsOf(runs)({ runId: '01AAAA', label: 'rag' })).toBe('rag')
    expect(labelsOf(runs.slice(0, 1))({ runId: '01AAAA', label: 'hopfield' })).toBe('hopfield')
  })

  it('tells equal models apart by run, and equal runs by id', () => {
    const labels = runs.map(({ id }) => labelsOf(runs)({ runId: id, label: 'hopfield' }))
    expect(labels).toEqual(['hopfield · First', 'hopfield · Second (BBBB)', 'hopfield · Second (CCCC)'])
  })
})

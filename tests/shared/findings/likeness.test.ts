import { expect, it } from 'vitest'
import { likenessOf, unlikeParams, unlikeText } from '../../../src-shared/findings/likeness.ts'
import type { TaskInfo } from '../../../src-shared/shapes/catalog.ts'
import type { Run } from '../../../src-shared/shapes/run.ts'

const run = (id: string, params: object): Run =>
  ({ id, name: id, experiment: { task: { kind: 'capacity', params } } }) as unknown as Run
const task = {
  params: {
    noise: { type: 'number', label: 'Cue noise', default: 0 },
    items: { type: 'int', label: 'Items', default: 5 }
  }
} as unknown as TaskInfo

it('runs of unlike task parameters are told apart, defaults counted, and swept ones not', () => {
  const runs = [run('Exact', {}), run('Noisy', { noise: 0.3, items: 9 }), run('Also exact', { noise: 0 })]
  const unlike = unlikeParams(runs, task, ['items'])
  expect(unlike.map(unlikeText)).toEqual(['Cue noise: 0 in “Exact” and “Also exact”, 0.3 in “Noisy”'])
  const keyOf = likenessOf(runs, task, unlike)
  expect(keyOf('Exact')).toBe(keyOf('Also exact'))
  expect(keyOf('Exact')).not.toBe(keyOf('Noisy'))
  expect(unlikeParams([runs[0], runs[2]], task, [])).toEqual([])
})

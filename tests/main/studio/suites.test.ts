import { expect, it } from 'vitest'
import { suites } from '../../../src-main/studio/suites.ts'
import { openStudio } from './support.ts'

const suite = (tasks: object[]) =>
  ({
    format: 'engram-suite/1',
    name: 'Twice',
    tasks,
    models: [{ kind: 'alpha' }, { kind: 'beta' }],
    seeds: { first: 0, count: 2 }
  }) as never

it('a suite starts a run per task, tagged together', async () => {
  const studio = await openStudio()
  const { handlers } = studio
  const tasks = [{ kind: 'count' }, { kind: 'count', params: { items: 9 } }]
  const { ids, left } = await handlers['suites.start']({ suite: suite(tasks) })
  expect([ids.length, left]).toEqual([2, []])
  for (const id of ids) await studio.until(id, ['done'])
  const runs = await Promise.all(ids.map((id) => handlers['runs.get']({ id })))
  expect(runs.map(({ tags, done }) => [tags, done])).toEqual([
    [['Twice'], 4],
    [['Twice'], 4]
  ])
})

it('a suite with a mistake starts nothing', async () => {
  const { handlers } = await openStudio()
  const tasks = [{ kind: 'count' }, { kind: 'count', params: { items: 0 } }]
  await expect(handlers['suites.start']({ suite: suite(tasks) })).rejects.toThrow('Items must be at least 1')
  expect((await handlers['runs.facets']({})).tasks).toEqual([])
})

it('the suites that ship can be read', () => {
  expect(suites().map(({ file }) => file)).toContain('recall.json')
})

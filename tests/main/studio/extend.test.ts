import { expect, it } from 'vitest'
import { seedsOf, withSeeds, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import { openStudio } from './support.ts'

const experiment = (seeds: object) =>
  ({
    format: 'engram-experiment/1',
    name: 'Few seeds',
    task: { kind: 'count' },
    models: [{ kind: 'alpha' }],
    seeds,
    predictions: [{ metric: 'score', at: {}, intervals: { alpha: [0, 1] } }]
  }) as never

it('more seeds continue after those there are', () => {
  const of = (seeds: unknown, count: number) => seedsOf(withSeeds({ seeds } as Experiment, count))
  expect(of({ first: 3, count: 2 }, 4)).toEqual([3, 4, 5, 6])
  expect(of([7, 2], 4)).toEqual([7, 2, 8, 9])
})

it('a finished run goes on to more seeds, keeps its trials and the verdict on its predictions', async () => {
  const studio = await openStudio()
  const { handlers, fake } = studio
  const { id } = await handlers['runs.start']({ experiment: experiment({ first: 0, count: 3 }) })
  await studio.until(id, ['done'])
  const [before] = await handlers['runs.results']({ ids: [id] })
  const judged = await handlers['runs.predictions']({ id })
  expect(judged[0].judgement!.verdict).toBe('refuted')

  await expect(handlers['runs.extend']({ id, seeds: 3 })).rejects.toThrow('3 seeds already')
  const reported = fake.reported
  await handlers['runs.extend']({ id, seeds: 8 })
  await studio.until(id, ['done'], ({ trials }) => trials === 8)
  // Only the missing five were computed.
  expect(fake.reported - reported).toBe(5)
  const [after] = await handlers['runs.results']({ ids: [id] })
  expect(after.seeds).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(after.metrics.score.slice(0, 3)).toEqual(before.metrics.score)
  expect(after.statuses.every((status) => status === 'done')).toBe(true)
  expect(await handlers['runs.predictions']({ id })).toEqual(judged)
  expect(await handlers['runs.get']({ id })).toMatchObject({ seeds: 8, trials: 8, done: 8, status: 'done' })
})

it('a run in the trash is not continued', async () => {
  const studio = await openStudio()
  const { handlers } = studio
  const { id } = await handlers['runs.start']({ experiment: experiment({ first: 0, count: 2 }) })
  await studio.until(id, ['done'])
  await handlers['runs.trash']({ ids: [id] })
  await expect(handlers['runs.extend']({ id, seeds: 5 })).rejects.toThrow('trash')
})

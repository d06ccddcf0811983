import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EventName } from '../../../src-shared/contract/index.ts'
import type { Progress } from '../../../src-shared/shapes/run.ts'
import { Events } from '../../../src-main/studio/events.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 10_000 }))
afterEach(() => void vi.useRealTimers())

const progress = (runId: string, done: number): Progress => ({
  runId,
  status: 'running',
  trials: 100,
  done,
  diverged: 0,
  failed: 0,
  elapsedMs: 0,
  leftMs: null,
  backend: '',
  error: null
})
const trial = (seed: number) =>
  ({ label: 'a', model: 'a', point: {}, seed, status: 'done', metrics: { score: seed } }) as const

function listening(): { events: Events; heard: { name: EventName; data: unknown; at: number }[] } {
  const heard: { name: EventName; data: unknown; at: number }[] = []
  return { events: new Events((name, data) => heard.push({ name, data, at: performance.now() })), heard }
}

it('a second of steady news goes out in at most twenty messages of a kind, and no trial is lost', () => {
  const { events, heard } = listening()
  for (let ms = 0; ms < 1000; ms++) {
    events.trials('A', [trial(ms)])
    events.newest('run.progress', 'A', () => progress('A', ms))
    events.changed(['A', `B${ms % 3}`])
    vi.advanceTimersByTime(1)
  }
  events.flush()
  for (const name of ['run.trials', 'run.progress', 'runs.changed']) {
    const count = heard.filter((event) => event.name === name).length
    expect(count).toBeGreaterThan(15)
    expect(count).toBeLessThanOrEqual(21)
  }
  const seeds = heard.flatMap((e) => (e.name === 'run.trials' ? (e.data as { trials: { seed: number }[] }).trials : []))
  expect(seeds.map((t) => t.seed)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  expect(heard.findLast((e) => e.name === 'run.progress')?.data).toMatchObject({ done: 999 })
})

it('trials go out before the progress that counts them, and each run keeps its own', () => {
  const { events, heard } = listening()
  events.newest('run.progress', 'A', () => progress('A', 1))
  events.newest('run.progress', 'B', () => progress('B', 2))
  events.newest('run.progress', 'A', () => progress('A', 3))
  events.trials('A', [trial(1)])
  vi.advanceTimersByTime(50)
  expect(heard.map((e) => e.name)).toEqual(['run.trials', 'run.progress', 'run.progress'])
  expect(heard[1].data).toMatchObject({ runId: 'A', done: 3 })
})

it('news after a quiet time goes out at the next turn, and silence sends nothing', () => {
  const { events, heard } = listening()
  vi.advanceTimersByTime(1000)
  expect(heard).toEqual([])
  events.changed(['A'])
  vi.advanceTimersByTime(1)
  expect(heard).toEqual([{ name: 'runs.changed', data: { ids: ['A'] }, at: expect.any(Number) }])
  vi.advanceTimersByTime(1000)
  expect(heard).toHaveLength(1)
})

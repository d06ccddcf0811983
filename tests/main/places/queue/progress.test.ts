import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errorIn, Progress, type Told } from '../../../../src-main/places/queue/progress.ts'

const point = (x: number) => ({ cell: 0, seed: 0, x, series: { loss: 1 / x } })

describe('what a worker tells while it computes', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is at most 20 messages a second from all of its batches, and nothing of it is lost', async () => {
    const sent: { at: number; id: string; told: Told }[] = []
    const progress = new Progress((id, told) => {
      sent.push({ at: performance.now(), id, told })
      return Promise.resolve()
    })
    for (let step = 1; step <= 1000; step++) {
      for (const id of ['a', 'b', 'c']) progress.add(id, { points: [point(step)], log: [`${id} ${step}`] })
      await vi.advanceTimersByTimeAsync(3)
    }
    await vi.advanceTimersByTimeAsync(1000)
    for (const { at } of sent)
      expect(sent.filter((one) => one.at >= at && one.at < at + 999).length).toBeLessThanOrEqual(20)
    for (const id of ['a', 'b', 'c']) {
      const own = sent.filter((one) => one.id === id)
      expect(own.flatMap(({ told }) => told.points!.map(({ x }) => x))).toEqual(
        Array.from({ length: 1000 }, (_, i) => i + 1)
      )
      expect(own.flatMap(({ told }) => told.log!)).toHaveLength(1000)
    }
    progress.close()
  })

  it('says at once why a batch is left to others, and says nothing of one that has ended', async () => {
    const sent: Told[] = []
    const progress = new Progress((_, told) => Promise.resolve(void sent.push(told)))
    progress.add('a', { log: ['first'] })
    await progress.end('a')
    const error = { code: 'conflict' as const, message: 'Another version.' }
    progress.add('b', { refused: { worker: 'w', error } })
    await progress.end('b')
    progress.add('c', { log: ['no room'] })
    await progress.end('c')
    await vi.advanceTimersByTimeAsync(1000)
    expect(sent.map(({ log, refused }) => [log, refused?.error])).toEqual([
      [['first'], undefined],
      [[], error]
    ])
    progress.close()
  })

  it('goes on where the server is away', async () => {
    let away = true
    const sent: Told[] = []
    const progress = new Progress((_, told) =>
      away ? Promise.reject(new Error('gone')) : Promise.resolve(void sent.push(told))
    )
    progress.add('a', { log: ['lost'] })
    await vi.advanceTimersByTimeAsync(100)
    away = false
    progress.add('a', { log: ['told'] })
    await vi.advanceTimersByTimeAsync(100)
    expect(sent.map(({ log }) => log)).toEqual([['told']])
    progress.close()
  })
})

describe('why a batch failed', () => {
  it('is what its worker wrote, that every worker was lost, or what somebody else said', () => {
    expect(errorIn(JSON.stringify({ code: 'not-found', message: 'No model.' }))).toEqual({
      code: 'not-found',
      message: 'No model.'
    })
    expect(errorIn('job stalled more than allowable limit').code).toBe('engine-crashed')
    expect(errorIn('{"code":"no such code","message":"x"}').code).toBe('engine-failed')
    expect(errorIn('x'.repeat(10_000)).message.length).toBeLessThan(600)
    expect(errorIn(undefined).code).toBe('engine-failed')
  })
})

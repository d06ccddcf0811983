import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { UnsavedEnds, type UnsavedEnd } from '../../../src-main/studio/unsaved-ends.ts'
import type { Store } from '../../../src-main/store/store.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const lost: UnsavedEnd = {
  end: { status: 'interrupted', ended: '2026-01-02T03:04:05.000Z', error: { code: 'disk-full', message: 'Full.' } },
  trials: []
}

/** A disk that is full for so many writes. */
function full(times: number): { ends: UnsavedEnds; written: string[]; told: string[] } {
  const [written, told]: string[][] = [[], []]
  const write = {
    changeRun(id: string) {
      if (times-- > 0) throw new Error('ENOSPC')
      written.push(id)
    },
    addTrials() {}
  } as unknown as Store['write']
  return { ends: new UnsavedEnds(write, (id) => told.push(id)), written, told }
}

it('stores what it keeps at once where it can, and tells it once', () => {
  const { ends, written, told } = full(0)
  ends.keep('a', lost)
  vi.advanceTimersByTime(60_000)
  expect([written, told]).toEqual([['a'], ['a']])
})

it('tries every run again until it is stored; meanwhile each is shown as it ended', () => {
  const { ends, written, told } = full(3)
  ends.keep('a', lost)
  ends.keep('b', lost)
  const running = { id: 'b', status: 'running', ended: null, error: null } as unknown as Parameters<
    typeof ends.shown
  >[0]
  expect(ends.shown(running)).toMatchObject({ status: 'interrupted', ended: lost.end.ended, error: lost.end.error })
  vi.advanceTimersByTime(2000)
  expect(written).toEqual(['b'])
  expect(ends.shown(running)).toBe(running)
  vi.advanceTimersByTime(2000)
  expect([written, told]).toEqual([
    ['b', 'a'],
    ['b', 'a']
  ])
})

it('says why it still cannot, to who asks for a run', () => {
  const { ends } = full(2)
  ends.keep('a', lost)
  expect(() => ends.save('a')).toThrow('ENOSPC')
  expect(() => ends.save('another')).not.toThrow()
})

it('tries a last time when it is closed, and never after', () => {
  const { ends, written } = full(2)
  ends.keep('a', lost)
  ends.close()
  vi.advanceTimersByTime(60_000)
  expect(written).toEqual([])
})

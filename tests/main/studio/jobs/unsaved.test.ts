import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Unsaved } from '../../../../src-main/studio/jobs/unsaved.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A disk that is full for so many writes. */
function full(times: number): { unsaved: Unsaved<{ id: string }>; written: string[] } {
  const written: string[] = []
  const unsaved = new Unsaved<{ id: string }>(({ id }) => {
    if (times-- > 0) throw new Error('ENOSPC')
    written.push(id)
  })
  return { unsaved, written }
}

it('stores what it keeps as soon as it can be, once', () => {
  const { unsaved, written } = full(0)
  unsaved.keep({ id: 'a' })
  vi.advanceTimersByTime(60_000)
  expect(written).toEqual(['a'])
})

it('tries each again until it is stored; meanwhile it is there as it ended', () => {
  const { unsaved, written } = full(1)
  unsaved.keep({ id: 'a' })
  unsaved.keep({ id: 'b' })
  expect([unsaved.get('b'), unsaved.get('c')]).toEqual([{ id: 'b' }, undefined])
  vi.advanceTimersByTime(2000)
  expect(written).toEqual(['b'])
  expect(unsaved.get('b')).toBeUndefined()
  vi.advanceTimersByTime(2000)
  expect(written).toEqual(['b', 'a'])
})

it('says why it still cannot, to who asks for one', () => {
  const { unsaved } = full(1)
  unsaved.keep({ id: 'a' })
  expect(() => unsaved.save('a')).toThrow('ENOSPC')
  expect(() => unsaved.save('another')).not.toThrow()
})

it('tries a last time when it is closed, and never after', () => {
  const { unsaved, written } = full(1)
  unsaved.keep({ id: 'a' })
  unsaved.close()
  vi.advanceTimersByTime(60_000)
  expect(written).toEqual([])
})

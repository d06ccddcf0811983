import { describe, expect, it } from 'vitest'
import { duration, localTime, timeLeft } from '../../../src-shared/text/times.ts'

describe('times as people read them', () => {
  it('says how long the parts of something still take, once one is done', () => {
    const [start, now] = ['2026-01-01T00:00:00.000Z', Date.parse('2026-01-01T00:00:30.000Z')]
    expect(timeLeft(start, 0, 5, now)).toBe('measuring the time left')
    expect(timeLeft(start, 3, 5, now)).toBe('about 20 s left')
  })
  it('writes a moment as the Swedish locale does, in local time', () => {
    for (const iso of ['2026-01-05T03:04:59.999Z', '2026-11-22T23:59:00.000Z', '1999-12-31T12:00:00.000Z'])
      expect(localTime(iso)).toBe(new Date(iso).toLocaleString('sv', { dateStyle: 'short', timeStyle: 'short' }))
  })
  it('says how long something takes in its two largest units', () => {
    expect([850, 1500, 12_400, 60_000, 200_000, 3_600_000, 7_500_000].map(duration)).toEqual([
      '850 ms',
      '1.5 s',
      '12 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '2 h 5 min'
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { bytes, duration, flops, localTime, plural, short, siNumber, timeLeft } from '../../src-renderer/format.ts'

describe('numbers as people read them', () => {
  it('scales by a thousand with three digits', () => {
    expect([0, 12, 999, 999.6, 1234, 3.2e6, 17.94e9].map(siNumber)).toEqual([
      '0',
      '12',
      '999',
      '1 k',
      '1.23 k',
      '3.2 M',
      '17.9 G'
    ])
    expect([12, 3.2e6].map(flops)).toEqual(['12 FLOP', '3.2 MFLOP'])
  })
  it('scales bytes by 1024', () => {
    expect([512, 1536, 25_200_000_000].map(bytes)).toEqual(['512 B', '1.5 KiB', '23.5 GiB'])
  })
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
  it('counts one and many, and shortens a long value', () => {
    expect([plural(1, 'trial'), plural(2000, 'trial')]).toEqual(['1 trial', '2,000 trials'])
    expect([short(0.1 + 0.2), short(100_000), short(true)]).toEqual(['0.3', '100000', 'true'])
  })
})

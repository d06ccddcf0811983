import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { downsample } from '../../../src-shared/figures/downsample.ts'

const wave = (n: number) => Array.from({ length: n }, (_, x) => ({ x, y: Math.sin(x / 7) * ((x * 37) % 11) }))

describe('downsampling a series', () => {
  it('leaves a series that fits untouched', () => {
    const points = wave(100)
    expect(downsample(points, 100)).toBe(points)
  })

  it('keeps a spike of one sample among 100,000', () => {
    const points = Array.from({ length: 100_000 }, (_, x) => ({ x, y: x === 54_321 ? 9 : 0 }))
    const kept = downsample(points)
    expect(kept.length).toBeLessThanOrEqual(2000)
    expect(kept.some((p) => p.x === 54_321 && p.y === 9)).toBe(true)
  })

  it('never exceeds the limit, keeps order, both ends and both extremes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 12, maxLength: 400 }),
        fc.integer({ min: 10, max: 60 }),
        (ys, limit) => {
          const points = ys.map((y, x) => ({ x, y }))
          const kept = downsample(points, limit)
          expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 4))
          expect(kept.map((p) => p.x)).toEqual([...kept.map((p) => p.x)].sort((a, b) => a - b))
          expect(new Set(kept).size).toBe(kept.length)
          expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)])
          expect(Math.max(...kept.map((p) => p.y))).toBe(Math.max(...ys))
          expect(Math.min(...kept.map((p) => p.y))).toBe(Math.min(...ys))
        }
      )
    )
  })

  it('keeps a gap where every value is missing', () => {
    const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x > 400 && x < 700 ? null : x }))
    expect(downsample(points, 50).some((p) => p.y === null)).toBe(true)
  })
})

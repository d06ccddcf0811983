/** What fits into a trace of frames: which moments, how large a map, and that averages are averages. */
import { describe, expect, it } from 'vitest'
import { framedSteps, framesValue } from '../../../../../src-main/models/parts/traces/frames.ts'

type Numbers = { shape: readonly number[]; data: readonly number[]; labels: readonly string[] }
const value = (...given: Parameters<typeof framesValue>): Numbers => framesValue(...given) as Numbers

describe('the moments of a call', () => {
  it('are at most sixteen, evenly spaced, the last step among them', () => {
    expect(framedSteps(3)).toEqual([0, 1, 2])
    expect(framedSteps(64)).toEqual(Array.from({ length: 16 }, (_, i) => 4 * i + 3))
    for (let length = 1; length < 300; length++) {
      const steps = framedSteps(length)
      expect(steps.length).toBeLessThanOrEqual(16)
      expect(steps.at(-1)).toBe(length - 1)
      expect(new Set(steps.slice(1).map((t, i) => t - steps[i])).size).toBeLessThan(2)
      expect(steps[0]).toBeGreaterThanOrEqual(0)
    }
    expect(framedSteps(0)).toEqual([])
  })
})

describe('the value of frames', () => {
  it('is the matrices as they are, with names from 1, where they are small', () => {
    const frames = [
      { label: 'a', data: [1, 2, 3, 4, 5, 6] },
      { label: 'b', data: [0.123456, NaN, 0, 0, 0, 0] }
    ]
    expect(value(frames, { rows: 2, columns: 3 })).toEqual({
      shape: [2, 2, 3],
      data: [1, 2, 3, 4, 5, 6, 0.1235, NaN, 0, 0, 0, 0],
      labels: ['a', 'b', '1', '2', '1', '2', '3']
    })
  })

  it('averages neighbours of a large matrix, the last ones over what is left', () => {
    const [rows, columns] = [70, 33]
    const data = Array.from({ length: rows * columns }, (_, i) => 100 * Math.floor(i / columns) + (i % columns))
    const { shape, data: shown, labels } = value([{ label: 'x', data }], { rows, columns })
    expect(shape).toEqual([1, 24, 17])
    // Rows 1 to 3 and columns 1 to 2; then row 70 and column 33 alone.
    expect(shown[0]).toBe(100.5)
    expect(shown.at(-1)).toBe(6932)
    expect(labels.slice(1, 3)).toEqual(['1–3', '4–6'])
    expect(labels[24]).toBe('70')
    expect(labels.at(-1)).toBe('33')
  })

  it('keeps rows that are entries, and fewer columns and moments instead', () => {
    const frames = Array.from({ length: 17 }, (_, i) => ({
      label: String(i),
      data: new Array<number>(64 * 256).fill(i)
    }))
    const { shape, data, labels } = value(frames, { rows: 64, columns: 256, keepRows: true })
    expect(shape).toEqual([6, 64, 16])
    expect(labels.slice(0, 6)).toEqual(['1', '4', '7', '10', '13', '16'])
    expect(data.length).toBeLessThanOrEqual(8192)
  })
})

import { describe, expect, it } from 'vitest'
import { viridis } from '../../../src-shared/figures/viridis.ts'

describe('the colour scale of heat maps', () => {
  it('begins and ends as matplotlib publishes it', () => {
    expect(viridis(0)).toEqual([68, 1, 84])
    expect(viridis(1)).toEqual([253, 231, 37])
  })

  it('only grows lighter, so that it reads in grey', () => {
    const light = Array.from({ length: 101 }, (_, i) => {
      const [r, g, b] = viridis(i / 100)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    })
    expect(light.every((value, i) => i === 0 || value >= light[i - 1])).toBe(true)
  })

  it('stops at its ends outside 0 to 1', () => {
    expect(viridis(-3)).toEqual(viridis(0))
    expect(viridis(7)).toEqual(viridis(1))
  })
})

import { describe, expect, it } from 'vitest'
import { printed } from '../../../src-renderer/charts/printed.ts'
import type { FigureSpec } from '../../../src-shared/figures/spec.ts'
import { palettes } from '../../../src-shared/figures/model-style.ts'

const figure = (colour: string): FigureSpec => ({
  title: '',
  x: { label: 'x', scale: 'linear' },
  y: { label: 'y', scale: 'linear' },
  interval: 'bars',
  series: [{ label: 'a', style: { colour, dash: [2, 3], marker: 'star' }, points: [] }],
  references: [{ label: 'r', dash: [], y: 1, colour }]
})

describe('a figure that is saved', () => {
  it('turns every colour of the dark theme into the same place of the light one, and nothing else', () => {
    for (const [i, dark] of palettes.dark.entries()) {
      const { series, references } = printed(figure(dark))
      expect(series[0].style).toEqual({ colour: palettes.light[i], dash: [2, 3], marker: 'star' })
      expect(references?.[0].colour).toBe(palettes.light[i])
    }
  })

  it('leaves the light theme and unknown colours alone', () => {
    expect(printed(figure(palettes.light[2])).series[0].style.colour).toBe(palettes.light[2])
    expect(printed(figure('#123456')).series[0].style.colour).toBe('#123456')
  })
})

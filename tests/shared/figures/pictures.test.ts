import { describe, expect, it } from 'vitest'
import { distributionSvg } from '../../../src-shared/figures/distribution-svg.ts'
import { heatMapSvg } from '../../../src-shared/figures/heat-map-svg.ts'
import { parallelSvg } from '../../../src-shared/figures/parallel-svg.ts'

const hostile = '"><img src=x onerror=alert(1)>'
const style = { colour: '#0072b2', dash: [4, 2], marker: 'circle' } as const

describe('a heat map as a picture', () => {
  const spec = {
    title: hostile,
    x: { label: 'Items', ticks: ['2', '4', '8'] },
    y: { label: 'Time', unit: 'ms', ticks: ['10', '20'] },
    values: [
      [0, 0.5, null],
      [1, 0.25, 0.75]
    ],
    value: { label: 'Accuracy', range: [0, 1] as const }
  }
  const svg = heatMapSvg(spec, [0, 1], (share) => `rgb(${share} 0 0)`)

  it('colours every value that there is, the first row at the bottom, and leaves out what is missing', () => {
    const heights = ['0', '0.5', '1', '0.25', '0.75'].map((share) => {
      const found = new RegExp(`y="([\\d.]+)" width="[\\d.]+" height="[\\d.]+" fill="rgb\\(${share} 0 0\\)"`).exec(svg)
      return Number(found?.[1])
    })
    const [low, alsoLow, high, alsoHigh, third] = heights
    expect(low).toBe(alsoLow)
    expect(high).toBe(alsoHigh)
    expect(third).toBe(high)
    expect(high).toBeLessThan(low)
  })
  it('names both axes with their units and the scale of colours, and no name becomes an element', () => {
    for (const text of ['>Items<', '>Time (ms)<', '>1: Accuracy<']) expect(svg).toContain(text)
    expect(svg).not.toContain('<img')
  })
})

describe('a distribution as a picture', () => {
  it('draws a point per trial, a legend and the axis, and leaves out a model without trials', () => {
    const svg = distributionSvg({
      title: 'Spread',
      y: { label: 'Loss', unit: 'nats', scale: 'linear' },
      groups: [
        { label: hostile, style, values: [0.1, 0.2, 0.4].map((value, seed) => ({ seed, value })) },
        { label: 'Empty', style, values: [] }
      ]
    })
    // One more is the marker of the legend.
    expect(svg.match(/<circle/g)).toHaveLength(4)
    expect(svg).toContain('Loss (nats)')
    expect(svg).not.toContain('Empty')
    expect(svg).not.toContain('<img')
    expect(svg).not.toContain('NaN')
  })
})

describe('parallel coordinates as a picture', () => {
  it('break a line where it has no value, say both ends of every axis, and name every model once', () => {
    const svg = parallelSvg({
      title: 'All',
      axes: ['A', 'B', hostile].map((label) => ({ label, low: '0', high: '9' })),
      lines: [
        { label: 'Hebb', style, at: [0, null, 1] },
        { label: 'Hebb', style, at: [1, 0.5, 0] }
      ]
    })
    const paths = [...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="#0072b2"/g)].map(([, d]) => d)
    expect(paths.map((d) => d.replace(/[\d. ]/g, ''))).toEqual(['MM', 'MLL'])
    expect(svg.match(/>Hebb</g)).toHaveLength(1)
    expect(svg.match(/>9</g)).toHaveLength(3)
    expect(svg).not.toContain('<img')
  })
})

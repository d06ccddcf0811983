import { describe, expect, it } from 'vitest'
import type { FigureSpec } from '../../../src-shared/figures/spec.ts'
import { figureSvg } from '../../../src-shared/figures/svg.ts'
import { makeScale, tickLabel } from '../../../src-shared/figures/scales.ts'

const spec: FigureSpec = {
  title: 'Capacity',
  x: { label: 'Items', unit: 'pairs', scale: 'log' },
  y: { label: 'Accuracy', scale: 'linear', direction: 'higher', range: [0, 1] },
  interval: 'bars',
  series: [
    {
      label: 'Hebb',
      style: { colour: '#0072B2', dash: [], marker: 'circle' },
      points: [
        { x: 1, y: 1, low: 0.9, high: 1 },
        { x: 10, y: null },
        { x: 100, y: 0 }
      ]
    }
  ],
  references: [{ label: 'chance', dash: [2, 2], y: 0.5 }]
}

describe('a figure', () => {
  it('carries its legend, axis titles, units and the better direction', () => {
    const svg = figureSvg(spec)
    for (const text of ['Capacity', 'Items (pairs)', 'Accuracy ↑', 'Hebb', 'chance']) expect(svg).toContain(`>${text}<`)
  })
  it('puts the values where the axes say', () => {
    // Plot box: left 64, right 624, top 34; log axis padded by ratio^0.03 at both ends.
    const svg = figureSvg(spec)
    const [first, last] = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((m) => [
      Number(m[1]),
      Number(m[2])
    ])
    const pad = 2 * 0.03
    expect(first[0]).toBeCloseTo(64 + (560 * pad) / (2 + 2 * pad), 1)
    expect(last[0]).toBeCloseTo(624 - (560 * pad) / (2 + 2 * pad), 1)
    expect(first[1]).toBe(34)
    expect(last[1]).toBe(400 - 58 - 18 * 1)
  })
  it('leaves a gap where there is no value', () => {
    expect(figureSvg(spec)).not.toMatch(/<polyline[^>]*stroke="#0072B2"/)
  })
  it('escapes every name', () => {
    const svg = figureSvg({ ...spec, title: '<img onerror="x">', x: { ...spec.x, label: '"><script>' } })
    expect(svg).not.toMatch(/<img|<script/)
  })
})

describe('an axis', () => {
  it('has round ticks inside its ends', () => {
    expect(makeScale({ label: '', scale: 'linear' }, [0.02, 0.97]).ticks.map((t) => t.label)).toEqual([
      '0',
      '0.2',
      '0.4',
      '0.6',
      '0.8',
      '1'
    ])
  })
  it('has whole ticks for positions, lags and counts, close around the data', () => {
    const positions = Array.from({ length: 16 }, (_, i) => i + 1)
    const { ticks, at } = makeScale({ label: '', scale: 'linear' }, positions)
    expect(ticks.map((t) => t.label)).toEqual(['2', '4', '6', '8', '10', '12', '14', '16'])
    expect([at(1), at(16)].map((v) => v.toFixed(2))).toEqual(['0.03', '0.97'])
    expect(makeScale({ label: '', scale: 'linear' }, [-5, 5]).ticks.map((t) => t.label)).toEqual([
      '−4',
      '−2',
      '0',
      '2',
      '4'
    ])
  })
  it('shows decades on a long log axis', () => {
    expect(makeScale({ label: '', scale: 'log' }, [1, 1e6]).ticks.map((t) => t.label)).toEqual([
      '1',
      '10',
      '100',
      '1000',
      '10000',
      '100000',
      '1e6'
    ])
  })
  it('survives one value and none', () => {
    expect(makeScale({ label: '', scale: 'linear' }, [3]).at(3)).toBeCloseTo(0.5)
    expect(makeScale({ label: '', scale: 'log' }, []).ticks.length).toBeGreaterThan(0)
  })
  it('writes numbers without noise', () => {
    expect([0.1 + 0.2, 1e-7, 1234567, 0].map(tickLabel)).toEqual(['0.3', '1e−7', '1.23457e6', '0'])
  })
})

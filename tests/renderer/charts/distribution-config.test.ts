import { describe, expect, it } from 'vitest'
import { distributionConfig } from '../../../src-renderer/charts/distribution-config.ts'

const style = { colour: '#123456', dash: [], marker: 'circle' as const }
const spec = {
  title: 'Accuracy',
  y: { label: 'Accuracy', scale: 'linear' as const },
  groups: [
    { label: 'hebb', style, values: [1, 1, 1, 1, 0.2].map((value, seed) => ({ seed, value })) },
    { label: 'nothing', style, values: [] }
  ]
}
const ink = { text: '#000', grid: '#ccc', background: '#fff' }

describe.each(['boxplot', 'violin'] as const)('a distribution as %s', (kind) => {
  const { data } = distributionConfig(spec, kind, ink)
  it('holds every trial, says how many there are, and leaves out a model without one', () => {
    expect(data.datasets[0].data).toEqual([[1, 1, 1, 1, 0.2]])
    expect(data.labels).toEqual([['hebb', 'n = 5']])
  })
  it('draws trials beyond the whiskers as it draws the others', () => {
    const dataset = data.datasets[0] as unknown as Record<string, unknown>
    expect(dataset.outlierRadius).toBe(dataset.itemRadius)
    expect(dataset.outlierBackgroundColor).toEqual(dataset.itemBackgroundColor)
  })
})

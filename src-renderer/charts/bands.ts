import type { Plugin } from 'chart.js'
import type { FigureDataset } from './chart-config.ts'

/** Fills the interval along a curve, under all lines. Stretches without an interval stay empty. */
export const bands: Plugin<'scatterWithErrorBars'> = {
  id: 'bands',
  beforeDatasetsDraw(chart) {
    const { ctx, chartArea: area, scales } = chart
    ctx.save()
    ctx.beginPath()
    ctx.rect(area.left, area.top, area.right - area.left, area.bottom - area.top)
    ctx.clip()
    ctx.globalAlpha = 0.18
    for (const [i, dataset] of (chart.data.datasets as FigureDataset[]).entries()) {
      if (!dataset.band || !chart.isDatasetVisible(i)) continue
      ctx.fillStyle = dataset.borderColor as string
      for (const stretch of stretches(dataset.band)) {
        ctx.beginPath()
        for (const p of stretch) ctx.lineTo(scales.x.getPixelForValue(p.x), scales.y.getPixelForValue(p.high))
        for (const p of stretch.toReversed())
          ctx.lineTo(scales.x.getPixelForValue(p.x), scales.y.getPixelForValue(p.low))
        ctx.fill()
      }
    }
    ctx.restore()
  }
}

interface Ranged {
  x: number
  low: number
  high: number
}

function stretches(points: NonNullable<FigureDataset['band']>): Ranged[][] {
  const list: Ranged[][] = [[]]
  for (const { x, low, high } of points)
    if (low !== undefined && high !== undefined) list.at(-1)!.push({ x, low, high })
    else if (list.at(-1)!.length) list.push([])
  return list.filter((stretch) => stretch.length > 1)
}

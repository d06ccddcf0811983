/** Puts a Chart.js chart on a canvas and takes it away again. */
import type { ChartConfiguration, ChartType, DefaultDataPoint } from 'chart.js'
import { untrack } from 'svelte'
import type { Attachment } from 'svelte/attachments'
import { Chart } from './register.ts'

/**
 * `{@attach chart(() => config)}`: drawn once, then updated in place whenever what the configuration reads changes, at
 * most once a frame. A view that the user has zoomed keeps its window.
 */
export function chart<T extends ChartType, D = DefaultDataPoint<T>>(
  config: () => ChartConfiguration<T, D>,
  ready?: (chart: Chart<T, D>) => void
): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    const drawn = new Chart<T, D>(canvas, untrack(config))
    untrack(() => ready?.(drawn))
    let frame = 0
    let first = true
    $effect(() => {
      const next = config()
      if (first) {
        first = false
        return
      }
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => {
        const zoomed = drawn.isZoomedOrPanned()
        const window = zoomed ? Object.values(drawn.scales).map(({ id, min, max }) => ({ id, min, max })) : []
        drawn.data = next.data
        drawn.options = next.options as typeof drawn.options
        drawn.update('none')
        for (const { id, min, max } of window) drawn.zoomScale(id, { min, max }, 'none')
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      drawn.destroy()
    }
  }
}

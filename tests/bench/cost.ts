/**
 * What the cost page computes for one redraw: every memory under four parameter sets in four small multiples, with
 * crossings, conclusions and the table at the cursor. A step of a slider has a frame, 16 ms, for it.
 */
import { costStart, type CostShown } from '../../src-renderer/pages/cost/address.ts'
import { costFigures, memoryIds } from '../../src-renderer/pages/cost/figures.ts'
import { conclude } from '../../src-shared/cost/conclusions.ts'
import { memoryCosts } from '../../src-shared/cost/table.ts'
import type { BenchOptions } from './run.ts'

export function bench({ quick, json }: BenchOptions): Promise<void> {
  const { sets } = costStart()
  const one: CostShown = { ...costStart(), memories: memoryIds }
  const four = { ...one, sets: [1, 2, 4, 8].map((f, i) => ({ name: `${i}`, input: { ...sets[0].input, M: 64 * f } })) }
  const cases: Record<string, CostShown> = {
    'one figure, one set': one,
    'one figure, four sets': four,
    'four figures, four sets': { ...four, facet: 'd' }
  }
  const redraw = (shown: CostShown): void => {
    costFigures(shown, false)
    conclude({ ...shown, input: shown.sets[0].input })
    for (const { input } of shown.sets) for (const id of shown.memories) memoryCosts(id, input)
  }
  const results = Object.entries(cases).map(([name, shown]) => {
    for (let i = 0; i < 20; i++) redraw(shown)
    const times = Array.from({ length: quick ? 20 : 200 }, () => {
      const start = performance.now()
      redraw(shown)
      return performance.now() - start
    }).sort((a, b) => a - b)
    return { name, medianMs: times[times.length >> 1], p95Ms: times[Math.floor(times.length * 0.95)] }
  })
  if (json) console.log(JSON.stringify(results))
  else
    for (const { name, medianMs, p95Ms } of results)
      console.log(`${name.padEnd(26)} median ${medianMs.toFixed(2)} ms, 95 % ${p95Ms.toFixed(2)} ms`)
  return Promise.resolve()
}

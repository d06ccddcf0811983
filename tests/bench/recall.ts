/** Free recall: 1000 lists of 24 items, with accumulators over 90 s, by every model of free recall, on one core. */
import { builtInRegistry } from '../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../src-main/engine/worker/runner.ts'
import { useBackend } from '../../src-main/tensors/backends/index.ts'
import { builtInModels } from '../../src-main/models/registry.ts'
import type { BenchOptions } from './run.ts'

interface Row {
  model: string
  lists: number
  seconds: number
  recalled: number
}

export async function bench({ quick, json, only }: BenchOptions): Promise<void> {
  await useBackend('cpu')
  const registry = builtInRegistry()
  const task = registry.task('free-recall')
  const subjects = quick ? 10 : 50
  const lists = 20
  const rows: Row[] = []
  for (const { id, simulate } of builtInModels) {
    if (!simulate || (only.length > 0 && !only.includes(id))) continue
    const defaults = Object.fromEntries(Object.entries(task.params).map(([name, param]) => [name, param.default]))
    const cell = {
      index: 0,
      use: 0,
      label: id,
      model: id,
      params: registry.fill(id, {}),
      taskParams: { ...defaults, items: 24, lists },
      point: {}
    }
    const seeds = Array.from({ length: subjects }, (_, seed) => seed)
    const start = performance.now()
    const outcomes = await runBatch(task, cell, seeds, 'philox', {
      registry,
      vectors: () => {
        throw new Error('no vectors are asked for')
      },
      checkCancelled: () => undefined
    })
    const seconds = (performance.now() - start) / 1000
    const recalled = outcomes.reduce((sum, { metrics }) => sum + metrics.recalled, 0) / outcomes.length
    rows.push({ model: id, lists: subjects * lists, seconds, recalled })
    if (!json)
      console.log(
        `${id.padEnd(14)} ${subjects * lists} lists of 24 in ${seconds.toFixed(2)} s, ${recalled.toFixed(1)} recalled`
      )
  }
  if (json) console.log(JSON.stringify(rows))
}

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '@tensorflow/tfjs'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { parseExperiment } from '../../../src-shared/shapes/experiment.ts'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../../src-main/engine/worker/runner.ts'

/** What the script prints with seed 42 (spec: a whole script reproduced). */
const printed = {
  'ar-comparison': {
    metric: 'cosine',
    scores: {
      'fast-weights': -0.028907,
      'context-drift': -0.0293127,
      'gated-episodic': 0,
      'meta-fast-weights': -0.0404474,
      rag: -0.0326307,
      graph: 0.0183393
    }
  },
  'ar-interference': {
    metric: 'interference',
    scores: { 'fast-weights': -0.0938316, 'context-drift': -0.0052397, 'gated-episodic': 0.4113849 }
  }
}

const registry = builtInRegistry()
const load = (name: string) => {
  const file = new URL(`../../../resources/experiments/${name}.json`, import.meta.url)
  const experiment = parseExperiment(readFileSync(file, 'utf8'))
  const { grid, errors } = expandGrid(experiment, registry.catalog())
  expect(errors).toEqual([])
  return { experiment, cells: grid!.cells, task: registry.task(name) }
}

beforeAll(() => tf.setBackend('cpu'))

describe.each(Object.entries(printed))('%s', (name, { metric, scores }) => {
  it.each(Object.entries(scores))('prints what the script prints for %s', async (kind, expected) => {
    const { experiment, cells, task } = load(name)
    const index = cells.findIndex((cell) => cell.model === kind)
    const [trial] = await runBatch(task, { ...cells[index], index }, experiment.seeds as number[], 'torch', {
      registry,
      checkCancelled: () => {}
    })
    expect(trial.error).toBeNull()
    expect(Math.abs(trial.metrics[metric] - expected)).toBeLessThan(2e-5)
  })
  it('runs as an ordinary task with philox, another seed giving another score', async () => {
    const { cells, task } = load(name)
    const trials = await runBatch(task, { ...cells[0], index: 0 }, [1, 2], 'philox', {
      registry,
      checkCancelled: () => {}
    })
    expect(trials.map((t) => t.status)).toEqual(['done', 'done'])
    expect(trials[0].metrics[metric]).not.toBe(trials[1].metrics[metric])
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '@tensorflow/tfjs'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../../src-main/engine/worker/runner.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import type { TreeNode } from '../../../src-shared/shapes/outcome.ts'
import conceptComposition from '../../../src-main/tasks/concept-composition.ts'
import consolidation, { keptItems } from '../../../src-main/tasks/consolidation.ts'
import crossLevel from '../../../src-main/tasks/cross-level.ts'
import generalisation, { phaseScores } from '../../../src-main/tasks/generalisation.ts'
import multiScale from '../../../src-main/tasks/multi-scale.ts'
import segmentation, { boundaryScores } from '../../../src-main/tasks/segmentation.ts'
import { answeringLevels } from '../../../src-main/tasks/parts/trees.ts'
import { amnesia, dictionary, forgetful, mean, runTask, seeds } from './harness.ts'

/** A dictionary that shows its items as leaves, with one parent above each run of items no more than `reach` apart. */
const withTree =
  (reach: number, make = dictionary) =>
  (batch: number): Memory => {
    const memory = make(batch)
    let nodes: TreeNode[] = []
    return {
      ...memory,
      store(input) {
        memory.store!(input)
        const at = input.times!
        nodes = at.map((time, id) => {
          const place = { time, position: 0 }
          return { id, parent: null, level: 0, start: place, end: place, importance: 1 }
        })
        let first = 0
        at.forEach((time, i) => {
          if (i + 1 < at.length && at[i + 1] - time <= reach) return
          const id = nodes.length
          for (let j = first; j <= i; j++) nodes[j].parent = id
          const [start, end] = [nodes[first].start, nodes[i].end]
          nodes.push({ id, parent: null, level: 1, start, end, importance: 1 })
          first = i + 1
        })
      },
      traces: () =>
        Promise.resolve([
          { name: 'tree', title: '', kind: 'tree', perTrial: Array.from({ length: batch }, () => ({ nodes })) }
        ])
    }
  }

beforeAll(() => tf.setBackend('cpu'))

describe('boundary scores', () => {
  it('count each true boundary once, within the tolerance', () => {
    expect(boundaryScores([4, 5, 11], [5, 10, 20], 1)).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 })
    expect(boundaryScores([], [5], 1)).toEqual({ precision: 0, recall: 0, f1: 0 })
    expect(boundaryScores([7], [5], 1).f1).toBe(0)
  })
})

describe('segmentation', () => {
  it('is perfect at the level that joins what no pause divides', async () => {
    const { metrics, series } = await runTask(segmentation, { perSegment: 5, pause: 3 }, seeds(2), withTree(1))
    expect(Array.from(metrics.f1)).toEqual([1, 1])
    // At level 0 each of the 34 gaps is a boundary; each true one is hit once.
    expect(series!['precision-by-level'].y[0][0]).toBeCloseTo(6 / 34, 12)
    expect(series!['recall-by-level'].y[0]).toEqual([1, 1])
  })
  it('is zero when everything is one event', async () => {
    const { metrics } = await runTask(segmentation, { perSegment: 5, pause: 3 }, [0], withTree(100))
    expect([metrics.f1[0], metrics.precision[0], metrics.recall[0]]).toEqual([0, 0, 0])
  })
})

describe('multi-scale', () => {
  it('counts the nodes around each moment, and their hours', async () => {
    // Reach of 0.45 h: bursts .1-.4, 1-1.5, 3-3.3, 6-6.1, 10.8-11 of 3, 3, 3, 2, 2 episodes.
    const { metrics, series } = await runTask(multiScale, { unitsPerHour: 100 }, [0], withTree(45))
    expect(metrics.nodes[0]).toBe(13 + 5)
    expect(metrics.matching[0]).toBe(2)
    expect(metrics.span[0]).toBeCloseTo((3 * 0.3 + 3 * 0.5 + 3 * 0.3 + 2 * 0.1 + 2 * 0.2) / 13, 10)
    expect(series!['nodes-by-level'].y[0]).toEqual([1, 1])
    expect(mean(metrics.cosine)).toBeCloseTo(1, 5)
  })
})

describe('consolidation', () => {
  it('keeps what reaches the threshold, in order, and never nothing', () => {
    expect(keptItems(30, 0)).toHaveLength(30)
    const kept = keptItems(30, 0.7)
    expect(Math.abs(kept.length - 9)).toBeLessThan(2)
    expect(kept).toEqual([...kept].sort((a, b) => a - b))
    expect(keptItems(30, 1)).toHaveLength(1)
  })
  it('lets a dictionary recall what is left, and amnesia only by chance', async () => {
    const kept = keptItems(30, 0.5).length
    const { metrics } = await runTask(consolidation, {}, seeds(2), withTree(1))
    expect([metrics.accuracy[0], metrics.kept[0]]).toEqual([1, kept])
    expect(metrics.nodes[0]).toBeGreaterThan(kept)
    expect(metrics.importance[0]).toBeGreaterThan(0.65)
    const lost = await runTask(consolidation, {}, [0], amnesia)
    expect(lost.metrics.accuracy[0]).toBeCloseTo(1 / kept, 10)
    expect(lost.metrics.nodes[0]).toBeNull()
  })
})

describe('memories without a tree', () => {
  it.each([
    [conceptComposition, 'sources', { noise: 0 }],
    [generalisation, 'similarity', { offset: 0 }],
    [crossLevel, 'baseline', {}]
  ] as const)('take part, at one level', async (task, metric, params) => {
    const { metrics, series } = await runTask(task, params, seeds(2), dictionary)
    for (const { x } of Object.values(series!)) expect(x).toEqual([0])
    expect(mean(metrics[metric])).toBeGreaterThan(0.85)
    const { metrics: none } = await runTask(task, params, [0], amnesia)
    // Of three sources the first is the first of equal candidates.
    expect(mean(none[metric])).toBeLessThan(0.34)
  })
})

describe('levels that answer', () => {
  it('are those whose nodes contain every moment', () => {
    const node = (level: number, from: number, to: number): TreeNode => {
      const [start, end] = [from, to].map((time) => ({ time, position: 0 }))
      return { id: 0, parent: null, level, start, end, importance: 1 }
    }
    const nodes = [node(0, 0, 0), node(0, 1, 1), node(1, 0, 1), node(2, 1, 5)]
    expect(answeringLevels(nodes, [0, 1])).toEqual([0, 1])
    expect(answeringLevels(nodes, [1])).toEqual([0, 1, 2])
    expect(answeringLevels(nodes, [9])).toEqual([])
  })
})

describe('generalisation', () => {
  it('takes the spread of each phase across episodes', () => {
    // Phase 1 is 1, 0.7, 0.4 in the three episodes: standard deviation sqrt(0.06); the others do not vary.
    const { similarity, consistency } = phaseScores([1, 0.5, 0.5, 0.5, 0.7, 0.5, 0.5, 0.5, 0.4, 0.5, 0.5, 0.5])
    expect(consistency).toBeCloseTo(1 - Math.sqrt(0.06) / 4, 12)
    expect(similarity).toBeCloseTo(6.6 / 12, 12)
  })
  it('is perfect for a dictionary, which finds the first episode by its content', async () => {
    const { metrics, series } = await runTask(generalisation, {}, seeds(2), withTree(1))
    expect(metrics.similarity[1]).toBeCloseTo(1, 5)
    expect(metrics.consistency[1]).toBeCloseTo(1, 5)
    expect(series!['consistency-by-level'].x).toEqual([0, 1])
  })
})

describe('interference across levels', () => {
  it('changes nothing in a dictionary, which still finds the exact items', async () => {
    const { metrics } = await runTask(crossLevel, { dim: 512 }, seeds(2), withTree(1))
    expect([metrics.atomic[0], metrics.component[0], metrics.episode[0]]).toEqual([0, 0, 0])
    // A and B come back whole; the cue of both returns one of them, at cosine 1 / sqrt(2).
    expect(metrics.baseline[0]).toBeCloseTo((2 + Math.SQRT1_2) / 3, 1)
  })
  it('costs a memory that keeps its last episode all of B when only A is stored again', async () => {
    const { series } = await runTask(crossLevel, { dim: 4096, noise: 0.2 }, [0], withTree(1, forgetful))
    expect(series!['atomic-a'].y[0][0]).toBeCloseTo(1 / Math.sqrt(1.04) - 1, 1)
    expect(series!['atomic-b'].y[0][0]).toBeCloseTo(-1, 1)
    expect(series!['episode-b'].y[0][0]).toBeCloseTo(1 / Math.sqrt(1.04) - 1, 1)
  })
})

describe('concept composition', () => {
  it('traces every item to its source in a dictionary, and none beyond chance in an amnesic', async () => {
    const { metrics } = await runTask(conceptComposition, { noise: 0, dim: 256 }, seeds(2), withTree(1))
    expect([metrics.sources[0], metrics.sources[1]]).toEqual([1, 1])
    expect(metrics.similarity[0]).toBeCloseTo(1, 5)
    const noisy = await runTask(conceptComposition, { noise: 0.5, dim: 4096 }, [0], withTree(1))
    expect(noisy.metrics.similarity[0]).toBeCloseTo(1 / Math.sqrt(1.25), 1)
    const lost = await runTask(conceptComposition, {}, [0], withTree(1, amnesia))
    expect(lost.metrics.sources[0]).toBeCloseTo(1 / 3, 10)
  })
})

describe('the hierarchy experiments', () => {
  it.each(['multi-scale', 'segmentation', 'consolidation', 'generalisation', 'cross-level', 'concept-composition'])(
    '%s runs on a real hierarchy',
    async (id) => {
      const registry = builtInRegistry()
      const task = registry.task(id)
      const taskParams = Object.fromEntries(Object.entries(task.params).map(([name, param]) => [name, param.default]))
      const params = registry.fill('hierarchical', {}, { dim: 64 })
      const cell = { use: 0, label: 'h', model: 'hierarchical', params, taskParams, point: {}, index: 0 }
      const trials = await runBatch(task, cell as Parameters<typeof runBatch>[1], [1, 2], 'philox', {
        registry,
        checkCancelled: () => {}
      })
      expect(trials.map((trial) => trial.error)).toEqual([null, null])
      const { nodes, recall, similarity, baseline } = trials[0].metrics
      expect(nodes ?? recall ?? similarity ?? baseline).toBeGreaterThan(0)
    }
  )
})

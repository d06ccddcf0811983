import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '@tensorflow/tfjs'
import { builtInRegistry } from '../../../src-main/engine/registry.ts'
import { runBatch } from '../../../src-main/engine/runner.ts'
import type { Memory, TreeNode } from '../../../src-main/models/model.ts'
import consolidation, { keptItems } from '../../../src-main/tasks/consolidation.ts'
import multiScale from '../../../src-main/tasks/multi-scale.ts'
import segmentation, { boundaryScores } from '../../../src-main/tasks/segmentation.ts'
import { amnesia, dictionary, mean, runTask, seeds } from './harness.ts'

/** A dictionary that shows its items as leaves, with one parent above each run of items no more than `reach` apart. */
const withTree =
  (reach: number) =>
  (batch: number): Memory => {
    const memory = dictionary(batch)
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

describe('the hierarchy experiments', () => {
  it.each(['multi-scale', 'segmentation', 'consolidation'])('%s runs on a real hierarchy', async (id) => {
    const registry = builtInRegistry()
    const task = registry.task(id)
    const taskParams = Object.fromEntries(Object.entries(task.params).map(([name, param]) => [name, param.default]))
    const params = registry.fill('hierarchical', {}, { dim: 64 })
    const cell = { modelIndex: 0, label: 'h', kind: 'hierarchical', params, taskParams, point: {}, index: 0 }
    const trials = await runBatch(task, cell as Parameters<typeof runBatch>[1], [1, 2], 'philox', {
      registry,
      checkCancelled: () => {}
    })
    expect(trials.map((trial) => trial.error)).toEqual([null, null])
    expect(trials[0].metrics.nodes ?? trials[0].metrics.recall).toBeGreaterThan(0)
  })
})

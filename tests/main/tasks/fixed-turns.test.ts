/** Turns with fixed weights, against memories whose answers are known beforehand. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import fixedTurns from '../../../src-main/tasks/fixed-turns.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { countFlops } from '../../support/count-flops.ts'
import { registry } from '../../support/drive-memory.ts'
import { runTask } from './harness.ts'

beforeAll(() => useBackend('wasm'))

/** Remembers the states of the newest calls and completes a cue from them; else says nothing. */
function remembers(calls: number): Memory {
  let held: number[][][][] = []
  return {
    forward(x) {
      const rows = x.arraySync() as number[][][]
      const half = x.shape[2]! / 2
      const states = rows.map((own) => own.filter((token) => token.slice(half).some((value) => value !== 0)))
      held = [states, ...held].slice(0, calls)
      return tf.tensor(
        rows.map((own, b) =>
          own.map((token) => {
            const seen = held.flatMap((turn) => turn[b])
            return seen.find((state) => state.slice(0, half).every((v, i) => v === token[i])) ?? token
          })
        )
      )
    },
    reset: () => (held = []),
    dispose: () => undefined
  }
}
const seeds = [1, 2]
const given = { turns: 5, facts: 15, delay: 3, dim: 12 }

describe('turns with fixed weights', () => {
  it('is perfect for who remembers every turn, and as far back as it remembers for others', async () => {
    for (const calls of [1, 2, 5]) {
      const { metrics, series } = await runTask(fixedTurns, given, seeds, () => remembers(calls))
      for (const [b] of seeds.entries()) {
        expect(metrics.withinTurn[b]).toBe(1)
        // Nothing said beside the cue has a value half of zeros: the first of equals, right once in as many at most.
        Array.from(series!.byDelay.y[b]).forEach((_, d) =>
          d < calls ? expect(series!.byDelay.y[b][d]).toBe(1) : expect(series!.byDelay.y[b][d]).toBeLessThanOrEqual(0.5)
        )
      }
      if (calls === 5) expect(metrics).toMatchObject({ accuracy: [1, 1], longest: [1, 1] })
      if (calls === 5) for (const cosine of metrics.cosine as number[]) expect(cosine).toBeCloseTo(1, 6)
    }
  })

  it('is a copy task with one turn, where no turn is asked for but the present one', async () => {
    const one = { turns: 1, facts: 8, delay: 0, dim: 6 }
    const { metrics, series } = await runTask(fixedTurns, one, seeds, () => remembers(1))
    expect(metrics).toMatchObject({ accuracy: [1, 1], longest: [1, 1], withinTurn: [1, 1] })
    expect(series!.byDelay.x).toEqual([0])
  })

  it('asks for every delay as often as the conversation has turns for it, and for nothing of a later turn', async () => {
    let cues = 0
    const counting: Memory = {
      forward(x) {
        const rows = x.arraySync() as number[][][]
        cues += rows[0].filter((token) => token.slice(6).every((value) => value === 0)).length
        return x.clone()
      },
      reset: () => undefined,
      dispose: () => undefined
    }
    await runTask(fixedTurns, given, [1], () => counting)
    expect(cues).toBe(5 + 4 + 3 + 2)
  })

  it.each<[ParamValues, string]>([
    [{ ...given, dim: 11 }, 'dim'],
    [{ ...given, delay: 5 }, 'delay'],
    [{ ...given, facts: 4 }, 'facts']
  ])('refuses %o by the field at fault', async (params, field) => {
    await expect(runTask(fixedTurns, params, [1], () => remembers(1))).rejects.toMatchObject({
      data: { code: 'bad-input', field: `task.params.${field}` }
    })
  })

  it('finds what a transformer with a copied memory recalls, until its slots are overwritten', async () => {
    const run = (params: ParamValues) =>
      runTask(fixedTurns, { turns: 6, facts: 24, delay: 3, dim: 64 }, seeds, (batch) =>
        registry.build(
          'transformer-episodic',
          registry.fill('transformer-episodic', { dim: 64, writeMode: 'copy', ...params }),
          batch,
          philoxWeights(seeds.map(String))
        )
      )
    expect((await run({})).metrics.accuracy).toEqual([1, 1])
    const few = await run({ memorySize: 12 })
    for (const [b] of seeds.entries()) {
      expect(few.metrics.withinTurn[b]).toBe(1)
      expect(few.metrics.longest[b]).toBe(0)
    }
  })
})

describe('hierarchical context', () => {
  // What is counted are plain operations.
  beforeAll(() => useBackend('cpu'))

  it('counts what its memories compute, with parents over segments and without', async () => {
    for (const given of [
      {},
      { segment: 5 },
      { segment: 4, scales: [1, 100] },
      { segment: 6, maxLevels: 1, scales: [2] }
    ]) {
      const params = registry.fill('hierarchical-context', { dim: 16, ...given })
      const cost = registry.cost('hierarchical-context', params, { stored: 0, before: 0, queries: 0, tokens: 12 })
      const memory = registry.build('hierarchical-context', params, 1, philoxWeights(['a']))
      const counted = await countFlops(() => memory.forward!(tf.randomNormal([1, 12, 16], 0, 1, 'float32', 1)))
      memory.dispose()
      expect(Math.abs(cost.forwardFlops! - counted), JSON.stringify(given)).toBeLessThan(0.05 * counted)
    }
  })

  it('shows the parents of its segments', async () => {
    const params = registry.fill('hierarchical-context', { dim: 16, segment: 4, scales: [1, 10, 100] })
    const memory = registry.build('hierarchical-context', params, 1, philoxWeights(['a']))
    tf.dispose(memory.forward!(tf.ones([1, 8, 16])))
    const trees = (await memory.traces!()).filter(({ kind }) => kind === 'tree')
    memory.dispose()
    const parents = trees.map(({ perTrial }) => {
      const [value] = perTrial
      return 'nodes' in value ? value.nodes.filter(({ level }) => level > 0).map(({ level }) => level) : []
    })
    // Steps of 1, 10 and 100: spanned from level 1 on (2), level 4 on (16), and by none of five levels.
    expect(parents).toEqual([[1, 1], [4, 4], []])
  })
})

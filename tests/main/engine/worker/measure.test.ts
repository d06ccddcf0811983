import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { measureBlock, measurePeaks } from '../../../../src-main/engine/worker/measure.ts'
import { builtInRegistry } from '../../../../src-main/engine/worker/registry.ts'
import type { BlockId } from '../../../../src-shared/cost/block.ts'
import { asRun } from '../../../../src-shared/cost/measurement.ts'
import { costDefaults, type CostInput } from '../../../../src-shared/cost/symbols.ts'
import { evaluate } from '../../../../src-shared/cost/view.ts'

beforeAll(() => useBackend('wasm'))
const registry = builtInRegistry()
const input: CostInput = { ...costDefaults, d: 32, L: 12, H: 4, M: 20, C: 4 }

describe('measuring a block', () => {
  it.each<BlockId>(['attention', 'neural', 'episodic', 'hybrid'])(
    '%s: times every repeat and leaks nothing',
    async (id) => {
      const before = tf.memory().numTensors
      const point = await measureBlock(registry, id, asRun(id, input), 3)
      expect(point.timesMs).toHaveLength(3)
      expect(point.timesMs.every((ms) => ms > 0)).toBe(true)
      expect(tf.memory().numTensors).toBe(before)
      expect(point.peakBytes).toBeGreaterThan(point.parameterBytes + point.stateBytes)
    }
  )
  it('holds the state that the exact view predicts', async () => {
    for (const id of ['neural', 'episodic'] as const) {
      const { stateBytes } = await measureBlock(registry, id, asRun(id, input), 1)
      // The trace of the surprise, one number a token, comes on top.
      expect(stateBytes / evaluate(id, 'exact', 'state', asRun(id, input))).toBeCloseTo(1, 1)
    }
  })
  it('fills a buffer that starts full, and only that', async () => {
    const held = async (buffer: CostInput['buffer']): Promise<number> =>
      (await measureBlock(registry, 'episodic', { ...asRun('episodic', input), buffer }, 1)).stateBytes
    expect(await held('full')).toBe(2 * 20 * 32 * 4)
    expect(await held('empty')).toBe(2 * 12 * 32 * 4)
  })
})

it('finds peaks that are rates, and leaks nothing', async () => {
  const before = tf.memory().numTensors
  const { flopsPerSecond, bytesPerSecond } = await measurePeaks()
  expect(flopsPerSecond).toBeGreaterThan(1e6)
  expect(bytesPerSecond).toBeGreaterThan(1e6)
  expect(tf.memory().numTensors).toBe(before)
})

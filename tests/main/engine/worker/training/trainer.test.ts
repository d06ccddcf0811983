/** The trainer by itself: checkpoints, trials at different steps, the optimiser and the schedule. */
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { philoxDraws } from '../../../../../src-main/tensors/random/draws.ts'
import { adamW, rateAt } from '../../../../../src-main/engine/worker/training/optimiser.ts'
import { readCheckpoint, writeCheckpoint } from '../../../../../src-main/engine/worker/training/checkpoint.ts'
import type { Trained } from '../../../../../src-main/tasks/training-plan.ts'
import type { TrialState } from '../../../../../src-main/engine/worker/training/checkpoint.ts'
import { train } from '../../../../../src-main/engine/worker/training/trainer.ts'
import { philoxWeights } from '../../../../../src-main/engine/worker/weight-sources.ts'
import { associations } from '../../../../../src-main/tasks/parts/associations.ts'
import { vocabularyOf } from '../../../../../src-main/tasks/parts/vocabulary.ts'
import { registry } from '../../../../support/drive-memory.ts'

beforeAll(() => useBackend('wasm'))

const shape = { pairs: 2, length: 10, queries: 2, reassigned: 0, vocabulary: vocabularyOf(9) }
const keys = ['a', 'b']

function run(over: {
  stop?: number
  saved?: (Uint8Array | undefined)[]
  save?: (states: Uint8Array[]) => void
}): Promise<Trained> {
  const random = philoxDraws(keys)
  let steps = 0
  return train(
    {
      ...{
        dim: 8,
        vocabulary: 9,
        length: 10,
        layers: 1,
        expansion: 1,
        steps: 20,
        learningRate: 0.01,
        stopAt: 1.1,
        saveEvery: 1
      },
      examples: (step) => associations(random, `train.${step}`, 2, 3, shape).examples
    },
    {
      registry,
      tested: { model: 'attention', params: registry.fill('attention', { dim: 8, heads: 2 }) },
      weight: philoxWeights(keys),
      ...{ batch: 2, trials: 2, replay: false },
      checkCancelled() {
        if (steps++ === over.stop) throw new Error('stopped')
      },
      checkpoint: (trial) => over.saved?.[trial],
      save: (states) => over.save?.(states()),
      report: () => undefined
    }
  )
}

describe('training', () => {
  it('goes on from its checkpoints to the same curves, also when trials stopped at different steps', async () => {
    const whole = await run({})
    const saved: Uint8Array[][] = []
    await expect(run({ stop: 12, save: (states) => void saved.push(states.map((s) => s.slice())) })).rejects.toThrow(
      'stopped'
    )
    for (const [a, b] of [
      [11, 11],
      [11, 4],
      [3, 9]
    ])
      expect((await run({ saved: [saved[a][0], saved[b][1]] })).curves).toEqual(whole.curves)
    expect((await run({ saved: [saved[5][0], undefined] })).curves).toEqual(whole.curves)
  })
})

describe('a checkpoint', () => {
  const state: TrialState = {
    ...{ weights: Float32Array.of(1, -2, 3.5), mean: Float32Array.of(0, 1e-30, 2), square: Float32Array.of(4, 5, 6) },
    ...{ step: 7, finished: false, diverged: false, curve: [5, 0.25, 0.1], window: [0.3, 0.2, 2] }
  }
  it('gives back what was written', () => {
    expect(readCheckpoint(writeCheckpoint(state), 3)).toEqual(state)
  })
  it('of another model, or cut short, is none', () => {
    const bytes = writeCheckpoint(state)
    expect(readCheckpoint(bytes, 4)).toBeUndefined()
    expect(readCheckpoint(bytes.subarray(0, bytes.length - 4), 3)).toBeUndefined()
    expect(readCheckpoint(new Uint8Array(0), 0)).toBeUndefined()
  })
})

describe('the optimiser', () => {
  const fresh = (): { weights: Float32Array; mean: Float32Array; square: Float32Array } => ({
    ...{ weights: Float32Array.of(1, 1), mean: new Float32Array(2), square: new Float32Array(2) }
  })
  it('moves each weight by the rate in its first step, whatever the gradient’s size', () => {
    const state = fresh()
    adamW(state, Float32Array.of(0.3, -0.001), Uint8Array.of(0, 0), 0.1, 1)
    expect(state.weights[0]).toBeCloseTo(0.9, 5)
    expect(state.weights[1]).toBeCloseTo(1.1, 4)
  })
  it('clips the gradient to a norm of one and says how long it was', () => {
    const [a, b] = [fresh(), fresh()]
    expect(adamW(a, Float32Array.of(30, 40), Uint8Array.of(0, 0), 0.1, 1)).toBeCloseTo(50, 4)
    adamW(b, Float32Array.of(0.6, 0.8), Uint8Array.of(0, 0), 0.1, 1)
    expect(a.mean[0]).toBeCloseTo(b.mean[0], 6)
  })
  it('decays only the weights that are marked', () => {
    const state = fresh()
    adamW(state, Float32Array.of(0, 0), Uint8Array.of(1, 0), 0.1, 1)
    expect(state.weights[0]).toBeCloseTo(1 - 0.1 * 0.01, 6)
    expect(state.weights[1]).toBe(1)
  })
  it('warms up over a twentieth of the steps and falls to a tenth', () => {
    const rates = Array.from({ length: 100 }, (_, step) => rateAt(step, 100, 2))
    expect(rates.slice(0, 5).map((r) => Number(r.toFixed(12)))).toEqual([0.4, 0.8, 1.2, 1.6, 2])
    expect(Math.max(...rates)).toBe(2)
    expect(rateAt(100, 100, 2)).toBeCloseTo(0.2, 12)
    for (let i = 6; i < 100; i++) expect(rates[i]).toBeLessThan(rates[i - 1])
  })
})

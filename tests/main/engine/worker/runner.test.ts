import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { runBatch, type BatchDeps } from '../../../../src-main/engine/worker/runner.ts'
import type { TrialOutcome } from '../../../../src-shared/shapes/outcome.ts'
import { philoxDraws, torchDraws } from '../../../../src-main/tensors/random/draws.ts'
import { TorchGenerator } from '../../../../src-main/tensors/random/torch.ts'
import { tinyCell, tinyRegistry, tinyTask } from './tiny.ts'

const deps: BatchDeps = { registry: tinyRegistry(), checkCancelled: () => undefined }
const seeds = Array.from({ length: 32 }, (_, i) => 100 + 7 * i)
const run = (
  kind: string,
  wanted = seeds,
  generator: 'philox' | 'torch' = 'philox',
  task: Record<string, number> = {}
): Promise<TrialOutcome[]> => runBatch(tinyTask, tinyCell(kind, wanted, task), wanted, generator, deps)
const untimed = (outcomes: readonly TrialOutcome[]): unknown =>
  outcomes.map((outcome) => ({ ...outcome, elapsedMs: 0 }))

describe.each(['wasm', 'cpu'] as const)('a batch on %s', (backend) => {
  it.each(['philox', 'torch'] as const)(
    'gives a trial the same %s numbers alone, among 32 and in any order',
    async (g) => {
      await useBackend(backend)
      for (const kind of ['linear-associator', 'shift']) {
        const size = { dim: 24, items: 17 }
        const together = await run(kind, seeds, g, size)
        const reversed = await run(kind, [...seeds].reverse(), g, size)
        expect(untimed(reversed.reverse())).toEqual(untimed(together))
        for (const i of [0, 9, 31])
          expect(untimed(await run(kind, [seeds[i]], g, size))).toEqual(untimed([together[i]]))
      }
      expect(new Set((await run('shift')).map((outcome) => outcome.metrics.mse)).size).toBe(32)
    }
  )
})

describe('a batch', () => {
  it('measures what a plain loop over the same draws measures', async () => {
    await useBackend('wasm')
    const [outcome] = await run('linear-associator', [42], 'torch')
    const generator = new TorchGenerator(42)
    const [keys, values] = [generator.randn(32), generator.randn(32)]
    let sum = 0
    for (let q = 0; q < 4; q++)
      for (let j = 0; j < 8; j++) {
        let recalled = 0
        for (let i = 0; i < 4; i++)
          for (let k = 0; k < 8; k++) recalled += values[i * 8 + j] * keys[i * 8 + k] * keys[q * 8 + k]
        sum += (recalled - values[q * 8 + j]) ** 2
      }
    expect(outcome.metrics.mse).toBeCloseTo(sum / 32, 3)
    expect(outcome).toMatchObject({ status: 'done', error: null, backend: 'wasm', seed: 42, cell: 0 })
    expect(outcome.series['mse by item'].x).toEqual([0, 1, 2, 3])
    expect(outcome.series['mse by item'].y.reduce((a, b) => a + b) / 4).toBeCloseTo(outcome.metrics.mse, 4)
  })

  it('ends a trial with NaN as diverged, and that trial alone', async () => {
    const outcomes = await run('unstable')
    const diverged = outcomes.filter((outcome) => outcome.status === 'diverged')
    expect(diverged.length).toBeGreaterThan(4)
    expect(diverged.length).toBeLessThan(28)
    for (const { metrics, error } of diverged) {
      expect(metrics).toEqual({})
      expect(error?.code).toBe('diverged')
    }
    for (const outcome of outcomes) if (outcome.status === 'done') expect(outcome.metrics.mse).toBeTypeOf('number')
    expect(outcomes.every(({ status }) => status === 'done' || status === 'diverged')).toBe(true)
  })

  it('ends the trials in which a model throws as failed, in its own words, and no others', async () => {
    const outcomes = await run('throwing')
    expect(outcomes.some(({ status }) => status === 'done')).toBe(true)
    expect(outcomes.some(({ status }) => status === 'failed')).toBe(true)
    for (const { status, error } of outcomes)
      if (status === 'failed')
        expect(error).toMatchObject({ code: 'model-failed', message: 'The throwing model failed: this key hurts' })
  })

  it('refuses a result of the wrong shape', async () => {
    const [outcome] = await run('misshapen', [1])
    expect(outcome.status).toBe('failed')
    expect(outcome.error?.message).toContain('retrieve gave shape [2, 3, 8] where [2, 4, 8] is due')
  })

  it('leaves no tensor and no variable behind, whatever the model leaks', async () => {
    await run('leaky')
    const before = tf.memory().numTensors
    for (const kind of ['leaky', 'shift', 'throwing', 'unstable', 'linear-associator']) await run(kind)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('slices the traces of a memory by trial', async () => {
    const outcomes = await run('shift', [1, 2])
    const biases = outcomes.map(({ traces }) => ('data' in traces[0].value ? traces[0].value.data : []))
    expect(biases[0]).toHaveLength(8)
    expect(biases[0]).not.toEqual(biases[1])
  })

  it('stops with `cancelled` when the run is', async () => {
    const cancelled = (): never => {
      throw new StudioError('cancelled', 'The run was cancelled.')
    }
    await expect(
      runBatch(tinyTask, tinyCell('shift', [1]), [1], 'philox', { ...deps, checkCancelled: cancelled })
    ).rejects.toMatchObject({ data: { code: 'cancelled' } })
  })
})

describe('draws of a batch', () => {
  it('do not depend on the order of names with philox, and do with torch', () => {
    const [a, b] = [philoxDraws(['k']), philoxDraws(['k'])]
    b.normal('second', 5)
    expect([...b.normal('first', 5)]).toEqual([...a.normal('first', 5)])
    const [c, d] = [torchDraws([new TorchGenerator(1)]), torchDraws([new TorchGenerator(1)])]
    d.normal('second', 5)
    expect([...d.normal('first', 5)]).not.toEqual([...c.normal('first', 5)])
  })

  it('are permutations and whole numbers within their bounds', () => {
    const draws = philoxDraws(['a', 'b'])
    const permutations = draws.permutation('p', 50)
    for (const row of [permutations.slice(0, 50), permutations.slice(50)])
      expect([...row].sort((x, y) => x - y)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    const integers = draws.integers('i', 500, -3, 4)
    expect(new Set(integers)).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]))
    for (const value of draws.uniform('u', 500, -2, 2)) expect(Math.abs(value)).toBeLessThanOrEqual(2)
  })
})

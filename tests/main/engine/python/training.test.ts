/** Blocks that learn in Python, and models held to classes of the user's own: with torch only. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userFiles } from '../../../../src-main/engine/process/user-files.ts'
import { parity } from '../../../../src-main/engine/python/parity.ts'
import { pythonOf, type Python } from '../../../../src-main/engine/python/python.ts'
import { loadRegistry, type Registry } from '../../../../src-main/engine/worker/registry.ts'
import { train } from '../../../../src-main/engine/worker/training/trainer.ts'
import { philoxWeights } from '../../../../src-main/engine/worker/weight-sources.ts'
import { associations } from '../../../../src-main/tasks/parts/associations.ts'
import { vocabularyOf } from '../../../../src-main/tasks/parts/vocabulary.ts'
import type { Trained } from '../../../../src-main/tasks/training-plan.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { philoxDraws } from '../../../../src-main/tensors/random/draws.ts'
import { torchPython, torchReason } from '../../../support/python.ts'

const found = await torchPython()
/** The example alone, in a folder of its own. */
const folder = mkdtempSync(join(tmpdir(), 'engram-python-'))
const file = join(folder, 'my_model.py')
copyFileSync(join(import.meta.dirname, '../../../../examples/my_model.py'), file)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
/** torch alone takes seconds to import. */
const patience = 120_000

describe.skipIf(!found)(`with torch${torchReason(found)}`, () => {
  let registry: Registry
  let python: Python
  beforeAll(async () => {
    await useBackend('wasm')
    const { models } = await userFiles(folder, () => Promise.resolve(found!))
    python = pythonOf(found!.options, () => undefined)
    registry = (await loadRegistry(models, undefined, python)).registry
  }, patience)

  const shape = { pairs: 3, length: 18, queries: 6, reassigned: 0, vocabulary: vocabularyOf(16) }
  function run(
    model: string,
    keys: readonly string[],
    over: { steps?: number; stop?: number; saved?: Uint8Array[]; save?: (states: Uint8Array[]) => void } = {}
  ): Promise<Trained> {
    const random = philoxDraws(keys)
    let steps = 0
    return train(
      {
        ...{ dim: 16, vocabulary: 16, length: 18, layers: 2, expansion: 2 },
        ...{ steps: over.steps ?? 400, learningRate: 0.01, stopAt: 0.98, saveEvery: 1 },
        examples: (step) => associations(random, `train.${step}`, keys.length, 16, shape).examples
      },
      {
        registry,
        tested: { model, params: registry.fill(model, { dim: 16, heads: 2 }) },
        weight: philoxWeights(keys),
        ...{ batch: keys.length, trials: keys.length, replay: false },
        checkCancelled() {
          if (steps++ === over.stop) throw new Error('stopped')
        },
        checkpoint: (trial) => over.saved?.[trial],
        save: (states) => over.save?.(states()),
        report: () => undefined
      }
    )
  }

  it('a PyTorch attention block learns associative recall to .98, in as many steps as the studio’s own', async () => {
    const keys = ['a', 'b', 'c']
    const [mine, own] = [await run('my-model-causal-attention', keys), await run('attention', keys)]
    const last = ({ curves }: Trained): number[] => curves.accuracy.y.map((curve) => curve.at(-1)!)
    for (const accuracy of [...last(mine), ...last(own)]) expect(accuracy).toBeGreaterThan(0.98)
    // Each within twice the other's range: the same block, other draws.
    expect(Math.max(...mine.steps)).toBeLessThan(2 * Math.max(...own.steps))
    expect(Math.max(...own.steps)).toBeLessThan(2 * Math.max(...mine.steps))
    expect(mine.cost.parameters).toBe(own.cost.parameters)
    expect(new Set(mine.curves.loss.y.map((curve) => curve[0])).size).toBe(3)
  }, 180_000)

  it(
    'a trial learns the same alone, and goes on from its checkpoint to the same curve',
    async () => {
      const model = 'my-model-causal-attention'
      const whole = await run(model, ['a', 'b'], { steps: 12 })
      const alone = await run(model, ['b'], { steps: 12 })
      expect(alone.curves.loss.y[0]).toEqual(whole.curves.loss.y[1])
      let saved: Uint8Array[] = []
      await expect(
        run(model, ['a', 'b'], { steps: 12, stop: 7, save: (states) => (saved = states.map((state) => state.slice())) })
      ).rejects.toThrow('stopped')
      const resumed = await run(model, ['a', 'b'], { steps: 12, saved })
      expect(resumed.curves).toEqual(whole.curves)
    },
    patience
  )

  it('a block in a transformer of the studio’s is refused', async () => {
    const tested = registry.fill('transformer', {
      dim: 16,
      blocks: [{ kind: 'my-model-causal-attention', params: { dim: 16 } }]
    })
    const plan = { dim: 16, vocabulary: 16, length: 18, layers: 2, expansion: 2, steps: 1, learningRate: 0.01 }
    await expect(
      train(
        { ...plan, stopAt: 1, saveEvery: 1, examples: () => expect.unreachable() },
        {
          ...{ registry, tested: { model: 'transformer', params: tested }, weight: philoxWeights(['a']) },
          ...{ batch: 1, trials: 1, replay: false, checkCancelled: () => undefined, checkpoint: () => undefined },
          ...{ save: () => undefined, report: () => undefined }
        }
      )
    ).rejects.toThrow('learns in Python')
  })

  describe('parity', () => {
    const request = { file, class: 'HebbianMemory', model: 'linear-associator', params: {}, seeds: 2 }

    it('passes for a class that computes the same, step by step', () => {
      const checked = parity(registry, python, request)
      expect(checked).toMatchObject({ passed: true, onlyStudio: [], params: { python: { dim: 64, rate: 1 } } })
      expect(checked.steps).toHaveLength(6)
      // Sums of 64 products.
      for (const { difference } of checked.steps) expect(difference).toBeLessThan(2e-4)
    })

    it('fails, and says by how much, for one that does not', () => {
      const checked = parity(registry, python, { ...request, params: { decay: 0.5 } })
      expect(checked.passed).toBe(false)
      expect(Math.max(...checked.steps.map(({ difference }) => difference))).toBeGreaterThan(0.1)
      expect(checked.steps.every(({ within }) => within)).toBe(false)
    })

    it('lists the weights whose names do not match, both ways, and does not pass without the model’s own', () => {
      const checked = parity(registry, python, { ...request, model: 'fast-weights' })
      expect(checked.passed).toBe(false)
      expect(checked.onlyPython).toEqual(['matrix'])
      expect(checked.onlyStudio).toEqual(['W_K_fast', 'W_Q_fast', 'W_V_fast'])
    })

    it('refuses a class that is not there, a model of another kind and a parameter that neither has', () => {
      expect(() => parity(registry, python, { ...request, class: 'Nobody' })).toThrow('no memory Nobody')
      expect(() => parity(registry, python, { ...request, model: 'attention' })).toThrow('no key-value model')
      expect(() => parity(registry, python, { ...request, params: { speed: 1 } })).toThrow('"speed"')
    })
  })
})

/** Training that stays on a device against the optimiser on plain arrays, and its loss against the plain ops. */
import * as tf from '@tensorflow/tfjs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { probeBackends } from '../../../../../src-main/engine/process/probes.ts'
import { arrayCourse } from '../../../../../src-main/engine/worker/training/array-course.ts'
import type { Course, Row, StepNews } from '../../../../../src-main/engine/worker/training/learner.ts'
import { crossEntropy } from '../../../../../src-main/engine/worker/training/pick.ts'
import type { OptimiserState } from '../../../../../src-main/engine/worker/training/optimiser.ts'
import { tensorLearner } from '../../../../../src-main/engine/worker/training/tensor-learner.ts'
import { philoxWeights } from '../../../../../src-main/engine/worker/weight-sources.ts'
import { checkBackend, useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { releaseWebgpu } from '../../../../../src-main/tensors/backends/webgpu.ts'
import { fusedScore } from '../../../../../src-main/tensors/fused-ops.ts'
import { setKernels } from '../../../../../src-main/tensors/kernels/index.ts'
import type { Examples, TrainingPlan } from '../../../../../src-main/tasks/training-plan.ts'
import type { ParamValues } from '../../../../../src-shared/shapes/params.ts'
import { countGpu } from '../../../../support/gpu-counts.ts'
import { registry } from '../../../../support/drive-memory.ts'

const gpu = (await probeBackends()).find(({ name }) => name === 'webgpu')

describe.skipIf(!gpu?.available)('on webgpu', () => {
  beforeAll(() => useBackend('webgpu'))
  afterEach(async () => {
    setKernels(true)
    await useBackend('webgpu')
  })
  afterAll(releaseWebgpu)

  const [trials, sequences, length, dim, vocabulary] = [2, 3, 8, 4, 9]
  const numbers = (count: number, below: number, step: number): Int32Array =>
    Int32Array.from({ length: count }, (_, i) => (i * step + 2) % below)
  const examplesOf = (step: number): Examples => ({
    ...{ sequences, length, asked: 2 },
    tokens: numbers(trials * sequences * length, vocabulary, 5 + step),
    positions: Int32Array.from({ length: trials * sequences * 2 }, (_, i) => (i % 2 ? 6 : 3)),
    targets: numbers(trials * sequences * 2, vocabulary, 7 + step)
  })
  const plan: TrainingPlan = {
    ...{ dim, vocabulary, length, layers: 1, expansion: 1, steps: 3, learningRate: 0.1, stopAt: 1, saveEvery: 9 },
    examples: examplesOf
  }

  /** Parameters of the model, and tokens of a call. */
  type Given = ParamValues & { turn?: number }

  interface Taken {
    rows: Row[]
    news: StepNews[][]
  }

  function courseOf(model: string, use: boolean, { turn, ...given }: Given = {}): { rows: Row[]; walk: Course } {
    setKernels(use)
    const tested = {
      model,
      params: registry.fill(model, { dim, ...('heads' in registry.model(model).params && { heads: 2 }), ...given })
    }
    const learner = tensorLearner(registry, tested, { ...plan, turn }, trials, philoxWeights(['a', 'b']))
    const rows = Array.from({ length: trials }, (_, trial) => {
      const weights = learner.first(trial)
      const none = (): Float32Array => new Float32Array(weights.length)
      return { trial, state: { weights, mean: none(), square: none() } }
    })
    const course = learner.course(rows)
    expect(course !== undefined).toBe(use)
    return { rows, walk: course ?? arrayCourse(learner, rows, trials) }
  }

  /** @param most dispatches of a step on the device; the plain ops of arrays are those of wasm */
  async function taken(model: string, use: boolean, rate: number, given: Given = {}, most = Infinity): Promise<Taken> {
    await useBackend(use ? 'webgpu' : 'wasm')
    const { rows, walk } = courseOf(model, use, given)
    const counts = countGpu()
    for (let step = 0; step < plan.steps; step++) await walk.step(examplesOf(step), rate, step + 1)
    if (use) expect(counts().readBack).toBe(0)
    expect(counts().dispatches).toBeLessThanOrEqual(most * plan.steps)
    const news = await walk.news()
    expect(await walk.news()).toEqual([])
    await walk.settle()
    walk.dispose()
    return { rows, news }
  }

  /** Adam takes a whole step on a gradient that is nothing but rounding, as that of the keys' bias: such are left out. */
  const apart = (there: OptimiserState, here: OptimiserState, part: 'weights' | 'mean' | 'square'): number =>
    Math.max(...there[part].map((x, i) => (here.square[i] > 1e-11 ? Math.abs(x - here[part][i]) : 0)))

  it.each<[string, number, Given?]>([
    ['attention', 22],
    ['series-attention-cmr', 32],
    ['gated-delta-rule', 31],
    ['titans', 25, { rates: 'token', chunk: 3, updateFraction: 0.5 }],
    ['titans', 34, { turn: 4 }]
  ])(
    '%s learns what it learns on arrays, in at most %i dispatches a step, and reads nothing on the way, with %o',
    async (model, most, given) => {
      const there = await taken(model, true, 0.02, given, most)
      const held = (): number[] => {
        const { numTensors, numDataBuffers } = tf.memory()
        return [numTensors, numDataBuffers, tf.engine().backend.numDataIds()]
      }
      const before = held()
      await taken(model, true, 0.02, given)
      expect(held()).toEqual(before)
      expect(checkBackend).not.toThrow()
      const here = await taken(model, false, 0.02, given)
      expect(there.news.length).toBe(plan.steps)
      there.news.flat().forEach(({ loss, accuracy, norm }, i) => {
        const wanted = here.news.flat()[i]
        expect(accuracy).toBeCloseTo(wanted.accuracy, 6)
        expect(Math.abs(loss - wanted.loss)).toBeLessThan(1e-4)
        expect(Math.abs(norm - wanted.norm) / wanted.norm).toBeLessThan(1e-3)
      })
      for (let row = 0; row < trials; row++)
        for (const part of ['weights', 'mean', 'square'] as const)
          expect(apart(there.rows[row].state, here.rows[row].state, part), part).toBeLessThan(2e-4)
    },
    240_000
  )

  it('says of each step whether its numbers are finite', async () => {
    const { news } = await taken('attention', true, 1e38)
    expect(news[0].every(({ loss, norm }) => Number.isFinite(loss) && Number.isFinite(norm))).toBe(true)
    expect(news[2].some(({ loss, norm }) => Number.isFinite(loss) && Number.isFinite(norm))).toBe(false)
  })

  it('tells a device without memory from a training that diverges', async () => {
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    const course = courseOf('attention', true).walk
    await course.step(examplesOf(0), 0.02, 1)
    const error = Object.assign(new Error('no memory'), { constructor: { name: 'GPUOutOfMemoryError' } })
    device.onuncapturederror!({ error } as unknown as GPUUncapturedErrorEvent)
    await expect(course.news()).rejects.toMatchObject({ data: { code: 'device-limit' } })
    course.dispose()
  })

  /** Loss, right answers and slopes from one op, and from plain ops and loops. */
  async function scores(logits: tf.Tensor3D, targets: Int32Array): Promise<{ sums: number[]; slopes: number[] }[]> {
    const [batch, count, width] = logits.shape
    const sums = fusedScore(logits, targets)!
    const slopes = tf.grad((x) => fusedScore(x, targets)!)(logits)
    const plain = tf.grad((x) => tf.sum(crossEntropy(x, targets)))(logits)
    const rows = await logits.data<'float32'>()
    const wanted = Array.from({ length: batch }, (_, b) => {
      let [loss, right] = [0, 0]
      for (let i = b * count; i < (b + 1) * count; i++) {
        const row = rows.subarray(i * width, (i + 1) * width)
        const top = Math.max(...row)
        loss += Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) + top - row[targets[i]]
        right += Number(row.indexOf(top) === targets[i])
      }
      return [loss, right]
    })
    return [
      { sums: [...(await sums.data())], slopes: [...(await slopes.data())] },
      { sums: wanted.flat(), slopes: [...(await plain.data())] }
    ]
  }

  it.each([
    ['one answer of two words', 1, 1, 2, 1],
    ['more answers than a workgroup has threads', 2, 300, 5, 1],
    ['as many words as threads, and one more', 2, 3, 257, 3],
    ['nothing but ties', 2, 6, 4, 0],
    ['words of which one has all', 2, 6, 4, 1e4]
  ])('scores %s', async (_, batch, count, width, scale) => {
    const logits = tf.tidy(() => tf.randomNormal([batch, count, width], 0, 1, 'float32', 3).mul(scale)) as tf.Tensor3D
    const [op, plain] = await scores(logits, numbers(batch * count, width, 3))
    op.sums.forEach((x, i) => expect(Math.abs(x - plain.sums[i])).toBeLessThan(1e-4 * (1 + Math.abs(plain.sums[i]))))
    op.slopes.forEach((x, i) => expect(Math.abs(x - plain.slopes[i])).toBeLessThan(1e-5))
  })
})

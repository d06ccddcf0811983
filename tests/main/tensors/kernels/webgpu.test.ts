/** The kernels of webgpu against its plain ops, on a GPU or an imitation of one. */
import * as tf from '@tensorflow/tfjs'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { readSlots, type ReadOptions } from '../../../../src-main/models/parts/memory/attention-read.ts'
import { probeBackends } from '../../../../src-main/engine/process/probes.ts'
import type { Trace } from '../../../../src-main/models/model.ts'
import { builtInModels } from '../../../../src-main/models/registry.ts'
import { checkBackend, useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { releaseWebgpu } from '../../../../src-main/tensors/backends/webgpu.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'
import { philoxDraws } from '../../../../src-main/tensors/random/draws.ts'
import type { ParamValues } from '../../../../src-shared/shapes/params.ts'
import { build, inputsFor, paramsFor, type Sizes } from '../../../support/drive-memory.ts'
import { countGpu } from '../../../support/gpu-counts.ts'

const gpu = (await probeBackends()).find(({ name }) => name === 'webgpu')

describe.skipIf(!gpu?.available)('on webgpu', () => {
  beforeAll(() => useBackend('webgpu'))
  afterEach(() => setKernels(true))
  afterAll(releaseWebgpu)

  const draws = philoxDraws(['read'])
  const normal = (name: string, ...shape: number[]): tf.Tensor =>
    tf.tensor(
      draws.normal(
        name,
        shape.reduce((a, b) => a * b, 1)
      ),
      shape
    )

  /** The largest difference of a read and its weights from those of the plain ops. */
  async function apart(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: ReadOptions): Promise<number> {
    const both: number[][] = []
    for (const use of [true, false]) {
      setKernels(use)
      const { read, attention } = readSlots(q, k, v, options)
      both.push([...(await read.data()), ...(await attention.data())])
    }
    setKernels(true)
    expect(both[0].length).toBe(both[1].length)
    return Math.max(...both[0].map((x, i) => Math.abs(x - both[1][i])))
  }

  it.each([
    [1, 1, 1, 1, 0],
    [7, 13, 5, 3, 2],
    [9, 130, 12, 70, 5],
    [3, 64, 8, 64, 0]
  ])('%i queries read %i slots of %i and %i, contexts of %i', async (count, slots, dim, valueDim, contextDim) => {
    const [q, k, v] = [normal('q', 2, count, dim), normal('k', 2, slots, dim), normal('v', 2, slots, valueDim)]
    const contexts = { queries: normal('z', 2, count, contextDim), slots: normal('c', 2, slots, contextDim) }
    const options = { ...(contextDim && { contexts }), scale: 0.7, kept: 4 }
    expect(await apart(q, k, v, options)).toBeLessThan(1e-5)
    expect(await apart(q, k, v, { ...options, kept: 0, bias: normal('each', 2, 1, slots) })).toBeLessThan(1e-5)
    expect(await apart(q, k, v, { ...options, bias: normal('one', slots).dataSync<'float32'>() })).toBeLessThan(1e-5)
  })

  test('very large scores, zero queries and masks are read as the plain ops read them', async () => {
    const [k, v] = [normal('k', 1, 140, 5), normal('v', 1, 140, 4)]
    const mask = new Float32Array(140).fill(-Infinity)
    mask.fill(0, 70, 73)
    expect(await apart(normal('q', 1, 7, 5).mul(1e4), k, v, { kept: 7 })).toBeLessThan(1e-5)
    expect(await apart(tf.zeros([1, 7, 5]), k, v, { kept: 7 })).toBeLessThan(1e-5)
    expect(await apart(normal('q', 1, 7, 5), k, v, { kept: 7, bias: mask })).toBeLessThan(1e-5)
  })

  it.each([3, 64, 130])(
    'of %i masked slots a query reads what is left, and where nothing is left what the plain ops say: no number',
    async (slots) => {
      const [q, k, v] = [normal('q', 1, 2, 5), normal('k', 1, slots, 5), normal('v', 1, slots, 4)]
      const all = new Float32Array(slots).fill(-Infinity)
      const last = all.slice()
      last[slots - 1] = 0
      expect(await apart(q, k, v, { kept: 2, bias: last })).toBeLessThan(1e-6)
      for (const use of [true, false]) {
        setKernels(use)
        const { read, attention } = readSlots(q, k, v, { kept: 1, bias: all })
        expect([...(await read.data()), ...(await attention.data())].every(Number.isNaN)).toBe(true)
      }
    }
  )

  /** With limits of the device smaller than they are. */
  async function within(limits: Partial<GPUSupportedLimits>, body: () => Promise<void>): Promise<void> {
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    const own = device.limits
    const planted = new Proxy(own, {
      get: (_, name) =>
        (limits as Record<string | symbol, number>)[name] ?? (own as unknown as Record<string | symbol, number>)[name]
    })
    Object.assign(device, { limits: planted })
    try {
      await body()
    } finally {
      Object.assign(device, { limits: own })
    }
  }

  it.each<[ParamValues]>([[{}], [{ chunk: 4, rates: 'token' }], [{ depth: 1, updateFraction: 0.4 }]])(
    'Titans with %o answers token by token, and shows its layers, as on plain ops, in two calls',
    async (given) => {
      const model = builtInModels.find(({ id }) => id === 'titans')!
      const x = normal('x', 2, 6, 8)
      const said: { answers: number[]; traces: Trace[] }[] = []
      for (const use of [true, false]) {
        setKernels(use)
        const memory = build(model, paramsFor(model, { dim: 8 }, given), [1, 2])
        const answers: number[] = []
        for (let call = 0; call < 2; call++) answers.push(...(await memory.forward!(x).data()))
        said.push({ answers, traces: await memory.traces!() })
        memory.dispose()
      }
      const [fused, plain] = said
      expect(Math.max(...fused.answers.map((y, i) => Math.abs(y - plain.answers[i])))).toBeLessThan(1e-5)
      // Number by number, and what stands between them.
      const parts = (traces: Trace[]): string[] => JSON.stringify(traces).split(/(-?\d+(?:\.\d+)?(?:e-?\d+)?)/)
      const wanted = parts(plain.traces)
      expect(parts(fused.traces).length).toBe(wanted.length)
      parts(fused.traces).forEach((part, i) => {
        if (i % 2) expect(Math.abs(Number(part) - Number(wanted[i]))).toBeLessThan(1e-4)
        else expect(part).toBe(wanted[i])
      })
    },
    120_000
  )

  test('more workgroups than a device takes in one dimension lie in two, and more than that are refused', async () => {
    const [k, v] = [normal('k', 1, 5, 3), normal('v', 1, 5, 4)]
    const q = normal('q', 1, 23, 3)
    const whole = await readSlots(q, k, v).read.data()
    await within({ maxComputeWorkgroupsPerDimension: 5 }, async () => {
      expect([...(await readSlots(q, k, v).read.data())]).toEqual([...whole])
      expect(() => readSlots(normal('q', 1, 26, 3), k, v)).toThrow('more workgroups than this GPU gives')
    })
  })

  test('a tensor that the device does not bind is refused by its size, also one that a kernel works in', async () => {
    const model = builtInModels.find(({ id }) => id === 'true-episodic')!
    const memory = build(model, paramsFor(model, { dim: 12, contextDim: 5 }, { memorySize: 64 }), [1, 2])
    const inputs = inputsFor(model, { dim: 12, contextDim: 5, items: 60, queries: 2 }, [1, 2], 'large')
    await within({ maxStorageBufferBindingSize: 2 ** 14 }, () => {
      expect(() => memory.store!(inputs.store)).toThrow(/A tensor of 1 MiB is more than the 1 MiB/)
      return Promise.resolve()
    })
    memory.reset()
    memory.store!({
      ...inputs.store,
      keys: inputs.store.keys.slice([0, 0, 0], [-1, 2, -1]),
      values: inputs.store.values.slice([0, 0, 0], [-1, 2, -1]),
      contexts: undefined
    })
    expect((await memory.retrieve!(inputs.retrieve).data()).every(Number.isFinite)).toBe(true)
    expect(checkBackend).not.toThrow()
  })

  const sizes: Sizes = { dim: 12, contextDim: 5, rows: 3, columns: 4, items: 37, queries: 9 }

  /** What they answer after one store and after two with fused kernels and without, and how much is asked of the GPU with them. */
  /** @param read dispatches of the first read @param later of one after a second store, where its rows have to be joined */
  async function holds(
    id: string,
    given: ParamValues,
    sizes: Sizes,
    store: number,
    read: number,
    later = read
  ): Promise<void> {
    const model = builtInModels.find((candidate) => candidate.id === id)!
    const answers: number[][] = []
    for (const use of [true, false]) {
      setKernels(use)
      const before = tf.memory().numTensors
      const memory = build(model, paramsFor(model, sizes, given), [1, 2, 3])
      const inputs = inputsFor(model, sizes, [1, 2, 3], 'gpu')
      const said: number[][] = []
      for (let call = 0; call < 2; call++) {
        const counts = countGpu()
        memory.store!(inputs.store)
        const stored = counts()
        const answer = memory.retrieve!(inputs.retrieve)
        const done = counts()
        said.push([...(await answer.data())])
        answer.dispose()
        if (use) {
          expect(stored.dispatches).toBeLessThanOrEqual(store)
          expect(done.dispatches - stored.dispatches).toBeLessThanOrEqual(call === 0 ? read : later)
          expect(done.readBack).toBe(0)
        }
      }
      answers.push(said.flat())
      if (use) {
        memory.reset()
        memory.store!(inputs.store)
        const again = memory.retrieve!(inputs.retrieve)
        expect([...(await again.data())]).toEqual(said[0])
        again.dispose()
      }
      memory.dispose()
      inputs.dispose()
      expect(tf.memory().numTensors).toBe(before)
    }
    const [fused, plain] = answers
    expect(Math.max(...fused.map((x, i) => Math.abs(x - plain[i])))).toBeLessThan(1e-4)
    expect(checkBackend).not.toThrow()
  }

  const few: Sizes = { ...sizes, items: 3, queries: 2 }
  // Written by many steps, which take plain ops long on an imitation.
  it.each<[string, ParamValues, Sizes, number, number]>([
    ['true-episodic', { memorySize: 5, innerSteps: 2 }, { ...few, dim: 2 }, 1, 2],
    ['true-episodic', { memorySize: 70, orthogonalityWeight: 0, innerSteps: 1, outerSteps: 1 }, few, 1, 2],
    ['true-episodic', { memorySize: 4, innerSteps: 1, outerSteps: 1, writeMode: 'copy+gradient' }, few, 1, 2],
    ['true-episodic', { memorySize: 6, writeMode: 'copy' }, few, 1, 2],
    ['true-episodic', { memorySize: 1, innerSteps: 1 }, { ...few, items: 1, queries: 1 }, 1, 2],
    ['true-matrix', { memorySize: 4, updateSteps: 2 }, few, 1, 2],
    ['adaptive-episodic', { memorySize: 5 }, { ...few, items: 1 }, 2, 2],
    ['graph', { nodes: 70 }, { ...few, items: 2 }, 3, 6],
    ['graph', { nodes: 1, heads: 1 }, { ...few, items: 1 }, 3, 6],
    // Once its weights are joined, two and four a level.
    ['hierarchical', { heads: 3, maxLevels: 3 }, { ...few, items: 5 }, 8, 5],
    ['hierarchical-linear', { heads: 2, maxLevels: 2 }, few, 9, 5],
    ['mixture', { k: 1, routing: 'top-k' }, few, 3, 16],
    ['mixture', {}, few, 3, 7],
    ['titans', {}, few, 2, 1],
    ['titans', { chunk: 2, depth: 3 }, few, 2, 1],
    ['titans', { rates: 'token', depth: 1, updateFraction: 0.3 }, few, 2, 1],
    ['titans', { rates: 'token', chunk: 2, updateFraction: 0.5, normalizeKeys: false }, few, 2, 1]
  ])(
    '%s with %o writes %o as plain ops do, in at most %i dispatches, and reads in %i',
    (id, given, sizes, store, read) => holds(id, given, sizes, store, read),
    120_000
  )

  it.each<[string, ParamValues, number, number, number?]>([
    ['hopfield', {}, 0, 2, 3],
    ['episodic-slots', { memorySize: 7, updateSteps: 3, learningRate: 0.05 }, 1, 1],
    ['projecting-slots', { memorySize: 7, memoryDim: 6, updateSteps: 2, learningRate: 0.05 }, 1, 2],
    ['linear-associator', {}, 1, 1],
    ['linear-associator', { symmetric: true }, 2, 1],
    ['fast-weights', {}, 3, 2],
    ['gated-episodic', { memorySize: 7 }, 3, 6],
    ['gated-episodic', { memorySize: 40, threshold: 0.499 }, 3, 6],
    ['gated-episodic', { threshold: 1 }, 3, 6],
    ['gated-episodic', { memorySize: 1 }, 3, 6],
    ['context-drift', {}, 0, 3],
    ['meta-fast-weights', { updateScale: 1, hiddenDim: 20 }, 2, 1],
    ['rag', {}, 1, 3, 6],
    ['rag', { topK: 40, heads: 3, memorySize: 20 }, 1, 3, 7],
    ['rag', { topK: 3, projections: 'identity', heads: 1 }, 1, 3, 6],
    ['delta-rule', {}, 2, 1],
    ['delta-rule', { beta: 0.05, normalizeKeys: false }, 1, 1]
  ])(
    '%s with %o answers what it answers on plain ops, in at most %i dispatches a store and %i a read',
    (id, given, store, read, later) => holds(id, given, sizes, store, read, later)
  )
})

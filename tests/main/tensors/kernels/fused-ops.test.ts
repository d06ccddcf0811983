/** Ops in one pass against the plain ops that they stand for, forward and gradient, for sizes that fill no vector. */
import * as tf from '@tensorflow/tfjs'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { probeBackends } from '../../../../src-main/engine/process/probes.ts'
import { pick } from '../../../../src-main/engine/worker/training/pick.ts'
import { readHeads } from '../../../../src-main/models/parts/blocks/block-heads.ts'
import { LinearRecurrence } from '../../../../src-main/models/parts/blocks/linear-recurrence.ts'
import { silu } from '../../../../src-main/models/parts/blocks/neural-memory.ts'
import { ConvolvedMap } from '../../../../src-main/models/parts/blocks/short-convolution.ts'
import { unit } from '../../../../src-main/models/parts/memory/cosine.ts'
import { rmsNorm } from '../../../../src-main/models/parts/memory/rms-norm.ts'
import { spread } from '../../../../src-main/models/parts/memory/shared-weights.ts'
import { checkBackend, useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { releaseWebgpu } from '../../../../src-main/tensors/backends/webgpu.ts'
import { fusedConvolution } from '../../../../src-main/tensors/fused-ops.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'

const gpu = (await probeBackends()).find(({ name }) => name === 'webgpu')
afterAll(releaseWebgpu)

const wave = (shape: number[], by: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(by * (i + 1))),
    shape
  )

/** What a calculation answers, and the gradients of a weighted sum of its answers. */
async function outcome(inputs: readonly tf.Tensor[], run: (...inputs: tf.Tensor[]) => tf.Tensor): Promise<number[][]> {
  const made = tf.tidy(() => {
    const grads = tf.grads((...xs: tf.Tensor[]) => {
      const y = run(...xs)
      return tf.sum(y.mul(wave(y.shape, 0.7)))
    })([...inputs])
    return [run(...inputs), ...grads]
  })
  const numbers = await Promise.all(made.map(async (tensor) => [...(await tensor.data())]))
  tf.dispose(made)
  return numbers
}

async function alike(inputs: readonly tf.Tensor[], run: (...inputs: tf.Tensor[]) => tf.Tensor): Promise<void> {
  setKernels(true)
  const fused = await outcome(inputs, run)
  setKernels(false)
  const plain = await outcome(inputs, run)
  setKernels(true)
  fused.forEach((numbers, n) => {
    expect(numbers.length).toBe(plain[n].length)
    const scale = Math.max(1, ...plain[n].map(Math.abs))
    numbers.forEach((x, i) => expect(Math.abs(x - plain[n][i]) / scale).toBeLessThan(1e-5))
  })
  expect(checkBackend).not.toThrow()
}

const backends = [{ backend: 'wasm' as const }, ...(gpu?.available ? [{ backend: 'webgpu' as const }] : [])]

describe.each(backends)('on $backend', ({ backend }) => {
  beforeAll(() => useBackend(backend))
  afterEach(() => setKernels(true))

  describe('the recurrence', () => {
    const sizes = [
      [1, 1, 1],
      [3, 5, 2],
      [4, 16, 33],
      [5, 7, 35],
      [8, 33, 70]
    ]
    const kinds = [
      { decay: false, delta: false },
      { decay: true, delta: false },
      { decay: false, delta: true },
      { decay: true, delta: true }
    ]
    describe.each(kinds)('%o', ({ decay, delta }) => {
      it.each(sizes)(
        'gives what chunks give for keys of %d, values of %d and %d tokens, in two calls',
        async (dk, dv, length) => {
          const row = [2, 2, length]
          const k = wave([...row, dk], 1.1)
          const inputs = [
            wave([...row, dk], 0.9),
            tf.tidy(() => k.div(tf.norm(k, 2, 3, true))),
            wave([...row, dv], 1.7),
            ...(decay
              ? [
                  wave([...row, 1], 2.3)
                    .square()
                    .mul(-3)
                ]
              : []),
            ...(delta ? [wave([...row, 1], 2.9).square()] : [])
          ]
          const first = Math.ceil(length / 2)
          await alike(inputs, (...given) => {
            const memory = new LinearRecurrence(false)
            const call = (at: number, count: number): tf.Tensor => {
              const [q, key, v, ...rest] = given.map((x) => x.slice([0, 0, at, 0], [-1, -1, count, -1]))
              const logDecay = decay ? rest.shift() : undefined
              return memory.run({ q, k: key, v, logDecay, beta: rest.shift() })
            }
            const answers = [call(0, first), ...(length > first ? [call(first, length - first)] : [])]
            return tf.concat(answers, 2)
          })
          tf.dispose(inputs)
        }
      )
    })
  })

  describe('the convolution', () => {
    it.each([
      [1, 1],
      [3, 2],
      [4, 3],
      [7, 4],
      [9, 40]
    ])('gives what slices and products give for %d channels and %d tokens, in two calls', async (channels, length) => {
      const [trials, sequences] = [2, 3]
      const map = wave([trials, channels, channels], 1.3)
      const taps = wave([trials, channels, 1, 4], 0.8)
      const first = Math.ceil(length / 2)
      await alike([wave([trials * sequences, length, channels], 0.6), map, taps], (x, w, c) => {
        const convolved = new ConvolvedMap((name) => (name.startsWith('W') ? w : c), {
          ...{ map: 'W', kernel: 'c', inputs: channels, outputs: channels, convolution: 'short' }
        })
        const call = (at: number, count: number): tf.Tensor => convolved.run(x.slice([0, at, 0], [-1, count, -1]))
        return tf.concat([call(0, first), ...(length > first ? [call(first, length - first)] : [])], 1)
      })
    })

    it('is used where fused kernels are, and only there', async () => {
      const run = (): tf.Tensor | undefined =>
        tf.tidy(() => fusedConvolution(tf.ones([1, 2, 3]), tf.ones([1, 4, 3]), undefined))
      expect([...((await run()?.data()) ?? [])]).toEqual([1, 1, 1, 2, 2, 2])
      setKernels(false)
      expect(run()).toBeUndefined()
    })
  })

  describe('attention', () => {
    /** What each of n tokens sees of m entries. */
    const views = {
      'all before it and itself': (t: number, n: number, m: number) => [0, m - n + t + 1],
      'all strictly before it, the first nothing': (t: number) => [0, t],
      'a window of three': (t: number, n: number, m: number) => [Math.max(0, m - n + t - 2), m - n + t + 1],
      everything: (_: number, __: number, m: number) => [0, m],
      'by turns nothing and the last entry': (t: number, _: number, m: number) => (t % 2 ? [0, 0] : [m - 1, m])
    } satisfies Record<string, (t: number, n: number, m: number) => [number, number] | number[]>
    const sizes = [
      { length: 1, past: 0, heads: 1, size: 1 },
      { length: 3, past: 2, heads: 2, size: 3 },
      { length: 9, past: 0, heads: 1, size: 8 },
      { length: 17, past: 5, heads: 2, size: 4 },
      { length: 66, past: 0, heads: 1, size: 32 }
    ]
    const inputs = (length: number, entries: number, dim: number, scale = 1): tf.Tensor[] => [
      tf.tidy(() => wave([2, length, dim], 0.9).mul(scale)),
      wave([2, entries, dim], 1.1),
      wave([2, entries, dim], 1.7)
    ]
    describe.each(Object.entries(views))('in which a token sees %s', (_, see) => {
      it.each(sizes)('gives what masked products give for %o', async ({ length, past, heads, size }) => {
        const entries = length + past
        const given = inputs(length, entries, heads * size)
        const seen = (t: number): [number, number] => see(t, length, entries) as [number, number]
        await alike(given, (q, k, v) => readHeads({ q, k, v, heads, similarity: 'dot', seen }))
        tf.dispose(given)
      })
    })

    it('stays finite where scores are far apart, and gives all to the largest', async () => {
      const given = inputs(5, 5, 4, 1e6)
      await alike(given, (q, k, v) => readHeads({ q, k, v, heads: 1, similarity: 'dot', seen: (t) => [0, t + 1] }))
      tf.dispose(given)
    })

    it('has the slopes that small steps show', async () => {
      const [length, dim] = [6, 4]
      const given = inputs(length, length, dim)
      const run = (...[q, k, v]: tf.Tensor[]): tf.Tensor =>
        readHeads({ q, k, v, heads: 2, similarity: 'dot', seen: (t) => [Math.max(0, t - 3), t + 1] })
      const value = async (inputs: readonly tf.Tensor[]): Promise<number> => {
        const y = tf.tidy(() => run(...inputs))
        const numbers = await y.data<'float32'>()
        y.dispose()
        // As `outcome` weighs them.
        return numbers.reduce((sum, x, i) => sum + x * Math.fround(Math.sin(0.7 * (i + 1))), 0)
      }
      const [, ...slopes] = await outcome(given, run)
      const step = 1e-2
      for (const [which, slope] of slopes.entries()) {
        const numbers = await given[which].data<'float32'>()
        for (const [at, mine] of slope.entries()) {
          const moved = async (by: number): Promise<number> => {
            const data = numbers.slice()
            data[at] += by
            const other = tf.tensor(data, given[which].shape)
            const found = await value(given.map((x, i) => (i === which ? other : x)))
            other.dispose()
            return found
          }
          const [ahead, behind] = [
            (await moved(step)) - (await moved(-step)),
            (await moved(2 * step)) - (await moved(-2 * step))
          ]
          // Of the fourth order, so that the step may be large enough for float32.
          expect(Math.abs(mine - (8 * ahead - behind) / (12 * step))).toBeLessThan(2e-4)
        }
      }
      tf.dispose(given)
    })

    it('shows NaN where it is among what a token sees, and only there', async () => {
      const [q, k, v] = [tf.ones([1, 3, 4]), tf.ones([1, 3, 4]), tf.ones([1, 3, 4])]
      const bad = tf.tidy(() => k.mul(tf.tensor3d([1, 1, NaN], [1, 3, 1])))
      const y = await readHeads({ q, k: bad, v, heads: 1, similarity: 'dot', seen: (t) => [0, t + 1] }).data()
      expect([...y].map(Number.isNaN)).toEqual([
        ...new Array<boolean>(8).fill(false),
        ...new Array<boolean>(4).fill(true)
      ])
    })
  })

  describe('rows', () => {
    const widths = [1, 3, 4, 9, 32]
    it.each(widths)('of %d numbers are taken by index, also one of them twice', async (width) => {
      const places = Int32Array.of(2, 0, 2, 1, 1, 1)
      await alike([wave([2, 3, width], 0.8)], (table) => pick(table, places))
    })

    it.each(widths)('of %d numbers are repeated', async (width) => {
      await alike([wave([2, width, 2], 0.8)], (x) => spread(x, 6))
    })

    it.each(widths)('of %d numbers get one size, or one length', async (width) => {
      const rows = [1, 0, 1e-9, 1e-4, 3e3, 1e25]
      const x = tf.tidy(() => wave([1, rows.length, width], 0.8).mul(tf.tensor3d(rows, [1, rows.length, 1])))
      // Slopes of rows so different in size are held to each other row by row.
      for (const norm of [unit, rmsNorm])
        for (const row of rows.keys()) await alike([x.slice([0, row, 0], [1, 1, width])], (x) => norm(x))
    })

    it.each(widths)('of %d numbers pass the activation', async (width) => {
      await alike([wave([2, 3, width], 0.8).mul(4)], (x) => silu(x))
      const far = tf.tensor2d([[-1000, -100, 0, 100, 1000, NaN]])
      expect([...(await silu(far).data())]).toEqual([-0, -0, 0, 100, 1000, NaN])
    })
  })

  test('a copy keeps its numbers when what it was copied from is gone', async () => {
    const before = tf.memory().numTensors
    const x = tf.tensor1d([1, 2, 3])
    const copy = x.clone()
    x.dispose()
    // Takes the place in memory, if it was given back.
    const other = tf.fill([3], 9)
    expect([...(await copy.data())]).toEqual([1, 2, 3])
    expect([...(await copy.add(1).data())]).toEqual([2, 3, 4])
    tf.dispose([copy, other])
    expect(tf.memory().numTensors - before).toBe(1)
  })
})

import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it, test } from 'vitest'
import { probeBackends } from '../../../../src-main/engine/process/probes.ts'
import { checkBackend, useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { together } from '../../../../src-main/tensors/fused-ops.ts'
import { countGpu } from '../../../support/gpu-counts.ts'
import { opCases, type OpCase } from '../../../support/op-cases.ts'
import { releaseWebgpu } from '../../../../src-main/tensors/backends/webgpu.ts'

const found = await probeBackends()
const gpu = found.find(({ name }) => name === 'webgpu')

describe.skipIf(!gpu?.available)('WebGPU where a driver is', () => {
  afterAll(releaseWebgpu)

  it('names its adapter, and says of an imitation that it is one', () => {
    expect(gpu?.adapter).not.toBe('')
    expect(gpu?.software).toBe(gpu?.adapter.endsWith(', software'))
  })

  it('multiplies a batch of matrices and transposes whole numbers', async () => {
    await useBackend('webgpu')
    const a = tf.tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])
    expect([...(await tf.matMul(a, a).data())]).toEqual([7, 10, 15, 22, 67, 78, 91, 106])
    const whole = tf.tensor([1, 2, 3, 4000001], [2, 2], 'int32')
    expect([...(await whole.transpose().data())]).toEqual([1, 3, 2, 4000001])
    expect(checkBackend).not.toThrow()
  })

  /** Holds the cases on webgpu, run like this, to those on the cpu. @returns dispatches */
  async function agree(
    cases: readonly OpCase[],
    run: (computes: readonly OpCase['compute'][]) => (tf.Tensor | tf.Tensor[])[]
  ): Promise<number> {
    let counts = countGpu()
    const results = async (backend: 'cpu' | 'webgpu'): Promise<{ shape: number[]; data: number[] }[][]> => {
      await useBackend(backend)
      counts = countGpu()
      const made = tf.tidy(() => run(cases.map(({ compute }) => compute)))
      const all: { shape: number[]; data: number[] }[][] = []
      for (const each of made)
        all.push(await Promise.all([each].flat().map(async (x) => ({ shape: x.shape, data: [...(await x.data())] }))))
      tf.dispose(made)
      return all
    }
    const [wanted, got] = [await results('cpu'), await results('webgpu')]
    for (const [i, { name }] of cases.entries())
      got[i].forEach(({ shape, data }, k) => {
        expect(shape, name).toEqual(wanted[i][k].shape)
        // Of nothing, all are true: the loops of the cpu backend say false.
        if (name.startsWith('all ') && /\b0\b.*axis/.test(name)) return
        data.forEach((x, at) => {
          const right = wanted[i][k].data[at]
          expect(Object.is(x, right) || Math.abs(x - right) <= 1e-4 * (1 + Math.abs(right)) || x === right, name).toBe(
            true
          )
        })
      })
    expect(checkBackend).not.toThrow()
    return counts().dispatches
  }

  /** Running sums, places of extremes, and what is made of nothing. */
  const mended = /^cum|^arg|^(sum|mean|all|any|moments|norm|softmax|logSoftmax)\S* \[[^\]]*\b0\b|^matMul with nothing/

  it('gives what the cpu gives for running sums and extremes of every length and axis, and for what has nothing in it', async () => {
    const cases = opCases.filter(({ name }) => mended.test(name))
    expect(cases.length).toBeGreaterThan(80)
    await agree(cases, (computes) => computes.map((compute) => compute()))
  }, 120_000)

  /** Ops whose entries are made where they are read, or that wait as shaders, on a few of the shapes. */
  const waiting =
    /^(add|sub|mul|div|maximum|minimum|greater|greaterEqual|less|lessEqual|addN|dot|sum|sumKept|mean|max|softmax|concat|stack|unstack|split|tile|tileAll|padOne|transpose|neg|exp|log|sqrt|rsqrt|square|abs|relu|sigmoid|tanh|softplus|zerosLike|toBool|fromBool|toInt|slice|matMul)\b(.* \[(2, 3, 4|3, 1)\]|.* (2 7|3 1) \d|.* of |.* dimensions)/

  it('gives what the cpu gives where the work waits until the end, in a fraction of the dispatches', async () => {
    const cases = opCases.filter(({ name }) => waiting.test(name))
    expect(cases.length).toBeGreaterThan(90)
    const dispatches = await agree(cases, (computes) => together(() => computes.map((compute) => compute())))
    expect(dispatches).toBeLessThan(cases.length / 2)
  }, 120_000)

  test('what an expression needs too much of is made in parts, what is disposed of is not made, and errors leave promises', async () => {
    await useBackend('webgpu')
    const counts = countGpu()
    const [x, ...many] = Array.from({ length: 40 }, (_, i) => tf.tensor1d([i, 1, -i]))
    const { sum, product, never } = together(() => {
      const never = tf.sum(x.exp())
      never.dispose()
      let product = x.add(1)
      // Twice what it was, sixty times over: read naively, an entry is made of 2^60.
      for (let i = 0; i < 60; i++) product = product.add(product).mul(0.5)
      return { sum: tf.addN(many), product, never }
    })
    expect(never.isDisposed).toBe(true)
    expect(counts().dispatches).toBeLessThan(30)
    expect([...(await sum.data())]).toEqual([780, 39, -780])
    expect([...(await product.data())]).toEqual([1, 2, 1])
    let kept: tf.Tensor | undefined
    expect(() =>
      together(() => {
        kept = x.add(2)
        throw new Error('stop')
      })
    ).toThrow('stop')
    expect([...(await kept!.data())]).toEqual([2, 3, 2])
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    const own = device.limits
    Object.assign(device, {
      limits: new Proxy(own, { get: (_, name) => (name === 'maxBufferSize' ? 64 : (Reflect.get(own, name) as number)) })
    })
    try {
      // Of a size that no buffer lies ready for.
      expect(() => together(() => (kept = tf.tile(x, [1009])))).toThrow('fewer seeds at once')
    } finally {
      Object.assign(device, { limits: own })
    }
    expect((await kept!.data()).slice(-4)).toEqual(Float32Array.of(-0, 0, 1, -0))
    // Nor do the package's own kernels wait for anything: what they read is made.
    expect([...(await together(() => tf.reverse(x.add(3))).data())]).toEqual([3, 4, 3])
    expect(checkBackend).not.toThrow()
  })

  it('reports a shader that does not compile, which gives no exception of its own', async () => {
    await useBackend('webgpu')
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    device.createShaderModule({ code: 'fn broken( {' })
    await tf.tensor([1]).add(1).data()
    expect(checkBackend).toThrow('choose another backend')
    expect(checkBackend).not.toThrow()
  })
})

describe('a backend that is not there', () => {
  it('is refused by name', async () => {
    const missing = found.find(({ available }) => !available)
    if (!missing) return
    await expect(useBackend(missing.name)).rejects.toMatchObject({
      data: { code: 'backend-unavailable', message: expect.stringContaining(missing.name) as string }
    })
  })
})

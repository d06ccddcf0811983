import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { probeBackends } from '../../../../src-main/engine/process/probes.ts'
import { checkBackend, useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { opCases } from '../../../support/op-cases.ts'
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

  /** Running sums, places of extremes, and what is made of nothing. */
  const mended = /^cum|^arg|^(sum|mean|all|any|moments|norm|softmax|logSoftmax)\S* \[[^\]]*\b0\b|^matMul with nothing/

  it('gives what the cpu gives for running sums and extremes of every length and axis, and for what has nothing in it', async () => {
    const cases = opCases.filter(({ name }) => mended.test(name))
    expect(cases.length).toBeGreaterThan(80)
    const results = async (backend: 'cpu' | 'webgpu'): Promise<{ shape: number[]; data: number[] }[][]> => {
      await useBackend(backend)
      const all: { shape: number[]; data: number[] }[][] = []
      for (const { compute } of cases) {
        const made = tf.tidy(() => {
          const result = compute()
          return Array.isArray(result) ? result : [result]
        })
        all.push(await Promise.all(made.map(async (x) => ({ shape: x.shape, data: [...(await x.data())] }))))
        tf.dispose(made)
      }
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
  }, 120_000)

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

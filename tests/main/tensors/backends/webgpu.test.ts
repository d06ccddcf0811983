import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { probeBackends } from '../../../../src-main/engine/process/probes.ts'
import { checkBackend, useBackend } from '../../../../src-main/tensors/backends/index.ts'
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

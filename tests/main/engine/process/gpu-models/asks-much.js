/**
 * Answers with its queries. On webgpu, when it has more than `most` trials, it asks for more than the GPU binds at once, or,
 * with `memory`, is told as a driver tells it that there is no memory left.
 */
import * as tf from '@tensorflow/tfjs'
import { boolean, integer } from 'engram-studio'

export default {
  id: 'asks-much',
  title: 'Asks much',
  interfaces: ['key-value'],
  params: {
    dim: integer('Dimension', 8, { help: '', min: 1, max: 4096, from: 'dim' }),
    most: integer('Trials', 2, { help: '', min: 0, max: 4096 }),
    memory: boolean('Memory', false, { help: '' })
  },
  create: ({ most, memory }, { batch }) => ({
    store() {
      if (tf.getBackend() !== 'webgpu' || batch <= most) return
      const { device } = tf.backend()
      if (memory)
        device.onuncapturederror({
          error: Object.assign(new Error('no memory'), { constructor: { name: 'GPUOutOfMemoryError' } })
        })
      else tf.fill([device.limits.maxStorageBufferBindingSize / 4 + 1], 1).dispose()
    },
    retrieve: ({ queries }) => queries.clone(),
    reset() {},
    dispose() {}
  }),
  cost: () => ({ storeFlops: 1, retrieveFlops: 1, parameters: 0, state: 0 })
}

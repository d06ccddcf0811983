/** Answers with its queries; where FLAG is a file, it takes that away and destroys the GPU's device before it stores. */
import * as tf from '@tensorflow/tfjs'
import { existsSync, rmSync } from 'node:fs'
import { integer } from 'engram-studio'

const flag = process.env.ENGRAM_TEST_FLAG

export default {
  id: 'destroys',
  title: 'Destroys',
  interfaces: ['key-value'],
  params: { dim: integer('Dimension', 8, { help: '', min: 1, max: 4096, from: 'dim' }) },
  create: () => ({
    store() {
      if (tf.getBackend() !== 'webgpu' || !existsSync(flag)) return
      if (!flag.endsWith('always')) rmSync(flag)
      tf.backend().device.destroy()
    },
    retrieve: ({ queries }) => queries.clone(),
    reset() {},
    dispose() {}
  }),
  cost: () => ({ storeFlops: 1, retrieveFlops: 1, parameters: 0, state: 0 })
}

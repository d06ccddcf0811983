/**
 * `npm run cuda`: TensorFlow's own library for NVIDIA cards. It is no dependency: it is large, it needs CUDA 11, and
 * where there is no binary for the system its installation fails.
 */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { tensorflow } from '../../tensors/backends/tensorflow.ts'
import { npm } from '../terminal/npm.ts'
import { outcome, print } from '../terminal/outcome.ts'

const version = '4.22.0'

await outcome(async () => {
  const { status } = npm(['install', '--no-save', `@tensorflow/tfjs-node-gpu@${version}`], { stdio: 'inherit' })
  if (status !== 0)
    throw new StudioError('backend-unavailable', 'The package could not be installed; what npm said stands above.')
  const { available, adapter, reason } = await tensorflow.detect()
  if (!available) throw new StudioError('backend-unavailable', reason ?? 'It does not load.')
  await print(`The backend tensorflow computes on ${adapter}. npm ci takes it away again.`)
})

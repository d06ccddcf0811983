/** The ops of tensors/fused-ops.ts that webgpu has. */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { fusedNames, provideFusedOps, type JointAttrs, type ReadAttrs } from '../../fused-ops.ts'
import { kernelsWanted } from '../load.ts'
import { writeDelta } from './delta.ts'
import type { WebgpuBackend } from './dispatch.ts'
import { writeJointly } from './joint.ts'
import { read } from './read.ts'

/** Register them. Call it once, after the backend's package is imported. */
export function registerWebgpuOps(): void {
  const register = <A>(
    kernelName: string,
    body: (backend: WebgpuBackend, inputs: TensorInfo[], attrs: A) => TensorInfo[]
  ): void =>
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, attrs, backend }) =>
        body(backend as WebgpuBackend, Object.values(inputs) as TensorInfo[], attrs as A)
    })
  register<ReadAttrs>(fusedNames.read, read)
  register<{ beta: number }>(fusedNames.delta, writeDelta)
  register<JointAttrs>(fusedNames.joint, writeJointly)
  provideFusedOps('webgpu', kernelsWanted)
}

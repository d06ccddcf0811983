/**
 * Where the largest and the smallest entry of a line are, on webgpu: of equals the first. They stand in place of the package's own
 * kernels, which answer for a tensor of one axis with a shape of its own, and in long lines with any one of equals.
 */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../../replace-kernel.ts'
import { dispatchEach, type WebgpuBackend } from './dispatch.ts'

/** Put them in place. Call it once, after the backend's package is imported. */
export function replaceExtremes(): void {
  for (const [kernelName, sign] of [
    ['ArgMax', '>'],
    ['ArgMin', '<']
  ] as const)
    replaceKernel(kernelName, 'webgpu', ({ inputs, attrs, backend }) =>
      place(backend as WebgpuBackend, inputs.x as TensorInfo, attrs as unknown as { axis: number }, sign)
    )
}

/** A thread a line along the axis. */
function place(backend: WebgpuBackend, x: TensorInfo, { axis }: { axis: number }, sign: '>' | '<'): TensorInfo {
  const [along] = tf.util.parseAxisParam(axis, x.shape)
  const length = x.shape[along]!
  const shape = x.shape.filter((_, i) => i !== along)
  if (tf.util.sizeFromShape(shape) === 0) return backend.makeTensorInfo(shape, 'int32', new Int32Array(0))
  const [made] = dispatchEach(backend, {
    key: `extreme ${sign} ${x.dtype === 'int32'}`,
    code: `
fn one(i: i32) {
  let begin = i / size.step * size.step * size.length + i % size.step;
  var best = 0;
  for (var n = 1; n < size.length; n++) {
    if (a0[begin + n * size.step] ${sign} a0[begin + best * size.step]) { best = n; }
  }
  r0[i] = best;
}`,
    inputs: [x],
    results: [shape],
    dtype: 'int32',
    whole: { length, step: tf.util.sizeFromShape(x.shape.slice(along + 1)) },
    single: {},
    total: tf.util.sizeFromShape(shape)
  })
  return made
}

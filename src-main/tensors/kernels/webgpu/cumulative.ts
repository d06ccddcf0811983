/**
 * Running sums and products on webgpu, along any axis in one dispatch. They stand in place of the package's own kernels,
 * whose shader of a reversed sum (the gradient of a sum) holds the length of whichever came first: sums of another length
 * were wrong.
 */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../../replace-kernel.ts'
import { dispatchEach, type WebgpuBackend } from './dispatch.ts'

interface CumulativeAttrs {
  axis: number
  exclusive: boolean
  reverse: boolean
}

/** Put them in place. Call it once, after the backend's package is imported. */
export function replaceCumulative(): void {
  for (const [kernelName, sign] of [
    ['Cumsum', '+'],
    ['Cumprod', '*']
  ] as const)
    replaceKernel(kernelName, 'webgpu', ({ inputs, attrs, backend }) =>
      running(backend as WebgpuBackend, inputs.x as TensorInfo, attrs as unknown as CumulativeAttrs, sign)
    )
}

/** A thread a line along the axis. */
function running(
  backend: WebgpuBackend,
  x: TensorInfo,
  { axis, exclusive, reverse }: CumulativeAttrs,
  sign: '+' | '*'
): TensorInfo {
  const [along] = tf.util.parseAxisParam(axis, x.shape)
  const length = x.shape[along]!
  const step = tf.util.sizeFromShape(x.shape.slice(along + 1))
  const type = x.dtype === 'int32' ? 'i32' : 'f32'
  const [made] = dispatchEach(backend, {
    key: `cumulative ${sign} ${exclusive} ${reverse} ${type}`,
    code: `
fn one(i: i32) {
  let begin = i / size.step * size.step * size.length + i % size.step;
  var sum = ${type}(${sign === '+' ? 0 : 1});
  for (var n = 0; n < size.length; n++) {
    let at = begin + ${reverse ? '(size.length - 1 - n)' : 'n'} * size.step;
    ${exclusive ? `r0[at] = sum;\n    sum = sum ${sign} a0[at];` : `sum = sum ${sign} a0[at];\n    r0[at] = sum;`}
  }
}`,
    inputs: [x],
    results: [x.shape],
    dtype: type === 'i32' ? 'int32' : 'float32',
    whole: { length, step },
    single: {},
    total: tf.util.sizeFromShape(x.shape) / length
  })
  return made
}

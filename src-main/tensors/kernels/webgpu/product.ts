/** Products of the matrices of each trial on webgpu, with what is added to them and what is done with their entries. */
import type { TensorInfo } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ProductAttrs } from '../../fused-memory-ops.ts'
import { dispatch, type WebgpuBackend } from './dispatch.ts'
import { head, side, tileOf, tiles } from './tile.ts'

/** start + scale A B, or its sigmoid: see `fusedProduct`. */
export function product(backend: WebgpuBackend, inputs: TensorInfo[], attrs: ProductAttrs): TensorInfo[] {
  const { left, right, started, scale, sigmoid } = attrs
  const [a, b, start] = inputs
  const [batch, ...sides] = a.shape as [number, number, number]
  const [own, inner] = left ? [sides[1], sides[0]] : sides
  const rows = started ? start.shape[1]! : own
  const columns = b.shape[right ? 1 : 2]!
  const each = tiles(rows, columns)
  const place = '(trial * size.rows + i) * size.columns + j'
  const sum = `${started ? `a2[${place}] + ` : ''}size.scale * sum`
  return dispatch(backend, {
    key: `product ${left} ${right} ${started} ${sigmoid}`,
    code: `${head}
  let tile = which % size.each;
  ${tileOf({
    ...{ rows: 'size.rows', columns: 'size.columns', inner: 'size.inner' },
    left: left
      ? 'a0[(trial * size.inner + k) * size.own + i]'
      : 'a0[(trial * size.own + min(i, size.own - 1)) * size.inner + k]',
    right: right
      ? 'a1[(trial * size.columns + j) * size.inner + k]'
      : 'a1[(trial * size.inner + k) * size.columns + j]',
    keep: sigmoid
      ? `let y = ${sum};
      let e = exp(-abs(y));
      r0[${place}] = select(e, 1.0, y >= 0.0) / (1.0 + e);`
      : `r0[${place}] = ${sum};`
  })}
}
`,
    inputs,
    results: [[batch, rows, columns]],
    whole: { rows, columns, inner, own, each, total: batch * each },
    single: { scale },
    groups: batch * each
  })
}

/** start + scale sum_i tanh(h_i W^T + b): a workgroup some columns, whose items come tile by tile. See `fusedTanhSums`. */
export function tanhSums(backend: WebgpuBackend, inputs: TensorInfo[], { scale }: { scale: number }): TensorInfo[] {
  const [hidden, weight, , start] = inputs
  const [batch, rows, inner] = hidden.shape as [number, number, number]
  const columns = weight.shape[1]!
  const each = tiles(1, columns)
  return dispatch(backend, {
    key: 'tanh sums',
    code: `${head}
  var mine = 0.0;
  for (var first = 0; first < size.rows; first += ${side}) {
    let tile = first / ${side} * size.each + which % size.each;
    ${tileOf({
      ...{ rows: 'size.rows', columns: 'size.columns', inner: 'size.inner' },
      left: 'a0[(trial * size.rows + i) * size.inner + k]',
      right: 'a1[(trial * size.columns + j) * size.inner + k]',
      // Beyond 15 it is 1; drivers may overflow there.
      keep: 'mine += tanh(clamp(sum + a2[trial * size.columns + j], -15.0, 15.0));'
    })}
  }
  L[row][column] = mine;
  workgroupBarrier();
  let j = which % size.each * ${side} + column;
  if (row == 0 && j < size.columns) {
    var all = 0.0;
    for (var r = 0; r < ${side}; r++) { all += L[r][column]; }
    r0[trial * size.columns + j] = a3[trial * size.columns + j] + size.scale * all;
  }
}
`,
    inputs,
    results: [start.shape],
    whole: { rows, columns, inner, each, total: batch * each },
    single: { scale },
    groups: batch * each,
    long: tf.util.sizeFromShape(start.shape) * rows * inner > 2 ** 28
  })
}

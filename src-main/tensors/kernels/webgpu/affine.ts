/** Affine maps of the rows of each trial on webgpu: y in one dispatch, and the gradients of x, W and b in another. */
import type { TensorInfo } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { AffineAttrs } from '../../fused-ops.ts'
import { dispatch, type WebgpuBackend } from './dispatch.ts'
import { head, tileOf, tiles } from './tile.ts'

interface Sizes {
  batch: number
  /** Of a trial. */
  rows: number
  inputs: number
  outputs: number
}

function sizesOf([x, weight]: TensorInfo[]): Sizes {
  const [batch, outputs, inputs] = weight.shape as [number, number, number]
  return { batch, outputs, inputs, rows: tf.util.sizeFromShape(x.shape) / (batch * inputs) }
}

/** y = x W^T + b, and the larger of that and 0 with `relu`. Inputs: x [B n, L, in], W [B, out, in] and, if there is one, b [B, out]. */
export function affine(backend: WebgpuBackend, inputs: TensorInfo[], { relu }: AffineAttrs): TensorInfo[] {
  const { batch, ...sizes } = sizesOf(inputs)
  const { rows, outputs } = sizes
  const biased = inputs.length > 2
  const each = tiles(rows, outputs)
  const sum = biased ? 'sum + a2[trial * size.outputs + j]' : 'sum'
  return dispatch(backend, {
    key: `affine ${relu}`,
    code: `${head}
  let tile = which % size.each;
  ${tileOf({
    ...{ rows: 'size.rows', columns: 'size.outputs', inner: 'size.inputs' },
    left: 'a0[(trial * size.rows + i) * size.inputs + k]',
    right: 'a1[(trial * size.outputs + j) * size.inputs + k]',
    keep: `r0[(trial * size.rows + i) * size.outputs + j] = ${relu ? `max(${sum}, 0.0)` : sum};`
  })}
}
`,
    inputs,
    results: [[inputs[0].shape[0]!, inputs[0].shape[1]!, outputs]],
    whole: { ...sizes, each, total: batch * each },
    single: {},
    groups: batch * each
  })
}

/**
 * dx = dy W, dW = dy^T x, db = the sums of dy's columns: those of dW where x has a column of ones. Inputs: those of `affine`, y
 * and dy, of which only what is above 0 counts with `relu`.
 */
export function affineBack(backend: WebgpuBackend, inputs: TensorInfo[], { relu }: AffineAttrs): TensorInfo[] {
  const { batch, ...sizes } = sizesOf(inputs)
  const { rows, inputs: width, outputs } = sizes
  const [x, weight, ...more] = inputs
  const [y, dy] = more.slice(-2)
  const bias = more.length > 2 ? more[0] : undefined
  const columns = width + (bias ? 1 : 0)
  const ofX = tiles(rows, width)
  const each = ofX + tiles(outputs, columns)
  const slope = (row: string, column: string): string => {
    const at = `(trial * size.rows + ${row}) * size.outputs + ${column}`
    return relu ? `select(0.0, a2[${at}], a3[${at}] > 0.0)` : `a2[${at}]`
  }
  return dispatch(backend, {
    key: `affine back ${relu}`,
    code: `${head}
  if (which % size.each < size.ofX) {
    let tile = which % size.each;
    ${tileOf({
      ...{ rows: 'size.rows', columns: 'size.inputs', inner: 'size.outputs' },
      left: slope('i', 'k'),
      right: 'a1[(trial * size.outputs + k) * size.inputs + j]',
      keep: 'r0[(trial * size.rows + i) * size.inputs + j] = sum;'
    })}
  } else {
    let tile = which % size.each - size.ofX;
    ${tileOf({
      ...{ rows: 'size.outputs', columns: 'size.columns', inner: 'size.rows' },
      left: slope('k', 'i'),
      right: 'select(1.0, a0[(trial * size.rows + k) * size.inputs + min(j, size.inputs - 1)], j < size.inputs)',
      keep: `if (j < size.inputs) { r1[(trial * size.outputs + i) * size.inputs + j] = sum; }${bias ? ' else { r2[trial * size.outputs + i] = sum; }' : ''}`
    })}
  }
}
`,
    inputs: [x, weight, dy, ...(relu ? [y] : [])],
    results: [x.shape, weight.shape, ...(bias ? [bias.shape] : [])],
    whole: { ...sizes, columns, ofX, each, total: batch * each },
    single: {},
    groups: batch * each
  })
}

/** A B of each of a batch, either turned first; where one has a batch of 1, it serves all. a [..., M, K], b [..., K, N]. */
export function product(
  backend: WebgpuBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean }
): TensorInfo | undefined {
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const batch = tf.util.sizeFromShape(outer)
  const of = ({ shape }: TensorInfo): number => tf.util.sizeFromShape(shape.slice(0, -2))
  if (![1, batch].includes(of(a)) || ![1, batch].includes(of(b))) return undefined
  const [rows, inner] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!]
  const columns = b.shape.at(transposeB ? -2 : -1)!
  const each = tiles(rows, columns)
  const beginA = of(a) === 1 ? '' : 'trial * size.rows * size.inner + '
  const beginB = of(b) === 1 ? '' : 'trial * size.inner * size.columns + '
  return dispatch(backend, {
    key: `product ${transposeA} ${transposeB} ${beginA} ${beginB}`,
    code: `${head}
  let tile = which % size.each;
  ${tileOf({
    ...{ rows: 'size.rows', columns: 'size.columns', inner: 'size.inner' },
    left: `a0[${beginA}${transposeA ? 'k * size.rows + i' : 'i * size.inner + k'}]`,
    right: `a1[${beginB}${transposeB ? 'j * size.inner + k' : 'k * size.columns + j'}]`,
    keep: 'r0[(trial * size.rows + i) * size.columns + j] = sum;'
  })}
}
`,
    inputs: [a, b],
    results: [[...outer, rows, columns]],
    whole: { rows, columns, inner, each, total: batch * each },
    single: {},
    groups: batch * each
  })[0]
}

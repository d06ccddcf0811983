/**
 * Operations that models use, and those that a user's model may plausibly use, on hard inputs: every axis from both
 * ends, empty and odd shapes, one row, repeated and out-of-order indices, whole numbers and truth values.
 */
import * as tf from '@tensorflow/tfjs'

export interface OpCase {
  name: string
  compute: () => tf.Tensor | tf.Tensor[]
}

const shapes = [[1], [3], [5], [0], [2, 3], [3, 1], [0, 3], [2, 0], [2, 3, 4], [1, 1, 5], [3, 2, 0], [2, 1, 3, 5]]

/** Neither sorted nor symmetric, with ties. */
const values = (shape: readonly number[], shift = 0): tf.Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (((7 * i + 3 + shift) % 11) - 5) / 4),
    shape as number[],
    'float32'
  )
}
const whole = (shape: readonly number[], below = 5): tf.Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(
    Int32Array.from({ length: size }, (_, i) => (5 * i + 2) % below),
    shape as number[],
    'int32'
  )
}
const truth = (shape: readonly number[]): tf.Tensor => tf.greater(whole(shape), 2)

const cases: OpCase[] = []
const add = (name: string, compute: OpCase['compute']): void => void cases.push({ name, compute })

const axesOf = (shape: readonly number[]): number[] =>
  Array.from({ length: 2 * shape.length }, (_, i) => i - shape.length)

for (const shape of shapes) {
  const s = `[${shape.join(', ')}]`
  const x = (): tf.Tensor => values(shape)
  const onAxes: Record<string, (axis: number) => tf.Tensor | tf.Tensor[]> = {
    sum: (axis) => tf.sum(x(), axis),
    sumKept: (axis) => tf.sum(x(), axis, true),
    mean: (axis) => tf.mean(x(), axis),
    max: (axis) => tf.max(x(), axis),
    min: (axis) => tf.min(x(), axis),
    prod: (axis) => tf.prod(x(), axis),
    all: (axis) => tf.all(truth(shape) as tf.Tensor<tf.Rank>, axis),
    any: (axis) => tf.any(truth(shape), axis),
    argMax: (axis) => tf.argMax(x(), axis),
    argMin: (axis) => tf.argMin(x(), axis),
    cumsum: (axis) => tf.cumsum(x(), axis),
    cumsumExclusive: (axis) => tf.cumsum(x(), axis, true),
    cumsumReversed: (axis) => tf.cumsum(x(), axis, false, true),
    cumprod: (axis) => tf.cumprod(x(), axis),
    cumprodReversed: (axis) => tf.cumprod(x(), axis, true, true),
    logSumExp: (axis) => tf.logSumExp(x(), axis),
    reverse: (axis) => tf.reverse(x(), axis),
    norm: (axis) => tf.norm(x(), 2, axis),
    expandDims: (axis) => tf.expandDims(x(), axis),
    concat: (axis) => tf.concat([x(), values(shape, 2)], axis),
    stack: (axis) => tf.stack([x(), values(shape, 2)], axis),
    unstack: (axis) => tf.unstack(x(), axis),
    split: (axis) => tf.split(x(), [1, shape.at(axis)! - 1], axis),
    gather: (axis) => tf.gather(x(), tf.tensor1d([0, shape.at(axis)! - 1, 0], 'int32'), axis),
    unique: (axis) => {
      const { values: found, indices } = tf.unique(whole(shape, 3), axis)
      return [found, indices]
    },
    moments: (axis) => Object.values(tf.moments(x(), axis)) as tf.Tensor[]
  }
  for (const axis of axesOf(shape))
    for (const [name, compute] of Object.entries(onAxes)) {
      const length = shape.at(axis)!
      // Nothing to choose from: tfjs itself has no answer.
      if (length === 0 && /arg|split|gather|unstack|unique|max|min|logSumExp/.test(name)) continue
      // The union package has it for the last axis only where shapes are kept.
      add(`${name} ${s} axis ${axis}`, () => compute(axis))
    }
  for (const axis of [shape.length - 1, -1]) {
    add(`softmax ${s} axis ${axis}`, () => tf.softmax(x(), axis))
    add(`logSoftmax ${s} axis ${axis}`, () => tf.logSoftmax(x(), axis))
  }
  const whole1: Record<string, () => tf.Tensor | tf.Tensor[]> = {
    abs: () => tf.abs(x()),
    neg: () => tf.neg(x()),
    exp: () => tf.exp(x()),
    expm1: () => tf.expm1(x()),
    log: () => tf.log(tf.abs(x())),
    log1p: () => tf.log1p(tf.abs(x())),
    sqrt: () => tf.sqrt(tf.abs(x())),
    rsqrt: () => tf.rsqrt(tf.add(tf.abs(x()), 0.1)),
    square: () => tf.square(x()),
    sigmoid: () => tf.sigmoid(x()),
    tanh: () => tf.tanh(x()),
    relu: () => tf.relu(x()),
    relu6: () => tf.relu6(tf.mul(x(), 6)),
    elu: () => tf.elu(x()),
    selu: () => tf.selu(x()),
    leakyRelu: () => tf.leakyRelu(x()),
    softplus: () => tf.softplus(x()),
    sign: () => tf.sign(x()),
    round: () => tf.round(x()),
    floor: () => tf.floor(x()),
    ceil: () => tf.ceil(x()),
    erf: () => tf.erf(x()),
    sin: () => tf.sin(x()),
    cos: () => tf.cos(x()),
    atan: () => tf.atan(x()),
    reciprocal: () => tf.reciprocal(x()),
    step: () => tf.step(x()),
    isNaN: () => tf.isNaN(tf.log(x())),
    isFinite: () => tf.isFinite(tf.log(x())),
    clip: () => tf.clipByValue(x(), -0.5, 0.5),
    zerosLike: () => tf.zerosLike(x()),
    onesLike: () => tf.onesLike(x()),
    toInt: () => tf.cast(x(), 'int32'),
    toBool: () => tf.cast(x(), 'bool'),
    fromBool: () => tf.cast(truth(shape), 'float32'),
    logicalNot: () => tf.logicalNot(truth(shape)),
    transpose: () => tf.transpose(x()),
    flatten: () => tf.reshape(x(), [-1]),
    sumAll: () => tf.sum(x()),
    meanAll: () => tf.mean(x()),
    prodAll: () => tf.prod(x()),
    intSum: () => tf.sum(whole(shape)),
    tile: () =>
      tf.tile(
        x(),
        shape.map((_, i) => (i % 2) + 1)
      ),
    padOne: () =>
      tf.pad(
        x(),
        shape.map((_, i) => [i % 2, 1] as [number, number])
      ),
    reverseAll: () => tf.reverse(x()),
    oneHot: () => tf.oneHot(whole(shape, 7), 5),
    where: () => tf.where(truth(shape), x(), values(shape, 4)),
    addN: () => tf.addN([x(), values(shape, 1), values(shape, 2)]),
    dot: () => tf.sum(tf.mul(x(), values(shape, 3)))
  }
  for (const [name, compute] of Object.entries(whole1)) add(`${name} ${s}`, compute)
  const pairs: [string, () => tf.Tensor][] = [
    ['itself', () => values(shape, 5)],
    ['a number', () => tf.scalar(0.5)],
    ['a row', () => values(shape.slice(-1), 5)],
    [
      'ones',
      () =>
        values(
          shape.map((n, i) => (i === shape.length - 1 ? 1 : n)),
          5
        )
    ]
  ]
  for (const [with_, y] of pairs) {
    const twice: Record<string, () => tf.Tensor> = {
      add: () => tf.add(x(), y()),
      sub: () => tf.sub(y(), x()),
      mul: () => tf.mul(x(), y()),
      div: () => tf.div(x(), y()),
      divNoNan: () => tf.divNoNan(x(), y()),
      floorDiv: () => tf.floorDiv(whole(shape), tf.cast(tf.add(tf.abs(y()), 1), 'int32')),
      mod: () => tf.mod(x(), tf.add(tf.abs(y()), 0.3)),
      pow: () => tf.pow(tf.abs(x()), y()),
      atan2: () => tf.atan2(x(), y()),
      maximum: () => tf.maximum(x(), y()),
      minimum: () => tf.minimum(x(), y()),
      squaredDifference: () => tf.squaredDifference(x(), y()),
      greater: () => tf.greater(x(), y()),
      less: () => tf.less(x(), y()),
      equal: () => tf.equal(x(), y()),
      notEqual: () => tf.notEqual(x(), y()),
      greaterEqual: () => tf.greaterEqual(x(), y()),
      lessEqual: () => tf.lessEqual(x(), y()),
      prelu: () => tf.prelu(x(), y())
    }
    for (const [name, compute] of Object.entries(twice)) add(`${name} ${s} with ${with_}`, compute)
  }
  for (const k of [1, 3])
    if (shape.at(-1)! >= k)
      add(`topk ${k} of ${s}`, () => {
        const { values: found, indices } = tf.topk(x(), k)
        return [found, indices]
      })
}

const dims = [1, 2, 3, 7]
for (const m of dims)
  for (const n of [1, 4, 5]) {
    for (const [a, b] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true]
    ] as const) {
      const left = (batch: number[]): tf.Tensor => values([...batch, ...(a ? [3, m] : [m, 3])])
      const right = (batch: number[]): tf.Tensor => values([...batch, ...(b ? [n, 3] : [3, n])], 4)
      const turned = `${a ? ' left turned' : ''}${b ? ' right turned' : ''}`
      add(`matMul ${m} 3 ${n}${turned}`, () => tf.matMul(left([]), right([]), a, b))
      add(`matMul of 2 ${m} 3 ${n}${turned}`, () => tf.matMul(left([2]), right([2]), a, b))
      add(`matMul of 2 with 1 ${m} 3 ${n}${turned}`, () => tf.matMul(left([2]), right([1]), a, b))
    }
  }
add('matMul with nothing between', () => tf.matMul(values([2, 0]), values([0, 3])))
add('matMul with no rows', () => tf.matMul(values([0, 3]), values([3, 2])))
add('outerProduct', () => tf.outerProduct(values([3]) as tf.Tensor1D, values([4], 1) as tf.Tensor1D))
add('einsum', () => tf.einsum('bij,bjk->bik', values([2, 3, 4]), values([2, 4, 5], 1)))
add('eye', () => tf.eye(3, 4))
add('diag', () => tf.diag(values([3]) as tf.Tensor1D))
add('range down', () => tf.range(5, 0, -2))
add('linspace', () => tf.linspace(0, 1, 7))
add('fill', () => tf.fill([2, 3], 4))
add('transpose 0 2 1', () => tf.transpose(values([2, 3, 4]), [0, 2, 1]))
add('transpose 2 0 1 of whole numbers', () => tf.transpose(whole([2, 3, 4]), [2, 0, 1]))
add('transpose of 5 dimensions', () => tf.transpose(values([2, 1, 3, 2, 2]), [4, 0, 3, 1, 2]))
add('squeeze', () => tf.squeeze(values([1, 3, 1])))
add('slice from the middle', () => tf.slice(values([4, 5]), [1, 2], [2, -1]))
add('slice of nothing', () => tf.slice(values([4, 5]), [1, 2], [0, 2]))
add('slice of 5 dimensions', () => tf.slice(values([2, 2, 3, 2, 2]), [0, 1, 1, 0, 1], [2, 1, 2, 2, 1]))
add('stridedSlice', () => tf.stridedSlice(values([5, 6]), [4, 0], [0, 6], [-2, 2]))
add('gather by a matrix', () => tf.gather(values([4, 3]), tf.tensor2d([0, 3, 3, 1], [2, 2], 'int32')))
add('gather with batch dimensions', () =>
  tf.gather(values([2, 4, 3]), tf.tensor2d([0, 3, 3, 1], [2, 2], 'int32'), 1, 1)
)
add('gather nothing', () => tf.gather(values([4, 3]), tf.tensor1d([], 'int32')))
add('gatherND', () => tf.gatherND(values([3, 4]), tf.tensor2d([0, 1, 2, 3], [2, 2], 'int32')))
add('scatterND', () => tf.scatterND(tf.tensor2d([0, 2, 0], [3, 1], 'int32'), values([3, 4]), [5, 4]))
add('tensorScatterUpdate', () =>
  tf.tensorScatterUpdate(values([5]), tf.tensor2d([1, 3], [2, 1], 'int32'), values([2], 1))
)
add('unsortedSegmentSum', () => tf.unsortedSegmentSum(values([4, 3]), tf.tensor1d([1, 0, 1, 2], 'int32'), 3))
add('bincount', () => tf.bincount(tf.tensor1d([1, 0, 1, 3], 'int32'), tf.tensor1d([]), 5))
add('denseBincount', () => tf.denseBincount(tf.tensor2d([1, 0, 1, 3], [2, 2], 'int32'), tf.tensor2d([], [0, 0]), 5))
add('searchSorted', () => tf.searchSorted(tf.tensor1d([1, 2, 2, 5]), tf.tensor1d([0, 2, 6])))
add('broadcastTo', () => tf.broadcastTo(values([3, 1]), [2, 3, 4]))
add('mirrorPad', () =>
  tf.mirrorPad(
    values([3, 4]),
    [
      [1, 1],
      [2, 2]
    ],
    'reflect'
  )
)
add('logicalAnd', () => tf.logicalAnd(truth([2, 3]), truth([3])))
add('logicalOr', () => tf.logicalOr(truth([2, 3]), truth([3])))
add('logicalXor', () => tf.logicalXor(truth([2, 3]), truth([2, 3])))
add('where of whole rows', () => tf.where(truth([3, 1]), values([3, 4]), values([3, 4], 2)))
add('where of a vector', () => tf.where(tf.tensor1d([1, 0, 1, 1], 'bool'), values([3, 4]), values([3, 4], 2)))
add('sum over two axes', () => tf.sum(values([2, 3, 4]), [0, -1]))
add('mean over outer axes', () => tf.mean(values([2, 3, 4]), [-3, -2]))
add('max over outer axes', () => tf.max(values([2, 3, 4]), [-3, 1]))
add('maximum with NaN', () => tf.maximum(tf.tensor1d([NaN, 1, 2]), tf.tensor1d([1, NaN, 3])))
add('minimum with NaN', () => tf.minimum(tf.tensor1d([NaN, 1, 2]), tf.tensor1d([1, NaN, 3])))
add('maximum with NaN by rows', () => tf.maximum(tf.tensor2d([1, 2, NaN, 4], [2, 2]), tf.tensor1d([NaN, 3])))
add('max with NaN', () => tf.max(tf.tensor1d([1, NaN, 3])))
add('relu of NaN', () => tf.relu(tf.tensor1d([NaN, -1, 1])))
add('argMax of whole numbers', () => tf.argMax(whole([3, 4]), -1))
add('argMax of many equals', () => tf.argMax(values([2, 150]), 1))
add('argMin of many equals', () => tf.argMin(values([150, 2]), 0))
add('sum of truth values', () => tf.sum(truth([3, 4]), -1))
add('conv1d causal', () => tf.conv1d(values([2, 6, 3]) as tf.Tensor3D, values([2, 3, 4], 1) as tf.Tensor3D, 1, 'same'))
add('conv2d', () => tf.conv2d(values([1, 5, 5, 2]) as tf.Tensor4D, values([3, 3, 2, 3], 1) as tf.Tensor4D, 1, 'same'))
add('depthwiseConv2d', () =>
  tf.depthwiseConv2d(values([1, 5, 5, 2]) as tf.Tensor4D, values([3, 3, 2, 1], 1) as tf.Tensor4D, 1, 'valid')
)
add('maxPool', () => tf.maxPool(values([1, 4, 4, 2]) as tf.Tensor4D, 2, 2, 'same'))
add('batchNorm', () => tf.batchNorm(values([2, 3]), values([3], 1), tf.abs(values([3], 2))))
add('fft', () => {
  const spectrum = tf.spectral.rfft(values([8]))
  return [tf.real(spectrum), tf.imag(spectrum)]
})

export const opCases: readonly OpCase[] = cases

/** What the operation gives on the backend in use, as plain numbers. */
export function resultOf({ compute }: OpCase): { shape: number[]; dtype: string; data: number[] }[] {
  return tf.tidy(() =>
    [compute()].flat().map((tensor) => ({
      shape: [...tensor.shape],
      dtype: tensor.dtype,
      data: Array.from(tensor.dataSync() as ArrayLike<number>)
    }))
  )
}

/** Counts the operations of what runs, by the rule of src-shared/cost/cost.ts: the second opinion on every stated cost. */
import * as tf from '@tensorflow/tfjs'

const moves = new Set(
  (
    'Reshape Identity Transpose Slice StridedSlice GatherV2 GatherNd ScatterNd TensorScatterUpdate Concat Pack Unpack ' +
    'SplitV PadV2 Tile OneHot Fill ZerosLike OnesLike Cast ExpandDims Reverse BroadcastTo Range LinSpace'
  ).split(' ')
)
const reductions = new Set('Sum Mean Max Min Prod ArgMax ArgMin All Any TopK Cumsum'.split(' '))
const elementwise = new Set(
  (
    'Add AddN Sub Multiply RealDiv FloorDiv Mod Maximum Minimum Pow SquaredDifference Exp Expm1 Log Log1p Sqrt Rsqrt ' +
    'Square Reciprocal Neg Abs Sign Relu Elu Sigmoid Tanh Softplus Step Sin Cos Erf ClipByValue Round Floor Ceil ' +
    'Greater GreaterEqual Less LessEqual Equal NotEqual LogicalAnd LogicalOr LogicalNot Select IsNan IsFinite'
  ).split(' ')
)

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** FLOPs of one kernel from the shapes it saw. */
function flopsOf(name: string, inputs: number[][], outputs: number[][]): number {
  const out = size(outputs[0]!)
  if (moves.has(name)) return 0
  // The bracket of a custom gradient: the kernels inside it are listed on their own.
  if (name === 'unnamed scope' || name === '') return 0
  if (reductions.has(name)) return size(inputs[0]!)
  if (elementwise.has(name)) return out * Math.max(1, name === 'AddN' ? inputs.length - 1 : 1)
  if (name === 'Softmax') return 5 * out
  if (name === 'BatchMatMul') {
    // Whether transposed or not, the last two axes of the first factor hold m k entries.
    const inner = size(inputs[0]!.slice(-2)) / outputs[0]!.at(-2)!
    return 2 * out * inner
  }
  throw new Error(`count-flops does not know the kernel ${name}; say in cost.ts how it counts`)
}

/** FLOPs of all kernels that `body` runs; run it on plain ops and a batch of one. */
export async function countFlops(body: () => tf.TensorContainer): Promise<number> {
  const { kernels } = await tf.profile(body)
  return kernels.reduce(
    (sum, { name, inputShapes, outputShapes }) => sum + flopsOf(name, inputShapes as number[][], outputShapes),
    0
  )
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer, number } from '../../../../src-shared/shapes/params.ts'
import type { WeightSource } from '../../model.ts'
import { slotKernels } from '../../../tensors/fused-kernels.ts'
import { fusedDrift } from '../../../tensors/fused-memory-ops.ts'
import { plusProduct } from './added-product.ts'
import { State } from './state.ts'
import { copyOf } from '../slots/adam.ts'

/** A context vector that drifts: c <- decay c + U x, and shifts a query by c W_c^T. U: [c, d], W_c: [d, c], n(0.1). */
export class Drift {
  readonly #input: Tensor
  readonly #output: Tensor
  readonly #context: State
  readonly #decay: number

  constructor(weight: WeightSource, prefix: string, dim: number, contextDim: number, decay: number) {
    this.#input = weight(`${prefix}U`, [contextDim, dim], { kind: 'normal', scale: 0.1 })
    this.#output = weight(`${prefix}W_c`, [dim, contextDim], { kind: 'normal', scale: 0.1 })
    this.#context = new State(weight(`${prefix}context_state`, [contextDim], { kind: 'zeros', state: true }))
    this.#decay = decay
  }

  /**
   * Drift over the rows of x [B, N, d]; returns the context after each row, [B, N, c]:
   * c_i = decay^i c_0 + sum_(j <= i) decay^(i-j) U x_j, as one product with the matrix of powers.
   */
  over(x: Tensor): Tensor {
    const [, rows] = x.shape as [number, number]
    const fused = fusedDrift(x, this.#input, this.#context.value, this.#decay)
    if (fused) {
      this.#context.update(() => fused[1])
      fused[1].dispose()
      return fused[0]
    }
    const contexts = tf.tidy(() => {
      const inputs = tf.matMul(x, this.#input, false, true)
      return runningSums(inputs, this.#context.value, this.#decay)
    })
    this.#context.update(() => contexts.slice([0, rows - 1, 0], [-1, 1, -1]).squeeze([1]))
    return contexts
  }

  /** q + c W_c^T for queries [B, Q, d]. */
  shift(queries: Tensor): Tensor {
    return tf.tidy(() => plusProduct(queries, this.#context.value.expandDims(1), this.#output, { right: true }))
  }

  reset(): void {
    this.#context.reset()
  }

  dispose(): void {
    this.#context.dispose()
    tf.dispose([this.#input, this.#output])
  }
}

/** Rows that one product with the matrix of powers covers. */
const chunk = 64

/** Decayed running sums of rows [B, N, c] from a first value [B, c]. */
function runningSums(inputs: Tensor, first: Tensor, decay: number): Tensor {
  const [batch, rows, dim] = inputs.shape as [number, number, number]
  const kernels = slotKernels()
  if (kernels) {
    const sums = copyOf(inputs)
    kernels.runningSums({ batch, items: rows, dim, decay, first: first.dataSync<'float32'>(), rows: sums })
    return tf.tensor(sums, [batch, rows, dim])
  }
  const out: Tensor[] = []
  let carry = first.expandDims(1)
  for (let at = 0; at < rows; at += chunk) {
    const size = Math.min(chunk, rows - at)
    const part = inputs.slice([0, at, 0], [-1, size, -1])
    const sums = tf.matMul(powers(size, decay).tile([inputs.shape[0], 1, 1]), tf.concat([carry, part], 1))
    out.push(sums)
    carry = sums.slice([0, size - 1, 0], [-1, 1, -1])
  }
  return tf.concat(out, 1)
}

/** [1, n, n + 1]: row i holds decay^(i + 1 - j) for j = 0 (the carry) to i + 1. */
function powers(n: number, decay: number): Tensor {
  const data = new Float32Array(n * (n + 1))
  for (let i = 0; i < n; i++) for (let j = 0; j <= i + 1; j++) data[i * (n + 1) + j] = decay ** (i + 1 - j)
  return tf.tensor(data, [1, n, n + 1])
}

/** FLOPs of `over`. */
export function driftFlops(rows: number, dim: number, contextDim: number): number {
  const whole = Math.floor(rows / chunk)
  const rest = rows % chunk
  return 2 * contextDim * (rows * dim + whole * chunk * (chunk + 1) + rest * (rest + 1))
}

/** FLOPs of `shift`. */
export const shiftFlops = (queries: number, dim: number, contextDim: number): number =>
  2 * dim * contextDim + queries * dim

export const driftParams = {
  contextDim: integer('Context size', 32, {
    help: 'Length of the drifting context',
    min: 1,
    max: 1024,
    symbol: 'c',
    scale: 'log'
  }),
  decay: number('Context decay', 0.9, {
    help: 'Share of the context that stays at each step',
    min: 0,
    max: 1,
    symbol: '\\rho'
  })
}

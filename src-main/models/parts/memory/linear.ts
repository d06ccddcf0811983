import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import { affine } from './shared-weights.ts'

/** Linear(in, out): y = x W^T + b. */
export interface Linear {
  /** [B, out, in] */
  weight: Tensor
  /** [B, out] */
  bias: Tensor
}

/** Asks for NAME.weight and NAME.bias, uniform in +-1/sqrt(in). */
export function linear(weight: WeightSource, name: string, inputs: number, outputs: number): Linear {
  const init = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) } as const
  return { weight: weight(`${name}.weight`, [outputs, inputs], init), bias: weight(`${name}.bias`, [outputs], init) }
}

/** x [B, N, in] -> [B, N, out] */
export const applyLinear = ({ weight, bias }: Linear, x: Tensor, activation?: 'relu'): Tensor =>
  tf.tidy(() => affine(x, weight, bias, activation))

export const linearFlops = (rows: number, inputs: number, outputs: number): number => rows * outputs * (2 * inputs + 1)

/** Linear layers with a ReLU between them, named as in a PyTorch Sequential: NAME.0, NAME.2, NAME.4. */
export const mlp = (weight: WeightSource, name: string, sizes: readonly number[]): Linear[] =>
  sizes.slice(1).map((outputs, i) => linear(weight, `${name}.${2 * i}`, sizes[i], outputs))

export const applyMlp = (layers: readonly Linear[], x: Tensor): Tensor =>
  tf.tidy(() => layers.reduce((h, layer, i) => applyLinear(layer, h, i + 1 < layers.length ? 'relu' : undefined), x))

export const mlpFlops = (rows: number, sizes: readonly number[]): number =>
  sizes.slice(1).reduce((sum, outputs, i) => sum + linearFlops(rows, sizes[i], outputs) + (i ? rows * sizes[i] : 0), 0)

export const mlpParameters = (sizes: readonly number[]): number =>
  sizes.slice(1).reduce((sum, outputs, i) => sum + outputs * (sizes[i] + 1), 0)

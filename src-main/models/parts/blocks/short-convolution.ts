import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { choice, type ChoiceParam } from '../../../../src-shared/shapes/params.ts'
import { fusedConvolution } from '../../../tensors/fused-ops.ts'
import type { WeightSource } from '../../model.ts'
import { applyBare, bare } from './block-heads.ts'
import { silu } from './neural-memory.ts'
import { overTrials, scaleRows } from '../memory/shared-weights.ts'

/** Tokens that the convolution sees: the newest and three before it. */
export const kernelWidth = 4

export type Convolution = 'none' | 'short'

const options = ['none', 'short'] as const
const help =
  'short: a causal convolution over four tokens and SiLU, channel by channel, before the memory; none: without'

/** The parameter of a block whose paper has the convolution; trials stored before there was one had none. */
export const ownConvolution: ChoiceParam<Convolution> = choice('Convolution', 'short', options, {
  help,
  later: 'none'
})
/** The parameter of a block that can have it. */
export const optionalConvolution: ChoiceParam<Convolution> = choice('Convolution', 'none', options, {
  help,
  later: true
})

/**
 * A linear map of tokens without bias, and after it, where asked, a short causal convolution of each channel:
 *
 *   z = x W^T,   y_t = silu(sum_(j=0..3) c_j o z_(t-3+j))
 *
 * x: [L, in]; W: [out, in]; c_j, z_t, y_t: [out], c_3 the newest token's; z is zero before the first token, and its last
 * three rows are kept between calls. Weights: NAME.weight [out, in], and [out, 1, 4] as PyTorch's Conv1d has it.
 * Source: Gu & Dao (2023), Mamba; Yang et al. (2024), Gated delta networks.
 */
export class ConvolvedMap {
  readonly #map: Tensor
  readonly #kernel: Tensor | undefined
  readonly #activate: boolean
  #past: Tensor | undefined

  /** @param activate whether SiLU follows the map where there is no convolution, too */
  constructor(
    weight: WeightSource,
    {
      map,
      kernel,
      inputs,
      outputs,
      convolution,
      activate = false
    }: { map: string; kernel: string; inputs: number; outputs: number; convolution: Convolution; activate?: boolean }
  ) {
    this.#activate = activate
    this.#map = bare(weight, map, inputs, outputs)
    if (convolution === 'short')
      this.#kernel = weight(`${kernel}.weight`, [outputs, 1, kernelWidth], {
        kind: 'uniform',
        bound: 1 / Math.sqrt(kernelWidth)
      })
  }

  /** Its weights, for an op of many maps. */
  get layer(): { weight: Tensor } {
    return { weight: this.#map }
  }

  /** The map alone. */
  plain(x: Tensor): Tensor {
    return applyBare(this.#map, x)
  }

  /** x [B, L, in] -> [B, L, out], after the tokens of earlier calls; the map alone where there is no convolution. */
  run(x: Tensor): Tensor {
    const z = this.plain(x)
    if (!this.#kernel) return this.#activate ? silu(z) : z
    const taps = this.#kernel.reshape([this.#kernel.shape[0]!, -1, kernelWidth]).transpose([0, 2, 1])
    const y = fusedConvolution(z, taps, this.#past) ?? convolved(z, taps, this.#past)
    const next = tf.keep(newest(z, this.#past))
    this.#past?.dispose()
    this.#past = next
    return silu(y)
  }

  /** Forget the tokens of earlier calls. */
  clear(): void {
    this.#past?.dispose()
    this.#past = undefined
  }

  dispose(): void {
    this.clear()
    tf.dispose(this.#kernel ? [this.#map, this.#kernel] : [this.#map])
  }
}

const reach = kernelWidth - 1

/** The last three tokens so far [B n, 3, c]. */
function newest(z: Tensor, past: Tensor | undefined): Tensor {
  const [rows, length, width] = z.shape as [number, number, number]
  const all = length < reach ? tf.concat([past ?? tf.zeros([rows, reach, width]), z], 1) : z
  return all.slice([0, all.shape[1]! - reach, 0], [rows, reach, width])
}

/** sum_j w_j o z_(t-3+j), z [B n, L, c] and w [B, 4, c]. */
function convolved(z: Tensor, taps: Tensor, past: Tensor | undefined): Tensor {
  const [rows, , width] = z.shape as [number, number, number]
  const seen = tf.concat([past ?? tf.zeros([rows, reach, width]), z], 1)
  const terms = tf
    .unstack(taps, 1)
    .map((tap, j) =>
      overTrials(seen.slice([0, j, 0], z.shape as [number, number, number]), taps.shape[0]!, (part) =>
        scaleRows(part, tap)
      )
    )
  return terms.reduce((sum, term) => sum.add(term))
}

/** The maps to queries, keys and values, each with a convolution of its own: W_q and q_conv1d, and so on. */
export const convolvedMaps = (weight: WeightSource, dim: number, convolution: Convolution): ConvolvedMap[] =>
  ['q', 'k', 'v'].map(
    (name) =>
      new ConvolvedMap(weight, {
        ...{ map: `W_${name}`, kernel: `${name}_conv1d` },
        ...{ inputs: dim, outputs: dim, convolution }
      })
  )

/** What the convolution of so many channels costs, in FLOPs for some tokens, weights, and numbers kept between calls. */
export function convolutionCost(
  convolution: Convolution,
  tokens: number,
  channels: number
): { flops: number; parameters: number; state: number } {
  if (convolution === 'none') return { flops: 0, parameters: 0, state: 0 }
  return {
    flops: tokens * channels * (2 * kernelWidth + 1),
    parameters: kernelWidth * channels,
    state: reach * channels
  }
}

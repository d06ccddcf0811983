import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** FLOPs of one Adam step per entry, as `step` runs it. */
export const adamFlops = 13

/** What Adam remembers of one parameter. */
export interface Moments {
  /** Running mean of the gradient and of its square, shaped as the parameter. */
  mean: Tensor
  square: Tensor
  /** Steps taken: one number, or [B, 1, 1] once trials of the batch have taken different numbers of steps. */
  steps: number | Tensor
}

/**
 * Adam with its usual defaults and per-parameter state that lives as long as the memory.
 *
 *   m <- m + (1 - b1)(g - m),   v <- v + (1 - b2)(g^2 - v),
 *   p <- p - rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 *
 * b1 = 0.9, b2 = 0.999, eps = 1e-8; p, g, m, v: [B, ...]; t: steps taken by this parameter.
 * A parameter that has grown along its axis 1 since the last step has new rows without history.
 * Source: D. P. Kingma and J. Ba (2015), Adam: a method for stochastic optimization.
 */
export class Adam {
  readonly moments = new Map<string, Moments>()
  readonly learningRate: number

  constructor(learningRate: number) {
    this.learningRate = learningRate
  }

  /**
   * One step for every parameter that has a gradient. Consumes the old parameters and the gradients.
   * @param active [B, 1, 1] of 0 and 1: trials with 0 take no step (their parameters must have rank 3)
   */
  step<K extends string>(
    parameters: Record<K, Tensor>,
    gradients: Partial<Record<K, Tensor>>,
    active?: Tensor
  ): Record<K, Tensor> {
    const next = { ...parameters }
    for (const name of Object.keys(gradients) as K[])
      next[name] = this.stepOne(name, parameters[name], gradients[name]!, active)
    return next
  }

  private stepOne(name: string, parameter: Tensor, gradient: Tensor, active: Tensor | undefined): Tensor {
    const old = this.moments.get(name)
    const [next, mean, square, steps] = tf.tidy(() => {
      const { mean: m0, square: v0, steps: t0 } = this.history(old, parameter)
      const t = active || typeof t0 !== 'number' ? tf.add(t0, active ?? 1) : t0 + 1
      const portion = (share: number): number | Tensor => (active ? tf.mul(active, share) : share)
      const m = m0.add(gradient.sub(m0).mul(portion(1 - beta1)))
      const v = v0.add(
        gradient
          .square()
          .sub(v0)
          .mul(portion(1 - beta2))
      )
      const rate =
        typeof t === 'number'
          ? this.learningRate / (1 - beta1 ** t)
          : tf.divNoNan(portion(this.learningRate), unbias(beta1, t))
      const root = typeof t === 'number' ? (1 - beta2 ** t) ** -0.5 : tf.divNoNan(1, unbias(beta2, t).sqrt())
      return [parameter.sub(m.div(v.sqrt().mul(root).add(epsilon)).mul(rate)), m, v, t] as [
        Tensor,
        Tensor,
        Tensor,
        Tensor | number
      ]
    })
    if (old) disposeMoments(old)
    tf.dispose([parameter, gradient])
    this.moments.set(name, { mean, square, steps })
    return next
  }

  /** The moments so far, with zero rows for what has been added to the parameter since. */
  private history(old: Moments | undefined, parameter: Tensor): Moments {
    if (!old) return { mean: tf.zerosLike(parameter), square: tf.zerosLike(parameter), steps: 0 }
    const missing = parameter.shape[1]! - old.mean.shape[1]!
    if (missing === 0) return old
    const pads = parameter.shape.map((_, axis): [number, number] => [0, axis === 1 ? missing : 0])
    return { mean: tf.pad(old.mean, pads), square: tf.pad(old.square, pads), steps: old.steps }
  }

  /** Forgets everything. */
  reset(): void {
    for (const moments of this.moments.values()) disposeMoments(moments)
    this.moments.clear()
  }
}

function disposeMoments({ mean, square, steps }: Moments): void {
  tf.dispose([mean, square])
  if (typeof steps !== 'number') steps.dispose()
}

/** 1 - beta^t; 0 for a trial that has taken no step yet. */
const unbias = (beta: number, t: Tensor): Tensor => tf.sub(1, tf.pow(tf.scalar(beta), t))

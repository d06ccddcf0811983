import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedStep } from '../../../tensors/fused-ops.ts'
import { slotKernels, type KernelParameter } from '../../../tensors/fused-kernels.ts'

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
  /** 1 - b1^t and 1 - b2^t: numbers, or [B, 1, 1] once trials of the batch may have taken different numbers of steps. */
  unbias: [number | Tensor, number | Tensor]
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
      next[name] = this.#stepOne(name, parameters[name], gradients[name]!, active)
    return next
  }

  #stepOne(name: string, parameter: Tensor, gradient: Tensor, active: Tensor | undefined): Tensor {
    const kernels = active ? undefined : slotKernels()
    if (kernels) {
      const arrays = this.toArrays(name, parameter)
      kernels.adam(arrays, gradient.dataSync<'float32'>(), this.learningRate)
      gradient.dispose()
      return this.fromArrays(name, parameter, arrays)
    }
    const fused = active ? undefined : this.#fusedStep(name, parameter, gradient)
    if (fused) return fused
    const old = this.moments.get(name)
    const { next, mean, square, unbias } = tf.tidy(() => {
      const { mean: m0, square: v0, unbias: u0 } = this.#history(old, parameter)
      const portion = (share: number): number | Tensor => (active ? tf.mul(active, share) : share)
      // 1 - b^t by its own recurrence: the power would lose its digits in float32.
      const unbias: Moments['unbias'] = [approach(u0[0], portion(1 - beta1)), approach(u0[1], portion(1 - beta2))]
      const mean = m0.add(gradient.sub(m0).mul(portion(1 - beta1)))
      const square = v0.add(
        gradient
          .square()
          .sub(v0)
          .mul(portion(1 - beta2))
      )
      const rate = quotient(portion(this.learningRate), unbias[0])
      const root = quotient(1, typeof unbias[1] === 'number' ? Math.sqrt(unbias[1]) : unbias[1].sqrt())
      return { next: parameter.sub(mean.div(square.sqrt().mul(root).add(epsilon)).mul(rate)), mean, square, unbias }
    })
    if (old) disposeMoments(old)
    tf.dispose([parameter, gradient])
    this.moments.set(name, { mean, square, unbias })
    return next
  }

  /** The step by one op, where the backend has it and all trials have taken the same steps. */
  #fusedStep(name: string, parameter: Tensor, gradient: Tensor): Tensor | undefined {
    const ahead = this.ahead([name], 1)
    if (!ahead || (ahead.means.length && ahead.means[0].size !== parameter.size)) return undefined
    const made = fusedStep(parameter, gradient, ahead.means, ahead.rates[0])
    if (!made) return undefined
    tf.dispose([parameter, gradient])
    this.remember(name, made[1], made[2], ahead.after[0])
    return made[0]
  }

  /**
   * What a kernel needs for some steps at once of parameters that keep their shapes: their means, none before the first
   * step, and [steps, 2 parameters] of rate / (1 - b1^t) and 1 / sqrt(1 - b2^t). Undefined where trials have taken different
   * numbers of steps.
   */
  ahead(
    names: readonly string[],
    steps: number
  ): { means: Tensor[]; rates: number[][]; after: number[][] } | undefined {
    const known = names.map((name) => this.moments.get(name))
    const taken = known.map((moments) => moments?.unbias ?? [0, 0])
    if (!taken.flat().every((u) => typeof u === 'number') || known.some((one) => !one !== !known[0])) return undefined
    const after = taken.map((pair) => [...pair] as number[])
    const rates = Array.from({ length: steps }, () =>
      after.flatMap((unbias) => {
        unbias[0] += (1 - beta1) * (1 - unbias[0])
        unbias[1] += (1 - beta2) * (1 - unbias[1])
        return [this.learningRate / unbias[0], 1 / Math.sqrt(unbias[1])]
      })
    )
    return { means: known.flatMap((one) => (one ? [one.mean, one.square] : [])), rates, after }
  }

  /** What such a kernel left: the means of a parameter, which become its own, and 1 - b1^t and 1 - b2^t. */
  remember(name: string, mean: Tensor, square: Tensor, [first, second]: readonly number[]): void {
    this.#put(name, { mean, square, unbias: [first, second] })
  }

  /** What an op needs that steps by itself: of each parameter its means, if it has any, and 1 - b1^t and 1 - b2^t [B]. */
  forOp(names: readonly string[], batch: number): { history: number[]; means: Tensor[]; unbias: Tensor[] } {
    const known = names.map((name) => this.moments.get(name))
    const each = (u: number | Tensor): Tensor =>
      typeof u === 'number' ? tf.tensor1d(new Float32Array(batch).fill(u)) : u.reshape([batch])
    return {
      history: known.map((one) => one?.mean.shape[1] ?? 0),
      means: known.flatMap((one) => (one ? [one.mean, one.square] : [])),
      unbias: known.flatMap((one) => (one?.unbias ?? [0, 0]).map(each))
    }
  }

  /** What it left. @param steps that all trials have taken, where they are known: then 1 - b^t stay plain numbers */
  fromOp(name: string, mean: Tensor, square: Tensor, unbias: readonly Tensor[], steps: number | undefined): void {
    const before = this.moments.get(name)?.unbias ?? [0, 0]
    if (steps === undefined || before.some((u) => typeof u !== 'number')) {
      this.#put(name, { mean, square, unbias: [unbias[0], unbias[1]] })
      return
    }
    tf.dispose([...unbias])
    const after = (u: number | Tensor, share: number): number => 1 - (1 - (u as number)) * (1 - share) ** steps
    this.#put(name, { mean, square, unbias: [after(before[0], 1 - beta1), after(before[1], 1 - beta2)] })
  }

  #put(name: string, moments: Moments): void {
    const old = this.moments.get(name)
    if (old) disposeMoments(old)
    this.moments.set(name, moments)
  }

  /** A parameter with its moments as arrays that a kernel may change; a backend's whose data lie at hand. */
  toArrays(name: string, parameter: Tensor): KernelParameter {
    const batch = parameter.shape[0]!
    const moments = this.moments.get(name)
    const wide = (x: Tensor | undefined): Float32Array => {
      const all = new Float32Array(parameter.size)
      if (!x) return all
      const data = x.dataSync<'float32'>()
      const [from, to] = [x.size / batch, parameter.size / batch]
      for (let b = 0; b < batch; b++) all.set(data.subarray(b * from, (b + 1) * from), b * to)
      return all
    }
    const unbias = (moments?.unbias ?? [0, 0]).map((u) => (typeof u === 'number' ? u : u.dataSync<'float32'>()))
    const at = (part: (typeof unbias)[number], b: number): number => (typeof part === 'number' ? part : part[b]!)
    return {
      values: copyOf(parameter),
      mean: wide(moments?.mean),
      square: wide(moments?.square),
      unbias: Float64Array.from({ length: 2 * batch }, (_, i) => at(unbias[i % 2]!, Math.floor(i / 2)))
    }
  }

  /** Takes a parameter back from a kernel: consumes the old tensor, keeps the moments, returns the new one. */
  fromArrays(name: string, old: Tensor, { values, mean, square, unbias }: KernelParameter): Tensor {
    const moments = this.moments.get(name)
    if (moments) disposeMoments(moments)
    const part = (which: 0 | 1): number | Tensor => {
      const all = unbias.filter((_, i) => i % 2 === which)
      return all.every((u) => u === all[0]) ? all[0]! : tf.tensor(Float32Array.from(all), [all.length, 1, 1])
    }
    const shaped = (x: Float32Array): Tensor => tf.tensor(x, old.shape, 'float32')
    this.moments.set(name, { mean: shaped(mean), square: shaped(square), unbias: [part(0), part(1)] })
    old.dispose()
    return shaped(values)
  }

  /** The moments so far, with zero rows for what has been added to the parameter since. */
  #history(old: Moments | undefined, parameter: Tensor): Moments {
    if (!old) return { mean: tf.zerosLike(parameter), square: tf.zerosLike(parameter), unbias: [0, 0] }
    const missing = parameter.shape[1]! - old.mean.shape[1]!
    if (missing === 0) return old
    const pads = parameter.shape.map((_, axis): [number, number] => [0, axis === 1 ? missing : 0])
    return { mean: tf.pad(old.mean, pads), square: tf.pad(old.square, pads), unbias: old.unbias }
  }

  /** Forgets everything. */
  reset(): void {
    for (const moments of this.moments.values()) disposeMoments(moments)
    this.moments.clear()
  }
}

function disposeMoments({ mean, square, unbias }: Moments): void {
  tf.dispose([mean, square, ...unbias.filter((u) => typeof u !== 'number')])
}

/** u + share (1 - u). */
const approach = (u: number | Tensor, share: number | Tensor): number | Tensor =>
  typeof u === 'number' && typeof share === 'number' ? u + share * (1 - u) : tf.add(u, tf.mul(share, tf.sub(1, u)))

/** a / b, and 0 where b is 0: a trial that has taken no step yet. */
const quotient = (a: number | Tensor, b: number | Tensor): number | Tensor =>
  typeof a === 'number' && typeof b === 'number' ? a / b : tf.divNoNan(a, b)

/** An array of the caller's own: what dataSync gives may be the tensor's. */
export const copyOf = (x: Tensor): Float32Array => x.dataSync<'float32'>().slice()

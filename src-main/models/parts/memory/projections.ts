import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { choice, integer, number } from '../../../../src-shared/shapes/params.ts'
import type { WeightSource } from '../../model.ts'
import { Adam } from '../slots/adam.ts'

/** How the projections of a model that never trains them get their values. */
export const projectionParams = {
  projections: choice('Projections', 'random', ['random', 'identity', 'trained'], {
    help: 'random: as the source draws them; identity: pass vectors on unchanged; trained: by Adam on pairs of their own before the trial'
  }),
  trainSteps: integer('Training steps', 300, {
    help: 'Adam steps on calibration pairs, when projections are trained',
    needs: { param: 'projections', in: ['trained'] },
    min: 1,
    max: 10_000,
    scale: 'log'
  }),
  trainRate: number('Training rate', 0.01, {
    help: 'Learning rate of Adam, when projections are trained',
    needs: { param: 'projections', in: ['trained'] },
    min: 1e-6,
    max: 1,
    scale: 'log'
  })
}

/** The identity matrix for every trial, [B, d, d]. */
export const identity = (batch: number, dim: number): Tensor =>
  tf.tidy(() => tf.eye(dim).expandDims(0).tile([batch, 1, 1]))

/** Pairs of one calibration episode. */
const episode = 16

/**
 * Train weights on a calibration split: normal pairs that the model draws from its own stream, a fresh episode of 16
 * for every step. A step stores the episode and reads it back with its keys; Adam lowers the mean of
 * 1 - cos(recalled, value). Trials of the batch do not touch one another: their losses are added, so each gets its own
 * gradient.
 * @param recall what the memory answers to the keys after it has stored the pairs, with these weights
 * @param prepare what does not depend on the weights is made of an episode once, outside the gradient
 * @returns the trained weights, [B, ...] each; consumes those given
 */
export function train(
  weights: Tensor[],
  setup: { dim: number; weight: WeightSource; steps: number; rate: number },
  recall: (weights: Tensor[], keys: Tensor, values: Tensor, given: readonly Tensor[]) => Tensor,
  prepare?: (keys: Tensor, values: Tensor) => Tensor[]
): Tensor[] {
  const adam = new Adam(setup.rate)
  let current = Object.fromEntries(weights.map((w, i) => [i, w])) as Record<string, Tensor>
  for (let step = 0; step < setup.steps; step++) {
    const draw = (name: string): Tensor =>
      setup.weight(`calibration.${step}.${name}`, [episode, setup.dim], { kind: 'normal', scale: 1 })
    const [keys, values] = [draw('keys'), draw('values')]
    const given = prepare?.(keys, values) ?? []
    const gradients = tf.tidy(() =>
      tf.grads((...ws: Tensor[]) => forgetting(recall(ws, keys, values, given), values))(Object.values(current))
    )
    tf.dispose([keys, values, ...given])
    current = adam.step(current, Object.fromEntries(gradients.map((g, i) => [i, g])))
  }
  adam.reset()
  return Object.values(current)
}

/** Sum over trials of the mean of 1 - cos(a, b); the small constant keeps the gradient of a zero vector finite. */
function forgetting(a: Tensor, b: Tensor): Tensor {
  const squares = tf.sum(a.square(), -1).mul(tf.sum(b.square(), -1)).add(1e-12)
  const cosine = tf.sum(a.mul(b), -1).div(squares.sqrt())
  return tf.sum(tf.mean(tf.sub(1, cosine), 1))
}

/**
 * The model that tasks of sequences train: tokens in, a token predicted at chosen places.
 *
 *   h_t = E[x_t] + P[t],   y = stack(h),   p = softmax(y W^T + b) at the places asked
 *
 * E: [V, d], P: [L, d], W: [V, d]. The stack is the tested model: a transformer as it is, or any other block in every
 * layer of one. Weights have one row per trial; a trial's sequences share it (models/parts/memory/shared-weights.ts).
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { ParamValues } from '../../../../src-shared/shapes/params.ts'
import type { Memory, WeightSource } from '../../../models/model.ts'
import { affine, spread } from '../../../models/parts/memory/shared-weights.ts'
import type { Registry } from '../registry.ts'
import { pick } from './pick.ts'
import type { Examples, StackCost, TrainingPlan } from '../../../tasks/training-plan.ts'

export interface Tested {
  model: string
  params: ParamValues
}

/** The transformer that a tested model is trained in, its values filled. */
export function stackOf(
  registry: Registry,
  { model, params }: Tested,
  { dim, layers, expansion }: Pick<TrainingPlan, 'dim' | 'layers' | 'expansion'>
): ParamValues {
  const whole = registry.complete(model, params)
  return registry.fill(
    'transformer',
    model === 'transformer' ? whole : { dim, layers, expansion, blocks: [{ kind: model, params: whole }] }
  )
}

/** Exact counts for one sequence of the plan's length, every token's next one predicted. */
export function stackCost(
  registry: Registry,
  tested: Tested,
  plan: Pick<TrainingPlan, 'dim' | 'layers' | 'expansion' | 'length' | 'vocabulary'>
): StackCost {
  const { dim, vocabulary, length } = plan
  const params = stackOf(registry, tested, plan)
  const stack = registry.cost('transformer', params, { stored: 0, before: 0, queries: 0, tokens: length })
  return {
    parameters: stack.parameters + 2 * vocabulary * dim + vocabulary + length * dim,
    stateBytes: 4 * stack.state,
    flopsPerToken: (stack.forwardFlops ?? 0) / length + dim + vocabulary * (2 * dim + 1)
  }
}

export interface LanguageModel {
  /** Logits at the places asked, [B, sequences * asked, V]. */
  logits(examples: Examples): Tensor
  stack: Memory
  dispose(): void
}

/**
 * @param trials rows of the weights
 * @param sequences of each trial that are read at once
 * @param observed whether its traces will be asked for
 */
export function languageModel(
  registry: Registry,
  tested: Tested,
  plan: TrainingPlan,
  { trials, sequences, observed = false }: { trials: number; sequences: number; observed?: boolean },
  weight: WeightSource
): LanguageModel {
  const { dim, vocabulary, length } = plan
  const normal = { kind: 'normal', scale: 0.3 } as const
  const embedding = weight('embedding.weight', [vocabulary, dim], normal)
  const places = weight('position.weight', [length, dim], normal)
  const params = stackOf(registry, tested, plan)
  const under: WeightSource = (name, shape, init) => weight(`stack.${name}`, shape, init)
  const stack = registry.build('transformer', params, trials * sequences, under, observed)
  const uniform = { kind: 'uniform', bound: 1 / Math.sqrt(dim) } as const
  const head = {
    weight: weight('head.weight', [vocabulary, dim], uniform),
    bias: weight('head.bias', [vocabulary], uniform)
  }
  return {
    stack,
    logits({ tokens, length, asked, positions }) {
      const rows = trials * sequences
      const h = tf.tidy(() => {
        const words = pick(embedding, tokens).reshape([rows, length, dim])
        return words.add(spread(places.slice([0, 0, 0], [trials, length, dim]), rows))
      })
      const y = stack.forward!(h)
      h.dispose()
      return tf.tidy(() => {
        const places = Int32Array.from(positions, (t, i) => (Math.floor(i / asked) % sequences) * length + t)
        return affine(pick(y.reshape([trials, sequences * length, dim]), places), head.weight, head.bias)
      })
    },
    dispose() {
      stack.dispose()
      tf.dispose([embedding, places, head.weight, head.bias])
    }
  }
}

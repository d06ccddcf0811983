/**
 * The model that tasks of sequences train: tokens in, a token predicted at chosen places.
 *
 *   h_t = E[x_t] + P[t],   y = stack(h),   p = softmax(y W^T + b) at the places asked
 *
 * E: [V, d], P: [L, d], W: [V, d]; a plan with turns reads them one call after another, t counted within the turn. The stack is the tested model: a transformer as it is, or any other block in every
 * layer of one. Weights have one row per trial; a trial's sequences share it (models/parts/memory/shared-weights.ts).
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Cost } from '../../../../src-shared/cost/cost.ts'
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
  plan: Pick<TrainingPlan, 'dim' | 'layers' | 'expansion' | 'length' | 'turn' | 'vocabulary'>
): StackCost {
  const { dim, vocabulary, length, turn = length } = plan
  const params = stackOf(registry, tested, plan)
  const after = (before: number, tokens: number): Cost =>
    registry.cost('transformer', params, { stored: 0, before, queries: 0, tokens, call: turn })
  const turns = Array.from({ length: length / turn }, (_, i) => after(i * turn, turn))
  const last = turns[turns.length - 1]
  const flops = turns.reduce((sum, { forwardFlops = 0 }) => sum + forwardFlops, 0)
  return {
    parameters: last.parameters + 2 * vocabulary * dim + vocabulary + turn * dim,
    stateBytes: 4 * last.state,
    keptBytes: 4 * after(length, 0).state,
    flopsPerToken: flops / length + dim + vocabulary * (2 * dim + 1)
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
  const { dim, vocabulary, length, turn = length } = plan
  const normal = { kind: 'normal', scale: 0.3 } as const
  const embedding = weight('embedding.weight', [vocabulary, dim], normal)
  const places = weight('position.weight', [turn, dim], normal)
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
    logits({ tokens, types, length, asked, positions }) {
      const rows = trials * sequences
      const h = tf.tidy(() => {
        const words = pick(embedding, tokens).reshape([rows, length, dim])
        const call = Math.min(turn, length)
        const placed = spread(places.slice([0, 0, 0], [trials, call, dim]), rows)
        return call === length ? words.add(placed) : words.add(tf.tile(placed, [1, length / call, 1]))
      })
      const y = plan.turn === undefined ? stack.forward!(h, { types }) : inTurns(stack, h, plan.turn, types)
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

/** Every turn of h [B, L, d] is a call of its own, which ends a turn. */
function inTurns(stack: Memory, h: Tensor, turn: number, types: Int32Array | undefined): Tensor {
  const [rows, length, dim] = h.shape as [number, number, number]
  const said: Tensor[] = []
  for (let at = 0; at < length; at += turn) {
    const part = tf.tidy(() => h.slice([0, at, 0], [rows, turn, dim]))
    const own = types?.filter((_, i) => i % length >= at && i % length < at + turn)
    said.push(stack.forward!(part, { turns: [turn - 1], types: own }))
    part.dispose()
  }
  const whole = tf.concat(said, 1)
  tf.dispose(said)
  return whole
}

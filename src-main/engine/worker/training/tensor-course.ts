/** Training that stays where the tensors lie: weights, moments and what the steps said are read only when asked for. */
import { setImmediate as turn } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { checkBackend } from '../../../tensors/backends/index.ts'
import { fusedAdam, fusedScore, together } from '../../../tensors/fused-ops.ts'
import type { LanguageModel } from './language-model.ts'
import type { Examples } from '../../../tasks/training-plan.ts'
import type { Course, Row, Slot, StepNews } from './learner.ts'
import { adamNumbers } from './optimiser.ts'

/**
 * @param model made of weights that it takes, for so many sequences of each row
 * @throws StudioError device-limit, engine-failed from `news` for what befell the device since the last call
 */
export function tensorCourse(
  rows: readonly Row[],
  slots: readonly Slot[],
  decays: (slot: Slot) => boolean,
  model: (weights: ReadonlyMap<string, Tensor>, sequences: number) => LanguageModel
): Course {
  const parts = ['weights', 'mean', 'square'] as const
  const count = rows[0].state.weights.length
  /** Where a row's part of a slot begins among all numbers: part by part, slot by slot, row by row. */
  const place = (part: number, { offset, size }: Slot, row: number): number =>
    rows.length * (part * count + offset) + row * size
  const begin = new Float32Array(parts.length * rows.length * count)
  for (const [i, part] of parts.entries())
    for (const slot of slots)
      rows.forEach(({ state }, row) =>
        begin.set(state[part].subarray(slot.offset, slot.offset + slot.size), place(i, slot, row))
      )
  let learned: Tensor = tf.tensor1d(begin)
  const table = tf.tensor2d(
    slots.map((slot) => [slot.offset, slot.size, Number(decays(slot))]),
    [slots.length, 3],
    'int32'
  )
  let said: { each: number; news: Tensor }[] = []

  function take(examples: Examples, rate: number, t: number): void {
    const { asked, sequences, targets } = examples
    const weights = slots.map((slot) =>
      tf.tidy(() => learned.slice([place(0, slot, 0)], [rows.length * slot.size]).reshape([rows.length, ...slot.shape]))
    )
    let made: LanguageModel | undefined
    const { value: sums, grads } = tf.engine().gradients(
      () => {
        made = model(new Map(slots.map(({ name }, i) => [name, weights[i].clone()])), sequences)
        return fusedScore(made.logits(examples), targets) as Tensor
      },
      weights,
      undefined,
      true
    )
    const gradients = weights.map((weight, i) => (grads[i] as Tensor | undefined) ?? tf.zerosLike(weight))
    const next = fusedAdam(learned, gradients, sums, table, adamNumbers(rate, t))
    tf.dispose([learned, sums, ...weights, ...gradients])
    made?.dispose()
    learned = next.learned
    said.push({ each: sequences * asked, news: next.news })
  }

  return {
    ahead: Infinity,
    step: (examples, rate, t) => together(() => take(examples, rate, t)),
    async news() {
      const steps = said
      said = []
      if (steps.length === 0) return []
      const together = tf.stack(steps.map(({ news }) => news))
      const numbers = await together.data()
      tf.dispose([together, ...steps.map(({ news }) => news)])
      // What went wrong there is told a turn later, and is no divergence that a checkpoint may hold.
      await turn()
      checkBackend()
      return steps.map(({ each }, step) =>
        rows.map((_, row): StepNews => {
          const [loss, right, norm] = numbers.subarray(3 * (step * rows.length + row))
          return { loss: loss / each, accuracy: right / each, norm }
        })
      )
    },
    async settle() {
      const numbers = await learned.data<'float32'>()
      for (const [i, part] of parts.entries())
        for (const slot of slots)
          rows.forEach(({ state }, row) => {
            const from = place(i, slot, row)
            state[part].set(numbers.subarray(from, from + slot.size), slot.offset)
          })
    },
    dispose: () => tf.dispose([learned, table, ...said.map(({ news }) => news)])
  }
}

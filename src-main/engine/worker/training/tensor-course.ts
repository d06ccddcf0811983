/** Training that stays where the tensors lie: weights, moments and what the steps said are read only when asked for. */
import { setImmediate as turn } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { checkBackend } from '../../../tensors/backends/index.ts'
import { fusedAdam, fusedScore, type Learned } from '../../../tensors/fused-ops.ts'
import type { LanguageModel } from './language-model.ts'
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
  /** The numbers of all rows, slot by slot. */
  const gathered = (part: 'weights' | 'mean' | 'square'): Float32Array => {
    const all = new Float32Array(rows.length * rows[0].state[part].length)
    for (const { offset, size } of slots)
      rows.forEach(({ state }, row) =>
        all.set(state[part].subarray(offset, offset + size), rows.length * offset + row * size)
      )
    return all
  }
  const begin = gathered('weights')
  let learned: Learned = {
    weights: slots.map(({ shape, offset, size }) =>
      tf.tensor(begin.slice(rows.length * offset, rows.length * (offset + size)), [rows.length, ...shape])
    ),
    moments: [tf.tensor1d(gathered('mean')), tf.tensor1d(gathered('square'))]
  }
  const table = tf.tensor2d(
    slots.map((slot) => [slot.offset, slot.size, Number(decays(slot))]),
    [slots.length, 3],
    'int32'
  )
  /** In the place of a gradient that there is none of. */
  const none = new Map<number, Tensor>()
  const noneOf = (slot: number): Tensor => {
    const known = none.get(slot) ?? tf.zerosLike(learned.weights[slot])
    none.set(slot, known)
    return known
  }
  let said: { each: number; news: Tensor }[] = []
  const all = ({ weights, moments }: Learned): Tensor[] => [...weights, ...moments]

  return {
    ahead: Infinity,
    step(examples, rate, t) {
      let made: LanguageModel | undefined
      const { value: sums, grads } = tf.engine().gradients(
        () => {
          const own = new Map(slots.map(({ name }, i) => [name, learned.weights[i].clone()]))
          made = model(own, examples.sequences)
          return fusedScore(made.logits(examples), examples.targets) as Tensor
        },
        [...learned.weights],
        undefined,
        true
      )
      const gradients = slots.map((_, i) => (grads[i] as Tensor | undefined) ?? noneOf(i))
      const next = fusedAdam(learned, gradients, sums, table, adamNumbers(rate, t))
      tf.dispose([...all(learned), sums, ...gradients.filter((gradient, i) => gradient !== none.get(i))])
      made?.dispose()
      learned = next.learned
      said.push({ each: examples.sequences * examples.asked, news: next.news })
    },
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
      const flat = tf.tidy(() => tf.concat(all(learned).map((x) => x.reshape([-1]))))
      const numbers = await flat.data<'float32'>()
      flat.dispose()
      const count = rows[0].state.weights.length
      for (const [i, part] of (['weights', 'mean', 'square'] as const).entries())
        for (const { offset, size } of slots)
          rows.forEach(({ state }, row) => {
            const from = rows.length * (i * count + offset) + row * size
            state[part].set(numbers.subarray(from, from + size), offset)
          })
    },
    dispose: () => tf.dispose([...all(learned), table, ...none.values(), ...said.map(({ news }) => news)])
  }
}

/** Training whose optimiser works on plain arrays: gradients and answers are read at every step. */
import { decays, type Course, type Learner, type Row, type StepNews } from './learner.ts'
import { adamW } from './optimiser.ts'

/** @param own how many of the rows are trials; the rest are copies, which take no steps */
export function arrayCourse(learner: Learner, rows: readonly Row[], own: number): Course {
  const count = rows[0].state.weights.length
  const decayed = new Uint8Array(count)
  for (const slot of learner.slots) if (decays(slot)) decayed.fill(1, slot.offset, slot.offset + slot.size)
  const buffers = learner.slots.filter(({ buffer }) => buffer)
  let said: StepNews[][] = []
  return {
    ahead: 1,
    async step(examples, rate, t) {
      const { gradient, answers } = await learner.gradient(rows, examples, t - 1)
      const each = examples.sequences * examples.asked
      said.push(
        rows.slice(0, own).map(({ state }, row) => {
          let [sum, right] = [0, 0]
          for (let i = row * each; i < (row + 1) * each; i++) {
            sum += answers.loss[i]
            if (answers.predicted[i] === examples.targets[i]) right++
          }
          const part = gradient.subarray(row * count, (row + 1) * count)
          for (const { offset, size } of buffers) {
            state.weights.set(part.subarray(offset, offset + size), offset)
            part.fill(0, offset, offset + size)
          }
          return { loss: sum / each, accuracy: right / each, norm: adamW(state, part, decayed, rate, t) }
        })
      )
    },
    news() {
      const steps = said
      said = []
      return Promise.resolve(steps)
    },
    settle: () => undefined,
    dispose: () => undefined
  }
}

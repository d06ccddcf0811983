/**
 * A researcher's own sequence block in every layer of the studio's stack, built in Python. Python computes gradients and
 * answers; steps, rates, clipping, checkpoints and the early stop are the trainer's own, the same for every block.
 */
import { z } from 'zod'
import type { Answers, Examples, StackCost, TrainingPlan } from '../../tasks/training-plan.ts'
import type { Learner, Row } from '../worker/training/learner.ts'
import type { NamedArray } from './frames.ts'
import type { Python } from './python.ts'

const madeSchema = z.object({
  handle: z.number(),
  slots: z.array(z.object({ name: z.string(), shape: z.array(z.int()), buffer: z.boolean() }))
})

export interface PythonBlock {
  python: Python
  file: string
  class: string
  params: Readonly<Record<string, unknown>>
}

/** @param seeds of the trials */
export function pythonLearner(
  { python, file, class: name, params }: PythonBlock,
  { dim, vocabulary, length, layers, expansion }: TrainingPlan,
  seeds: readonly number[],
  cost: StackCost
): Learner {
  const plan = { dim, vocabulary, length, layers, expansion }
  const made = python.ask({ op: 'learn', file, class: name, params, seeds, plan })
  const { handle, slots } = madeSchema.parse(made.header)
  const drawn = made.arrays[0].data as Float32Array
  const count = drawn.length / seeds.length

  const pass = (
    op: string,
    rows: readonly Row[],
    examples: Examples,
    step: number
  ): Map<string, NamedArray['data']> => {
    const weights = new Float32Array(rows.length * count)
    rows.forEach(({ state }, row) => weights.set(state.weights, row * count))
    const { sequences, length, asked, tokens, positions, targets } = examples
    const { arrays } = python.ask({ op, handle, step, trials: rows.map(({ trial }) => trial) }, [
      { name: 'weights', shape: [rows.length, count], data: weights },
      { name: 'tokens', shape: [rows.length, sequences, length], data: tokens },
      { name: 'positions', shape: [rows.length, sequences, asked], data: positions },
      { name: 'targets', shape: [rows.length, sequences, asked], data: targets }
    ])
    return new Map(arrays.map(({ name, data }) => [name, data]))
  }
  const answers = (found: Map<string, NamedArray['data']>): Answers => ({
    predicted: found.get('predicted') as Int32Array,
    loss: found.get('loss') as Float32Array
  })

  let offset = 0
  return {
    slots: slots.map((slot) => {
      const size = slot.shape.reduce((a, b) => a * b, 1)
      offset += size
      return { ...slot, size, offset: offset - size }
    }),
    cost,
    first: (trial) => drawn.slice(trial * count, (trial + 1) * count),
    gradient(rows, examples, step) {
      const found = pass('gradients', rows, examples, step)
      return Promise.resolve({ gradient: found.get('gradient') as Float32Array, answers: answers(found) })
    },
    course: () => undefined,
    answer: (rows, examples) => Promise.resolve(answers(pass('answers', rows, examples, 0))),
    traces: () => Promise.resolve([]),
    dispose: () => void python.ask({ op: 'free', handle })
  }
}

/** The language model of the studio's own blocks, on tensors. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../../models/model.ts'
import type { Registry } from '../registry.ts'
import { languageModel, stackCost, type LanguageModel, type Tested } from './language-model.ts'
import { decays, type Learner, type Row, type Slot } from './learner.ts'
import { trainsByOps } from '../../../tensors/fused-ops.ts'
import { crossEntropy } from './pick.ts'
import { tensorCourse } from './tensor-course.ts'
import type { Answers, Examples, TrainingPlan } from '../../../tasks/training-plan.ts'

/** @param batch rows of what `weight` draws */
export function tensorLearner(
  registry: Registry,
  tested: Tested,
  plan: TrainingPlan,
  batch: number,
  weight: WeightSource
): Learner {
  const slots: Slot[] = []
  const drawn: Float32Array[] = []
  let count = 0
  languageModel(registry, tested, plan, { trials: batch, sequences: 1 }, (name, shape, init) => {
    const tensor = weight(name, shape, init)
    const size = tensor.size / batch
    slots.push({ name, shape, offset: count, size })
    drawn.push(tensor.dataSync<'float32'>().slice())
    count += size
    return tensor
  }).dispose()

  /** The weights of some trials as tensors, by name. Each model that is made takes tensors of its own. */
  const weightsOf = (rows: readonly Row[]): Map<string, Tensor> =>
    new Map(
      slots.map(({ name, shape, offset, size }) => {
        const data = new Float32Array(rows.length * size)
        rows.forEach(({ state }, row) => data.set(state.weights.subarray(offset, offset + size), row * size))
        return [name, tf.tensor(data, [rows.length, ...shape])]
      })
    )

  /** Runs the model once, without a way back. */
  const read = async <T>(
    rows: readonly Row[],
    examples: Examples,
    observed: boolean,
    use: (logits: Tensor, model: LanguageModel) => Promise<T>
  ): Promise<T> => {
    const weights = weightsOf(rows)
    const size = { trials: rows.length, sequences: examples.sequences, observed }
    const model = languageModel(registry, tested, plan, size, (name) => weights.get(name) as Tensor)
    const logits = model.logits(examples)
    try {
      return await use(logits, model)
    } finally {
      logits.dispose()
      model.dispose()
    }
  }

  return {
    slots,
    cost: stackCost(registry, tested, plan),
    first(trial) {
      const weights = new Float32Array(count)
      slots.forEach(({ offset, size }, i) => weights.set(drawn[i].subarray(trial * size, (trial + 1) * size), offset))
      return weights
    },
    async gradient(rows, examples) {
      const { sequences, targets } = examples
      const weights = weightsOf(rows)
      const size = { trials: rows.length, sequences }
      let logits: Tensor | undefined
      let model: LanguageModel | undefined
      const { value, grads } = tf.engine().gradients(
        () => {
          model = languageModel(registry, tested, plan, size, (name) => weights.get(name) as Tensor)
          logits = tf.keep(model.logits(examples))
          return tf.sum(crossEntropy(logits, targets))
        },
        [...weights.values()],
        undefined,
        true
      )
      const gradient = tf.tidy(() =>
        tf.concat(
          slots.map(
            ({ size }, i) =>
              (grads[i] as Tensor | undefined)?.reshape([rows.length, size]) ?? tf.zeros([rows.length, size])
          ),
          1
        )
      )
      const [g, y] = await Promise.all([gradient.data<'float32'>(), (logits as Tensor).data<'float32'>()])
      tf.dispose([
        ...[value, gradient, logits as Tensor],
        ...grads.filter((each) => (each as Tensor | undefined) !== undefined)
      ])
      model?.dispose()
      return { gradient: g, answers: judge(y, targets, plan.vocabulary) }
    },
    course: (rows) =>
      trainsByOps()
        ? tensorCourse(rows, slots, decays, (weights, sequences) =>
            languageModel(
              registry,
              tested,
              plan,
              { trials: rows.length, sequences },
              (name) => weights.get(name) as Tensor
            )
          )
        : undefined,
    answer: (rows, examples) =>
      read(rows, examples, false, async (logits) =>
        judge(await logits.data<'float32'>(), examples.targets, plan.vocabulary)
      ),
    traces: (rows, examples) => read(rows, examples, true, (_, { stack }) => stack.traces?.() ?? Promise.resolve([])),
    dispose: () => undefined
  }
}

/** The most likely token and -ln p of the right one, for rows of logits. */
function judge(logits: Float32Array, targets: Int32Array, vocabulary: number): Answers {
  const predicted = new Int32Array(targets.length)
  const loss = new Float32Array(targets.length)
  for (let i = 0; i < targets.length; i++) {
    const row = logits.subarray(i * vocabulary, (i + 1) * vocabulary)
    let best = 0
    for (let v = 1; v < vocabulary; v++) if (row[v] > row[best]) best = v
    let sum = 0
    for (let v = 0; v < vocabulary; v++) sum += Math.exp(row[v] - row[best])
    predicted[i] = best
    loss[i] = Math.log(sum) + row[best] - row[targets[i]]
  }
  return { predicted, loss }
}

/** What the tasks that train their models share: parameters, curves, and the numbers that come from training itself. */
import type { MetricInfo, SeriesInfo } from '../../../src-shared/shapes/catalog.ts'
import { integer, number } from '../../../src-shared/shapes/params.ts'
import type { Examples, Trained } from '../training-plan.ts'
import { asShare } from './judge.ts'

export const trainingParams = {
  dim: integer('Dimension', 32, { help: 'Length of a token’s vector', min: 2, max: 1024, symbol: 'd', scale: 'log' }),
  layers: integer('Layers', 2, { help: 'Layers of the stack; each holds the tested block', min: 1, max: 16 }),
  expansion: integer('Network width', 2, {
    help: 'Hidden width of each layer’s network, in units of d; 0 leaves the network out',
    min: 0,
    max: 8
  }),
  steps: integer('Steps', 600, { help: 'Training steps at most', min: 1, max: 1_000_000, scale: 'log' }),
  batchSize: integer('Batch', 16, { help: 'Fresh sequences of each step', min: 1, max: 1024, scale: 'log' }),
  learningRate: number('Learning rate', 0.01, {
    help: 'Largest rate of AdamW: it warms up over a twentieth of the steps, then falls along a cosine to a tenth',
    min: 1e-6,
    max: 1,
    scale: 'log'
  }),
  stopAt: number('Stop at', 0.99, {
    help: 'A trial stops once its accuracy on fresh batches has stayed at this over two windows; above 1 it never does',
    min: 0,
    max: 1.1
  }),
  saveEvery: integer('Checkpoint', 25, {
    help: 'Steps between two checkpoints, from which an interrupted run goes on',
    min: 1,
    max: 1_000_000,
    unit: 'steps'
  }),
  testSequences: integer('Test sequences', 32, {
    help: 'Held-out sequences of the test',
    min: 1,
    max: 4096,
    scale: 'log'
  })
}

/** Metrics of the training and of the model's size. */
export const trainingMetrics: MetricInfo[] = [
  {
    name: 'steps',
    label: 'Steps to learn',
    unit: 'steps',
    direction: 'lower',
    tex: 't',
    help: 'Training steps until the accuracy to stop at was reached. A trial that took all its steps has not learned within them: it is counted as beyond, and enters a mean at that limit.',
    limit: { param: 'steps' }
  },
  {
    name: 'parameters',
    label: 'Parameters',
    direction: 'lower',
    tex: 'P',
    help: 'Numbers that training changes, with embedding and head.',
    positive: true
  },
  {
    name: 'stateBytes',
    label: 'State',
    unit: 'B',
    direction: 'lower',
    tex: '4\\,S',
    help: 'Bytes that the memories of all layers hold while a sequence is read; for attention the keys and values of its tokens.',
    positive: true
  },
  {
    name: 'flopsPerToken',
    label: 'Compute per token',
    unit: 'FLOP',
    direction: 'lower',
    tex: 'F / L',
    help: 'Operations of the whole model for a token of a sequence, exact counts; a multiply-add is two.',
    positive: true
  }
]

/** @param of questions of a trial's test */
export const accuracyInfo = (of: NonNullable<MetricInfo['of']>): MetricInfo => ({
  name: 'accuracy',
  label: 'Accuracy',
  direction: 'higher',
  tex: '\\frac{1}{n}\\sum_i [\\hat v_i = v_i]',
  help: 'Share of the questions of held-out sequences for which the most likely token is the right one.',
  range: [0, 1],
  of
})

export const trainingSeries: SeriesInfo[] = [
  {
    name: 'loss',
    label: 'Training loss',
    unit: 'nat',
    x: { label: 'Step' },
    direction: 'lower',
    help: 'Cross-entropy on fresh batches, mean over the window before each point.',
    positive: true
  },
  {
    name: 'accuracy',
    label: 'Training accuracy',
    x: { label: 'Step' },
    ...asShare,
    help: 'Share of right predictions on fresh batches, mean over the window before each point.'
  }
]

/** Whether each answer is right, as 0 and 1: [B, sequences, asked] flat. */
export async function judged(trained: Trained, examples: Examples): Promise<Float32Array> {
  const { predicted } = await trained.answer(examples)
  return Float32Array.from(predicted, (token, i) => (token === examples.targets[i] ? 1 : 0))
}

/** Mean over each trial's share of the values; trials whose training diverged have NaN, which says so. */
export function trialMeans(values: Float32Array, { diverged }: Trained): number[] {
  const size = values.length / diverged.length
  return diverged.map((bad, trial) => (bad ? NaN : mean(values.subarray(trial * size, (trial + 1) * size))))
}

export const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length

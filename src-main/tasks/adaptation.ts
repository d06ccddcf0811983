import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asShare, retrieve, targetsOf } from './parts/judge.ts'
import { dimParam, drawPairs, sourceParams } from './parts/sources.ts'
import { byTrial, withTensors } from './parts/tensors.ts'

/**
 * Adaptation: how fast one novel pair is learned.
 *
 * Draw one pair. Measure the squared error of its recall before any update, then after each of maxSteps single updates
 * with the same pair (a batch of one). The elbow is the first step at which the error is at most a tenth of the initial
 * one; a memory that never gets there is given maxSteps + 1 and `reached` 0.
 */
export default defineTask({
  id: 'adaptation',
  title: 'Adaptation',
  family: 'Recall',
  summary: 'How many updates does one new pair need?',
  protocol: [
    'Draw one pair of a key and a value from the trial’s seed.',
    'Recall it before anything is stored and note the squared error.',
    'Store the pair, alone, and recall it; repeat for the number of steps.',
    'The elbow is the first step with at most a tenth of the initial error.'
  ],
  diagram: [
    { kind: 'cue', title: 'Before', lines: ['k → r₀', 'e₀ = mean (r₀ − v)²'] },
    {
      repeat: 'each of T updates',
      phases: [
        { kind: 'study', title: 'Update', lines: ['k → v, this pair alone'] },
        { kind: 'cue', title: 'Cue', lines: ['k → rₜ'] },
        { kind: 'judge', title: 'Error', lines: ['eₜ = mean (rₜ − v)²'] }
      ]
    },
    { kind: 'judge', title: 'Judge', lines: ['elbow: first eₜ ≤ 0.1 e₀', 'last error, area'] }
  ],
  source: 'One-shot and few-shot adaptation protocol of the source documents',
  params: {
    maxSteps: integer('Steps', 20, { help: 'Single updates with the same pair.', min: 1, max: 10_000, scale: 'log' }),
    dim: dimParam,
    ...sourceParams
  },
  metrics: [
    {
      name: 'finalMse',
      label: 'Final squared error',
      direction: 'lower',
      tex: '\\tfrac1d|r_T-v|^2',
      help: 'Squared error after the last update.',
      positive: true
    },
    {
      name: 'elbow',
      label: 'Elbow',
      unit: 'steps',
      direction: 'lower',
      tex: '\\min\\{t:\\,e_t\\le 0.1\\,e_0\\}',
      help: 'First step with at most a tenth of the initial error. A trial that never gets there is beyond the steps: it is counted, and enters a mean at Steps + 1.',
      limit: { param: 'maxSteps', plus: 1 }
    },
    {
      name: 'reached',
      label: 'Reached',
      ...asShare,
      tex: '[\\,\\min_t e_t\\le 0.1\\,e_0\\,]',
      help: 'Share of trials that got to a tenth of the initial error at all.',
      of: [1]
    },
    {
      name: 'area',
      label: 'Area under the curve',
      unit: 'error × steps',
      direction: 'lower',
      tex: '\\sum_{t=1}^{T}\\tfrac12(e_{t-1}+e_t)',
      help: 'Area under the error curve by the trapezoid rule: small when the pair is learned early.',
      positive: true
    }
  ],
  mainMetric: 'finalMse',
  series: [
    {
      name: 'mse',
      label: 'Squared error',
      x: { label: 'Updates', unit: 'steps' },
      direction: 'lower',
      help: 'Squared error of the pair’s recall before any update (0) and after each.',
      positive: true,
      logFrom: 1e-6,
      marks: 'elbow'
    }
  ],
  opensWith: 'mse',
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ maxSteps }) => ({ stored: maxSteps, before: 0, queries: maxSteps + 1 }),
  run: ({ maxSteps, dim, ...source }, context) =>
    withTensors(async (own) => {
      const { keys, values } = drawPairs(context, 1, dim, source)
      own(keys)
      own(values)
      const memory = context.memory()
      const error = (): Tensor => {
        const retrieved = retrieve(memory, { queries: keys })
        const truth = targetsOf(memory, values)
        const mse = tf.tidy(() => retrieved.sub(truth).square().mean(-1))
        tf.dispose([retrieved, truth])
        return own(mse)
      }
      const errors = [error()]
      for (let step = 1; step <= maxSteps; step++) {
        context.checkCancelled()
        memory.store!({ keys, values })
        errors.push(error())
      }
      const curves = byTrial(await own(tf.concat(errors, 1)).data(), context.batch)
      const elbows = curves.map((e) => e.findIndex((value) => value <= 0.1 * e[0]))
      return {
        metrics: {
          finalMse: curves.map((e) => e[maxSteps]),
          elbow: elbows.map((t) => (t < 0 ? maxSteps + 1 : t)),
          reached: elbows.map((t) => (t < 0 ? 0 : 1)),
          area: curves.map((e) => e.reduce((sum, value, t) => (t ? sum + (e[t - 1] + value) / 2 : 0), 0))
        },
        series: { mse: { x: errors.map((_, t) => t), y: curves } }
      }
    })
})

/**
 * What the tasks that train their models are. Such a task draws examples for training and tests what has learned from
 * them; its parameters of training, its curves and the numbers that come from training itself stand here once.
 */
import type { Params, ValuesOf } from '../../src-shared/shapes/params.ts'
import { trainingMetrics, trainingParams, trainingSeries } from './parts/training.ts'
import { defineTask, type AnyTask, type Task, type TaskContext, type TaskResult } from './task.ts'
import type { Examples, Trained } from './training-plan.ts'

/** Tokens of a sequence (in the mean, and of the longest where they differ), of a turn where it has turns, and questions. */
interface SequenceSizes {
  length: number
  longest?: number
  turn?: number
  asked: number
}

/** One batch of trials. */
interface TrainingTrial {
  /** Of a step: its draws must be named by the step, so that it can be drawn again. */
  examples(step: number): Examples
  /** What the trained models are worth on held-out sequences: the task's own metrics and series, and pictures. */
  test(trained: Trained): Promise<TaskResult>
}

type Given = 'family' | 'params' | 'needs' | 'run' | 'workload'
type AllOf<P extends Params> = ValuesOf<P> & ValuesOf<typeof trainingParams> & { vocabulary: number }

interface TrainingTask<P extends Params> extends Omit<Task, Given> {
  /** Its own; one of training that has another default here among them. */
  params: P
  sizes(params: AllOf<P>): SequenceSizes
  /** @throws StudioError bad-input for parameters that do not go together */
  begin(params: AllOf<P>, context: Pick<TaskContext, 'batch' | 'random'>): TrainingTrial
}

/** A task from what it draws and how it tests. */
export function defineTraining<const P extends Params>(task: TrainingTask<P>): AnyTask {
  const { params, metrics, series, sizes, begin, ...documentation } = task
  return defineTask({
    ...documentation,
    family: 'Sequences',
    params: { ...params, ...trainingParams, ...params },
    metrics: [...metrics, ...trainingMetrics],
    series: [...trainingSeries, ...(series ?? [])],
    needs: { interface: 'sequence', training: true },
    workload(values) {
      const p = values as AllOf<P>
      const { length, longest = length, turn, asked } = sizes(p)
      // A training pass computes about three times what reading does.
      const sequences = 3 * p.steps * p.batchSize + p.testSequences
      return {
        stored: 0,
        before: 0,
        queries: asked,
        tokens: length,
        training: { sequences, longest, ...(turn && { turn }) }
      }
    },
    async run(values, context) {
      const p = values as AllOf<P>
      const { examples, test } = begin(p, context)
      const { length, longest = length, turn } = sizes(p)
      const { vocabulary, dim, layers, expansion, steps, learningRate, stopAt, saveEvery } = p
      const plan = {
        vocabulary,
        length: longest,
        ...(turn && { turn }),
        dim,
        layers,
        expansion,
        steps,
        learningRate,
        stopAt,
        saveEvery
      }
      // The engine trains whatever a task that needs training asks it to.
      const trained = await context.train!({ ...plan, examples })
      const { metrics, series, traces } = await test(trained)
      const { cost, curves } = trained
      // What cannot be counted is no number, and no sign of a training that went wrong.
      const same = (value: number): (number | null)[] =>
        new Array<number | null>(context.batch).fill(Number.isNaN(value) ? null : value)
      const { parameters, stateBytes, flopsPerToken } = cost
      return {
        metrics: {
          ...metrics,
          steps: trained.steps,
          ...{ parameters: same(parameters), stateBytes: same(stateBytes), flopsPerToken: same(flopsPerToken) }
        },
        series: { ...curves, ...series },
        traces
      }
    }
  })
}

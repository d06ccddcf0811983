/** Store a list, recall every item by its key, judge it against the whole list: what the capacity tasks share. */
import type { Tensor3D } from '@tensorflow/tfjs'
import type { DerivedInfo, SeriesInfo } from '../../../src-shared/shapes/catalog.ts'
import type { TaskTheory } from '../../../src-shared/shapes/theory.ts'
import { integer, number } from '../../../src-shared/shapes/params.ts'
import type { TaskContext, TaskResult, TaskWorkload } from '../task.ts'
import { drawCues, type Cue } from './cues.ts'
import { hits, judge, retrieve, scoreInfos, scores, targetsOf } from './judge.ts'
import { drawPairs, listChance, sharedValues, type Source } from './sources.ts'
import { byTrial, withTensors, type Own } from './tensors.ts'

export const listParams = {
  items: integer('Items', 20, { help: 'Pairs in the list.', min: 1, max: 10_000, symbol: 'N', scale: 'log' }),
  writes: integer('Writes', 1, { help: 'How often the whole list is stored.', min: 1, max: 1000, scale: 'log' }),
  threshold: number('Cosine threshold', -1, {
    help: 'An item counts as recalled only if its cosine exceeds this too; -1 asks nothing.',
    min: -1,
    max: 1,
    symbol: '\\theta'
  })
}

export const byPosition: SeriesInfo = {
  name: 'accuracy-by-position',
  label: 'Accuracy by position',
  x: { label: 'Position in the list' },
  direction: 'higher',
  help: 'Accuracy of each item by its place in the stored list: shows whether early or late items are lost first.',
  range: [0, 1],
  of: [1]
}

/** What every task of one list says of itself: what it measures, and how much it stores and asks. */
export const listTask = {
  metrics: [scoreInfos.accuracy(listChance, ['items']), scoreInfos.cosine, scoreInfos.mse],
  mainMetric: 'accuracy',
  series: [byPosition],
  workload: ({ items, writes }: { items: number; writes: number }): TaskWorkload => ({
    stored: items * writes,
    before: 0,
    queries: items
  })
}

/** @param of what the list holds: `pairs` */
export const capacityAt95 = (of: string): DerivedInfo => ({
  name: 'capacity',
  label: 'Capacity at 95 %',
  kind: 'crossing',
  metric: 'accuracy',
  axis: 'items',
  threshold: 0.95,
  scale: 'log',
  help: `The number of ${of} at which the mean accuracy falls through 95 %, interpolated linearly in log N.`
})

/**
 * The other way round: how large an axis must be for a list of fixed length.
 * @param of what the axis counts
 */
export const enoughAt95 = (axis: string, of: string): DerivedInfo => ({
  name: 'sufficient',
  label: 'Smallest sufficient dimension',
  kind: 'crossing',
  metric: 'accuracy',
  axis,
  threshold: 0.95,
  scale: 'log',
  rising: true,
  help: `The least ${of} at which the mean accuracy reaches 95 %, interpolated linearly in its logarithm.`
})

/** Of a task with the parameters of a list, its source and its cues. */
export const listTheory: TaskTheory = {
  metric: 'cosine',
  quantities: {
    pairs: { param: 'items' },
    dim: { param: 'dim' },
    noise: { param: 'sigma' },
    correlation: { param: 'correlation' }
  },
  setting: { keys: { param: 'source' }, cue: { param: 'recall' }, writes: { param: 'writes' }, chained: false }
}

/** One list per trial, stored `writes` times in one call each. @param labels items of one label have one value */
export async function recallList(
  { writes, threshold, ...cue }: Cue & { writes: number; threshold: number },
  { keys, values, labels }: { keys: Tensor3D; values: Tensor3D; labels?: readonly number[] },
  own: Own,
  context: TaskContext
): Promise<TaskResult> {
  const cues = own(drawCues(context, keys, cue))
  const memory = context.memory()
  for (let i = 0; i < writes; i++) {
    context.checkCancelled()
    memory.store!({ keys, values })
  }
  const truth = own(targetsOf(memory, values))
  const judged = await judge(own(retrieve(memory, { queries: cues })), truth, truth)
  const x = Array.from({ length: keys.shape[1] }, (_, i) => i + 1)
  return {
    metrics: scores(judged, context.batch, { threshold, labels }),
    series: { [byPosition.name]: { x, y: byTrial(hits(judged, context.batch, { threshold, labels }), context.batch) } }
  }
}

/** The same with pairs of the trial's seed. */
export const recallPairs = (
  params: Source & Cue & { items: number; dim: number; writes: number; threshold: number },
  context: TaskContext
): Promise<TaskResult> =>
  withTensors(async (own) => {
    const { keys, values, names } = drawPairs(context, params.items, params.dim, params)
    const labels = sharedValues(params, params.items)
    const result = await recallList(params, { keys: own(keys), values: own(values), labels }, own, context)
    return { ...result, ...(names && { names }) }
  })

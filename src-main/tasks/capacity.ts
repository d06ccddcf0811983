import { integer, number } from '../../src-shared/params.ts'
import { defineTask } from './task.ts'
import { cueParams, drawCues } from './parts/cues.ts'
import { judge, hits, retrieve, scoreInfos, scores, targetsOf } from './parts/judge.ts'
import { dimParam, drawPairs, sourceParams } from './parts/sources.ts'
import { byTrial, withTensors } from './parts/tensors.ts'

/**
 * Capacity: how many pairs a memory holds.
 *
 * Draw N pairs (k_i, v_i). Store the whole list in one call, `writes` times over. Recall every item by its key (exact,
 * with noise, or in part) and judge it against all N values. One trial holds one list; N is swept. The capacity is the
 * N at which the mean accuracy falls through .95, read off linearly in log N; outside the grid it is "> N" or "< N".
 */
export default defineTask({
  id: 'capacity',
  title: 'Capacity',
  family: 'Recall',
  summary: 'How many pairs can be stored at once and still be told apart?',
  protocol: [
    'Draw N pairs of a key and a value from the trial’s seed.',
    'Store the whole list in one call, as many times as Writes says.',
    'Recall every item by its key: exact, with noise, or in part.',
    'Compare each recalled vector with all N stored values: the nearest should be its own.',
    'Repeat for longer lists; the capacity is the N where accuracy falls through 95 %.'
  ],
  source: 'The capacity protocol of associative memory; decoding by the nearest stored value',
  params: {
    items: integer('Items', 20, {
      help: 'Pairs in the list.',
      min: 1,
      max: 10_000,
      symbol: 'N',
      scale: 'log'
    }),
    dim: dimParam,
    writes: integer('Writes', 1, { help: 'How often the whole list is stored.', min: 1, max: 1000, scale: 'log' }),
    ...sourceParams,
    ...cueParams,
    threshold: number('Cosine threshold', -1, {
      help: 'An item counts as recalled only if its cosine exceeds this too; -1 asks nothing.',
      min: -1,
      max: 1,
      symbol: '\\theta'
    })
  },
  defaultSweep: { items: [5, 10, 20, 40, 80] },
  metrics: [scoreInfos.accuracy({ oneOver: 'items' }), scoreInfos.cosine, scoreInfos.mse],
  mainMetric: 'accuracy',
  series: [
    {
      name: 'accuracy-by-position',
      label: 'Accuracy by position',
      x: { label: 'Position in the list' },
      direction: 'higher',
      help: 'Accuracy of each item by its place in the stored list: shows whether early or late items are lost first.'
    }
  ],
  derived: [
    {
      name: 'capacity',
      label: 'Capacity at 95 %',
      kind: 'crossing',
      metric: 'accuracy',
      axis: 'items',
      threshold: 0.95,
      scale: 'log',
      help: 'The number of items at which the mean accuracy falls through 95 %, interpolated linearly in log N.'
    }
  ],
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ items, writes }) => ({ stored: items * writes, before: 0, queries: items }),
  run: ({ items, dim, writes, threshold, ...how }, context) =>
    withTensors(async (own) => {
      const { batch } = context
      const { keys, values } = drawPairs(context, items, dim, how)
      own(keys)
      own(values)
      const cues = own(drawCues(context, keys, how))
      const memory = context.memory()
      for (let i = 0; i < writes; i++) {
        context.checkCancelled()
        memory.store!({ keys, values })
      }
      const retrieved = own(retrieve(memory, { queries: cues }))
      const truth = own(targetsOf(memory, values))
      const judged = await judge(retrieved, truth, truth)
      const x = Array.from({ length: items }, (_, i) => i + 1)
      return {
        metrics: scores(judged, batch, { threshold }),
        series: { 'accuracy-by-position': { x, y: byTrial(hits(judged, batch, { threshold }), batch) } }
      }
    })
})

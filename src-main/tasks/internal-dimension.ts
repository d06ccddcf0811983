import { defineTask } from './task.ts'
import { cueParams } from './parts/cues.ts'
import { scoreInfos } from './parts/judge.ts'
import { byPosition, listParams, recallList } from './parts/list.ts'
import { dimParam, drawPairs, sourceParams } from './parts/sources.ts'
import { withTensors } from './parts/tensors.ts'

/**
 * Internal dimension: how wide a memory's own space must be, the tokens staying as they are.
 *
 * The capacity protocol for projecting slots, which store in memoryDim dimensions what comes in dim: sweep the model's
 * memoryDim. Recall is judged in the memory's space, against the projected values.
 */
export default defineTask({
  id: 'internal-dimension',
  title: 'Internal dimension',
  family: 'Recall',
  summary: 'How wide must a memory’s own space be, the tokens staying as they are?',
  protocol: [
    'Draw N pairs of token vectors from the trial’s seed.',
    'Store the whole list in a memory that projects tokens into its own space.',
    'Recall every item by its key, in the memory’s space.',
    'Compare with the projections of all N values: the nearest should be its own.',
    'Repeat with a wider memory space: sweep model.memoryDim.'
  ],
  diagram: [
    {
      repeat: 'for every memory width m',
      phases: [
        { kind: 'draw', title: 'Tokens', rows: [['k_1', 'v_1'], '⋮', ['k_N', 'v_N'], { note: 'd numbers each' }] },
        {
          kind: 'study',
          title: 'Study',
          times: '× writes',
          rows: [['k_i, v_i', 'projections', 'slots'], { note: 'm numbers each' }]
        },
        { kind: 'cue', title: 'Cue', rows: [['k̃_i', 'projection', 'r_i']] },
        { kind: 'judge', title: 'Judge', rows: [['nearest projected v_j to r_i', 'j = i ?']] }
      ]
    }
  ],
  source: 'The capacity protocol for ProjectingEpisodicMemory of the source documents',
  params: { dim: { ...dimParam, label: 'Token dimension' }, ...listParams, ...sourceParams, ...cueParams },
  defaultSweep: {},
  metrics: [scoreInfos.accuracy({ oneOver: 'items' }), scoreInfos.cosine, scoreInfos.mse],
  mainMetric: 'accuracy',
  series: [byPosition],
  derived: [],
  needs: { interface: 'key-value', kinds: ['projecting-slots'] },
  revision: 1,
  workload: ({ items, writes }) => ({ stored: items * writes, before: 0, queries: items }),
  run: (params, context) =>
    withTensors(async (own) => {
      const { keys, values } = drawPairs(context, params.items, params.dim, params)
      return recallList(params, { keys: own(keys), values: own(values) }, own, context)
    })
})

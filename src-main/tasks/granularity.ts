import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { judge, retrieve, scoreInfos, scores, targetsOf } from './parts/judge.ts'
import { contextDimParam, dimParam } from './parts/sources.ts'
import { part, rows, withTensors } from './parts/tensors.ts'

/**
 * Granularity: how the spacing of episodes in time helps or hinders recall.
 *
 * Five episodes at times 0, s, 2s, 3s, 4s, with contexts. After the last, recall the middle one by its key and context,
 * both with noise. Sweep the spacing s and the model's timeWeight: recency favours late episodes while
 * timeWeight * s is small, and favours only the very last one once it is large.
 */
export default defineTask({
  id: 'granularity',
  title: 'Temporal granularity',
  family: 'Recall',
  summary: 'How does the spacing of episodes in time change the recall of the middle one?',
  protocol: [
    'Draw the episodes: keys, values and contexts.',
    'Store them with times that lie a fixed spacing apart.',
    'After the last, recall the middle one by its key and context, both with noise.',
    'Repeat with wider spacing and with other time weights of the model.'
  ],
  diagram: [
    {
      repeat: 'each spacing s',
      phases: [
        {
          kind: 'study',
          title: 'Study',
          lines: ['k₁ + c₁ → v₁ at time 0', 'k₂ + c₂ → v₂ at time s', '… times s apart']
        },
        { kind: 'cue', title: 'Cue the middle', lines: ['k̃ₘ + c̃ₘ, both noisy → r'] },
        { kind: 'judge', title: 'Judge', lines: ['nearest of all values', '= vₘ ?'] }
      ]
    }
  ],
  source: 'Temporal granularity protocol of the source documents',
  params: {
    items: integer('Episodes', 5, { help: 'Episodes in a row; an odd number has a middle one.', min: 1, max: 1000 }),
    spacing: number('Spacing', 1, {
      help: 'Time from one episode to the next.',
      min: 0,
      max: 1e6,
      unit: 'time units',
      symbol: 's',
      scale: 'log'
    }),
    noise: number('Cue noise', 0.2, {
      help: 'Scale of the normal noise on the cue’s key and context.',
      min: 0,
      max: 10,
      symbol: '\\sigma'
    }),
    dim: dimParam,
    contextDim: contextDimParam
  },
  defaultSweep: { spacing: [0.1, 1, 10, 100] },
  metrics: [scoreInfos.cosine, scoreInfos.accuracy({ oneOver: 'items' }, ['items']), scoreInfos.mse],
  mainMetric: 'cosine',
  needs: { interface: 'key-value', contexts: true, capability: 'recency' },
  revision: 1,
  workload: ({ items }) => ({ stored: items, before: 0, queries: 1 }),
  run: ({ items, spacing, noise, dim, contextDim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const draw = (name: string, count: number, size: number) =>
        own(rows(random.normal(name, count * size), batch, size))
      const keys = draw('keys', items, dim)
      const values = draw('values', items, dim)
      const contexts = draw('contexts', items, contextDim)
      const memory = context.memory()
      memory.store!({ keys, values, contexts, times: Array.from({ length: items }, (_, i) => i * spacing) })
      const middle = (items - 1) >> 1
      const queries = own(own(part(keys, middle, 1)).add(own(draw('cue noise', 1, dim).mul(noise))))
      const cueContexts = own(own(part(contexts, middle, 1)).add(own(draw('context noise', 1, contextDim).mul(noise))))
      const candidates = own(targetsOf(memory, values))
      const judged = await judge(
        own(retrieve(memory, { queries, contexts: cueContexts })),
        own(part(candidates, middle, 1)),
        candidates
      )
      return { metrics: scores(judged, batch, { own: () => middle }) }
    })
})

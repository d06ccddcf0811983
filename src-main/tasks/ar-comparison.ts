import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { buildAll, comparisonMemories, randn } from './parts/ar-script.ts'
import { judge, retrieve, scoreInfos, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { meanByTrial, withTensors } from './parts/tensors.ts'

/**
 * AR comparison: six online memories on one list, as a known PyTorch script runs them.
 *
 * Build the six models in order, draw keys [20, 32], then values; store the list once; recall every key. The score is
 * the mean cosine of retrieved and stored value. With the generator torch and seed 42 the scores are those that the
 * script prints.
 */
export default defineTask({
  id: 'ar-comparison',
  title: 'AR comparison',
  family: 'Recall',
  summary: 'Six online memories on one list, number for number as a PyTorch script runs them.',
  protocol: [
    'Build fast-weights, context-drift, gated-episodic, meta-fast-weights, rag and graph, in this order.',
    'Draw the keys, then the values, on the same generator.',
    'Store the list once in the tested memory.',
    'Recall every key; the score is the mean cosine to its value.'
  ],
  diagram: [
    { kind: 'draw', title: 'Build and draw', lines: ['six models, in order', 'N keys, then N values'] },
    { kind: 'study', title: 'Study', lines: ['k₁ → v₁', 'k₂ → v₂', '… N pairs in one call'] },
    { kind: 'cue', title: 'Cue', lines: ['kᵢ → rᵢ'] },
    { kind: 'judge', title: 'Judge', lines: ['mean cos(rᵢ, vᵢ)'] }
  ],
  source:
    'The comparison script of the AR memory models; run with generator torch and seed 42 to meet its printed values',
  params: {
    items: integer('Episodes', 20, { help: 'Pairs in the list.', min: 1, max: 10_000, scale: 'log', symbol: 'N' }),
    dim: { ...dimParam, default: 32 }
  },
  metrics: [scoreInfos.cosine],
  mainMetric: 'cosine',
  needs: { interface: 'key-value', scripted: comparisonMemories },
  revision: 1,
  workload: ({ items }) => ({ stored: items, before: 0, queries: items }),
  run: ({ items, dim }, context) =>
    withTensors(async (own) => {
      buildAll(context, comparisonMemories, dim, true)
      const keys = own(randn(context, 'keys', items, dim))
      const values = own(randn(context, 'values', items, dim))
      const memory = context.memory()
      memory.store!({ keys, values })
      const truth = own(targetsOf(memory, values))
      const judged = await judge(own(retrieve(memory, { queries: keys })), truth, truth)
      return { metrics: { cosine: meanByTrial(judged.cosine, context.batch) } }
    })
})

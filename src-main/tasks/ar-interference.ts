import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { buildAll, comparisonMemories, interferenceMemories, randn } from './parts/ar-script.ts'
import { asCosine, judge, retrieve, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { meanByTrial, withTensors } from './parts/tensors.ts'

/**
 * AR interference: what similar keys, stored later, take away from a list, as a known PyTorch script measures it.
 *
 * The script first makes all draws of ar-comparison (20 episodes). Then it builds fast-weights, context-drift and
 * gated-episodic, draws keys and values [5, 32], and for each model in turn: stores them, recalls the keys (immediate),
 * stores keys + 0.1 noise with fresh values, recalls the keys again (delayed). Interference = immediate - delayed, in
 * mean cosine. With the generator torch and seed 42 the scores are those that the script prints.
 */
export default defineTask({
  id: 'ar-interference',
  title: 'AR interference',
  family: 'Recall',
  summary: 'What similar keys stored later take away, number for number as a PyTorch script measures it.',
  protocol: [
    'Make all draws of the AR comparison, which runs before on the same generator.',
    'Build fast-weights, context-drift and gated-episodic; draw keys, then values.',
    'Store the list and recall it: the immediate score.',
    'Store the same keys with a little noise and fresh values.',
    'Recall the first keys again: the delayed score. Interference is immediate minus delayed.'
  ],
  diagram: [
    { kind: 'draw', title: 'Draw', lines: ['all of the AR comparison', 'N keys, then N values'] },
    { kind: 'study', title: 'Study', lines: ['k₁ → v₁', '… N pairs in one call'] },
    { kind: 'cue', title: 'Immediate', lines: ['kᵢ → rᵢ', 'mean cos(rᵢ, vᵢ)'] },
    { kind: 'study', title: 'Interfere', lines: ['kᵢ + noise → fresh value'] },
    { kind: 'cue', title: 'Delayed', lines: ['kᵢ → r′ᵢ', 'mean cos(r′ᵢ, vᵢ)'] },
    { kind: 'judge', title: 'Judge', lines: ['immediate − delayed'] }
  ],
  source:
    'The comparison script of the AR memory models; run with generator torch and seed 42 to meet its printed values',
  params: {
    items: integer('Episodes', 5, { help: 'Pairs in the list.', min: 1, max: 10_000, scale: 'log', symbol: 'N' }),
    noise: number('Key noise', 0.1, {
      help: 'Scale of the normal noise that is added to the keys for the interfering list.',
      min: 0,
      max: 10,
      symbol: '\\sigma'
    }),
    before: integer('Episodes before', 20, {
      help: 'Pairs that the comparison before it draws on the same generator.',
      min: 1,
      max: 10_000
    }),
    dim: { ...dimParam, default: 32 }
  },
  metrics: [
    {
      name: 'interference',
      label: 'Interference',
      direction: 'lower',
      tex: '\\overline{\\cos}_{\\mathrm{immediate}}-\\overline{\\cos}_{\\mathrm{delayed}}',
      help: 'Mean cosine before minus after the interfering list. 0 loses nothing; below 0 the list is recalled better.',
      range: [-2, 2]
    },
    {
      name: 'immediate',
      label: 'Immediate cosine',
      ...asCosine,
      tex: '\\overline{\\cos}_{\\mathrm{immediate}}',
      help: 'Mean cosine before the interfering list.'
    },
    {
      name: 'delayed',
      label: 'Delayed cosine',
      ...asCosine,
      tex: '\\overline{\\cos}_{\\mathrm{delayed}}',
      help: 'Mean cosine after the interfering list.'
    }
  ],
  mainMetric: 'interference',
  needs: { interface: 'key-value', scripted: interferenceMemories },
  revision: 1,
  workload: ({ items }) => ({ stored: 2 * items, before: 0, queries: 2 * items }),
  run: ({ items, noise, before, dim }, context) =>
    withTensors(async (own) => {
      buildAll(context, comparisonMemories, dim, false)
      for (const name of ['comparison keys', 'comparison values']) context.random.normal(name, before * dim)
      buildAll(context, interferenceMemories, dim, true)
      const keys = own(randn(context, 'keys', items, dim))
      const values = own(randn(context, 'values', items, dim))
      // The models before the tested one draw their own interfering list.
      for (let i = 0; i < context.script().tested; i++)
        for (const name of ['others’ noise', 'others’ values']) context.random.normal(name, items * dim)
      const memory = context.memory()
      const truth = own(targetsOf(memory, values))
      const recall = async (): Promise<number[]> => {
        const judged = await judge(own(retrieve(memory, { queries: keys })), truth, truth)
        return meanByTrial(judged.cosine, context.batch)
      }
      memory.store!({ keys, values })
      const immediate = await recall()
      const shift = own(own(randn(context, 'interfering noise', items, dim)).mul(noise))
      const fresh = own(randn(context, 'interfering values', items, dim))
      memory.store!({ keys: own(keys.add(shift)), values: fresh })
      const delayed = await recall()
      return { metrics: { interference: immediate.map((value, b) => value - delayed[b]), immediate, delayed } }
    })
})

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asCosine, asShare, judge, retrieve, scores, targetsOf } from './parts/judge.ts'
import { contextDimParam, dimParam } from './parts/sources.ts'
import { part, rows, withTensors } from './parts/tensors.ts'

/** How many morning keys come back in the afternoon. */
const repeated = 3

/**
 * Interference: what an afternoon of similar episodes does to the morning's.
 *
 * Store the morning episodes with their contexts and recall them at once. The afternoon's keys are the first three
 * morning keys over and over, with noise; contexts and values are their own. Store them and recall the morning again:
 * interference = immediate - delayed, in mean cosine. Context selectivity = |cos(recall of key 1 in its morning context)
 * - cos(recall of key 1 in an afternoon context)|, both against the morning value.
 */
export default defineTask({
  id: 'interference',
  title: 'Interference',
  family: 'Recall',
  summary: 'What does an afternoon of similar episodes do to the memory of the morning?',
  protocol: [
    'Store the morning episodes, each with its context.',
    'Recall them by key and context: the immediate score.',
    'Store the afternoon episodes: the first three morning keys again and again, with noise, in new contexts, with new values.',
    'Recall the morning again: interference is immediate minus delayed.',
    'Recall the first key in its morning and in an afternoon context: the difference is the context selectivity.'
  ],
  diagram: [
    { kind: 'study', title: 'Morning', lines: ['k₁ + c₁ → v₁', 'k₂ + c₂ → v₂', '… each in its context'] },
    { kind: 'cue', title: 'Immediate', lines: ['kᵢ + cᵢ → rᵢ'] },
    { kind: 'study', title: 'Afternoon', lines: ['k₁ to k₃ again, + noise', 'new contexts, new values'] },
    { kind: 'cue', title: 'Delayed', lines: ['kᵢ + cᵢ → r′ᵢ'] },
    { kind: 'cue', title: 'Which context', lines: ['k₁ + c₁ → a', 'k₁ + an afternoon’s c → b'] },
    { kind: 'judge', title: 'Judge', lines: ['cos(rᵢ, vᵢ) − cos(r′ᵢ, vᵢ)', '|cos(a, v₁) − cos(b, v₁)|'] }
  ],
  source:
    'Temporal interference protocol of unpublished design notes (2025); retroactive interference (A-B, A-C lists)',
  params: {
    morning: integer('Morning episodes', 5, { help: 'Episodes stored first.', min: repeated, max: 1000 }),
    afternoon: integer('Afternoon episodes', 15, {
      help: 'Episodes stored later, with keys like the first three of the morning.',
      min: 1,
      max: 10_000,
      scale: 'log'
    }),
    noise: number('Key noise', 0.2, {
      help: 'Scale of the normal noise on the repeated keys.',
      min: 0,
      max: 10,
      symbol: '\\sigma'
    }),
    dim: dimParam,
    contextDim: contextDimParam
  },
  defaultSweep: { afternoon: [3, 6, 15, 30] },
  metrics: [
    {
      name: 'interference',
      label: 'Interference',
      direction: 'lower',
      tex: '\\overline{\\cos}_{\\mathrm{immediate}}-\\overline{\\cos}_{\\mathrm{delayed}}',
      help: 'Mean cosine of the morning’s recall before minus after the afternoon.',
      range: [-2, 2]
    },
    {
      name: 'immediate',
      label: 'Immediate cosine',
      ...asCosine,
      tex: '\\overline{\\cos}_{\\mathrm{immediate}}',
      help: 'Mean cosine of the morning’s recall before the afternoon.'
    },
    {
      name: 'delayed',
      label: 'Delayed cosine',
      ...asCosine,
      tex: '\\overline{\\cos}_{\\mathrm{delayed}}',
      help: 'Mean cosine of the morning’s recall after the afternoon.'
    },
    {
      name: 'accuracy',
      label: 'Delayed accuracy',
      ...asShare,
      tex: '\\frac1N\\sum_i\\left[\\,\\operatorname*{arg\\,max}_j\\cos(r_i,v_j)=i\\,\\right]',
      help: 'Share of morning episodes whose delayed recall lies nearest to their own value, among all values of the day.',
      of: ['morning']
    },
    {
      name: 'selectivity',
      label: 'Context selectivity',
      direction: 'higher',
      tex: '\\left|\\cos(r(k_1,c_1),v_1)-\\cos(r(k_1,c_1^{\\prime}),v_1)\\right|',
      help: 'How much the context decides what the first key brings back. 0 for a memory that ignores contexts.',
      range: [0, 2]
    }
  ],
  mainMetric: 'interference',
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ morning, afternoon }) => ({ stored: morning + afternoon, before: 0, queries: 2 * morning + 2 }),
  run: ({ morning, afternoon, noise, dim, contextDim }, context) =>
    withTensors(async (own) => {
      const { batch } = context
      const draw = (name: string, count: number, size = dim): Tensor =>
        own(rows(context.random.normal(name, count * size), batch, size))
      const keys = draw('morning keys', morning)
      const values = draw('morning values', morning)
      const contexts = draw('morning contexts', morning, contextDim)
      const memory = context.memory()
      const truth = own(targetsOf(memory, values))
      memory.store!({ keys, values, contexts })
      const immediate = scores(await judge(own(retrieve(memory, { queries: keys, contexts })), truth, truth), batch)

      const again = Array.from({ length: afternoon }, (_, i) => i % repeated)
      const shift = draw('afternoon noise', afternoon)
      const later = {
        keys: own(tf.tidy(() => tf.gather(keys, tf.tensor1d(again, 'int32'), 1).add(shift.mul(noise)))),
        values: draw('afternoon values', afternoon),
        contexts: draw('afternoon contexts', afternoon, contextDim)
      }
      memory.store!(later)
      const all = own(tf.concat([truth, own(targetsOf(memory, later.values))], 1))
      const delayed = scores(await judge(own(retrieve(memory, { queries: keys, contexts })), truth, all), batch)

      const first = own(tf.tile(own(part(keys, 0, 1)), [1, 2, 1]))
      const both = own(tf.concat([own(part(contexts, 0, 1)), own(part(later.contexts, 0, 1))], 1))
      const own1 = own(tf.tile(own(part(truth, 0, 1)), [1, 2, 1]))
      const { cosine } = await judge(own(retrieve(memory, { queries: first, contexts: both }, [0, 0])), own1, truth)
      return {
        metrics: {
          interference: immediate.cosine.map((value, b) => value - delayed.cosine[b]),
          immediate: immediate.cosine,
          delayed: delayed.cosine,
          accuracy: delayed.accuracy,
          selectivity: immediate.cosine.map((_, b) => Math.abs(cosine[2 * b] - cosine[2 * b + 1]))
        }
      }
    })
})

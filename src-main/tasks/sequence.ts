import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import { defineTask } from './task.ts'
import { asCosine, asShare, hits, judge, type Judged, retrieve, targetsOf } from './parts/judge.ts'
import { contextDimParam, dimParam } from './parts/sources.ts'
import { byTrial, meanByTrial, part, rows, withTensors } from './parts/tensors.ts'

/**
 * Sequence: a story whose episodes drift slowly, recalled in order and in random order.
 *
 *   k_t = k_(t-1) + drift n_t,   v_t = v_(t-1) + drift m_t,   n, m standard normal, one context for the whole story
 *
 * Store the story in one call. Recall it one episode at a time, first in order, then in a shuffled order (the same
 * for all trials of that length); a memory whose state moves as it reads answers the two differently.
 */
export default defineTask({
  id: 'sequence',
  title: 'Sequence',
  family: 'Recall',
  summary: 'Can the episodes of a slowly drifting story be told apart, in order and out of order?',
  protocol: [
    'Draw the first key and value; each next one is the one before plus a little normal drift.',
    'Store the story in one call, all episodes with the same context.',
    'Recall it one episode at a time, in order.',
    'Recall it one episode at a time, in random order.'
  ],
  diagram: [
    { kind: 'draw', title: 'Draw', lines: ['kᵢ₊₁ = kᵢ + drift', 'vᵢ₊₁ = vᵢ + drift'] },
    { kind: 'study', title: 'Study', lines: ['k₁ + c → v₁', 'k₂ + c → v₂', '… one story context c'] },
    { kind: 'cue', title: 'In order', lines: ['k₁, k₂, k₃, … one by one'] },
    { kind: 'cue', title: 'In random order', lines: ['k₃, k₁, k₅, … one by one'] },
    { kind: 'judge', title: 'Judge', lines: ['cos(rᵢ, vᵢ) by position', 'in order − random'] }
  ],
  source: 'Sequential story protocol of the source documents',
  params: {
    length: integer('Length', 6, { help: 'Episodes of the story.', min: 2, max: 1000, symbol: 'N' }),
    drift: number('Drift', 0.1, {
      help: 'Standard deviation of the step from one episode to the next, on every axis.',
      min: 1e-6,
      max: 10,
      symbol: '\\delta'
    }),
    dim: dimParam,
    contextDim: contextDimParam
  },
  defaultSweep: { drift: [0.05, 0.1, 0.2, 0.5, 1] },
  metrics: [
    {
      name: 'accuracy',
      label: 'Accuracy in order',
      ...asShare,
      tex: 'a_{\\mathrm{order}}',
      help: 'Share of episodes whose recall, in order, lies nearest to their own value.',
      chance: { oneOver: 'length' },
      of: ['length']
    },
    {
      name: 'randomAccuracy',
      label: 'Accuracy in random order',
      ...asShare,
      tex: 'a_{\\mathrm{random}}',
      help: 'The same when the episodes are asked for in random order.',
      chance: { oneOver: 'length' },
      of: ['length']
    },
    {
      name: 'cosine',
      label: 'Cosine in order',
      ...asCosine,
      tex: '\\overline{\\cos}_{\\mathrm{order}}',
      help: 'Mean cosine of what was recalled in order and the true value; high for any memory that finds the story at all.'
    },
    {
      name: 'randomCosine',
      label: 'Cosine in random order',
      ...asCosine,
      tex: '\\overline{\\cos}_{\\mathrm{random}}',
      help: 'The same in random order.'
    },
    {
      name: 'orderAdvantage',
      label: 'Advantage of order',
      direction: 'none',
      tex: '\\overline{\\cos}_{\\mathrm{order}}-\\overline{\\cos}_{\\mathrm{random}}',
      help: 'Mean cosine in order minus in random order. 0 for a memory that reading leaves as it is.',
      range: [-2, 2]
    }
  ],
  mainMetric: 'accuracy',
  series: [
    {
      name: 'cosine-by-position',
      label: 'Cosine',
      x: { label: 'Position in the story' },
      direction: 'higher',
      help: 'Cosine of each episode’s recall, in order, with its value.',
      range: [-1, 1]
    }
  ],
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ length }) => ({ stored: length, before: 0, queries: 2 * length }),
  run: ({ length, drift, dim, contextDim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const walk = (name: string): Tensor => {
        const data = random.normal(name, length * dim)
        for (let i = 0; i < data.length; i++) if (i % (length * dim) >= dim) data[i] = data[i - dim] + drift * data[i]
        return own(rows(data, batch, dim))
      }
      const keys = walk('keys')
      const values = walk('values')
      const story = own(rows(random.normal('context', contextDim), batch, contextDim))
      const memory = context.memory()
      memory.store!({ keys, values, contexts: own(tf.tile(story, [1, length, 1])) })
      const candidates = own(targetsOf(memory, values))
      /** Asks for one episode at a time; judged in the order of asking. */
      const recall = async (order: readonly number[]): Promise<Judged> => {
        const steps: Tensor[] = []
        for (const item of order) {
          context.checkCancelled()
          steps.push(own(retrieve(memory, { queries: own(part(keys, item, 1)), contexts: story }, [item])))
        }
        const truth = own(tf.tidy(() => tf.gather(candidates, tf.tensor1d([...order], 'int32'), 1)))
        return judge(own(tf.concat(steps, 1)), truth, candidates)
      }
      const inOrder = await recall(Array.from({ length }, (_, i) => i))
      const order = shuffledOrder(length)
      const shuffled = await recall(order)
      const [cosine, randomCosine] = [meanByTrial(inOrder.cosine, batch), meanByTrial(shuffled.cosine, batch)]
      return {
        metrics: {
          accuracy: meanByTrial(hits(inOrder, batch), batch),
          randomAccuracy: meanByTrial(hits(shuffled, batch, { own: (q) => order[q] }), batch),
          cosine,
          randomCosine,
          orderAdvantage: cosine.map((value, b) => value - randomCosine[b])
        },
        series: {
          'cosine-by-position': {
            x: Array.from({ length }, (_, i) => i + 1),
            y: byTrial(inOrder.cosine, batch)
          }
        }
      }
    })
})

/** The episodes in an order without order, the same for every trial of this length, so that places hold for all. */
export function shuffledOrder(length: number): number[] {
  const random = seeded(length)
  const order = Array.from({ length }, (_, i) => i)
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

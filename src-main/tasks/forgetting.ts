import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs'
import { choice, integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { judge, retrieve, scores, targetsOf } from './parts/judge.ts'
import { listParams } from './parts/list.ts'
import { dimParam } from './parts/sources.ts'
import { rows, withTensors } from './parts/tensors.ts'

/**
 * Forgetting: what learning task B takes from task A.
 *
 * Keys of A lie around +separation on the first axis, keys of B around -separation. Learn A, test A (A1) and B; learn B
 * without A, test A (A2) and B. Forgetting = A1 - A2. With one value per item the tests use the stored keys and
 * accuracy is among all 2N values; with one value per cluster they use fresh keys of the same clusters (the test split),
 * accuracy is between the two values, and the stored keys (the training split) are tested as well.
 */
export default defineTask({
  id: 'forgetting',
  title: 'Forgetting',
  family: 'Recall',
  summary: 'How much of task A is lost by learning task B?',
  protocol: [
    'Draw the keys of task A around one centre and those of task B around another.',
    'Learn A; test both tasks.',
    'Learn B, without A; test both tasks again.',
    'Forgetting is the score of A before minus after B was learned.'
  ],
  diagram: [
    { kind: 'study', title: 'Learn A', lines: ['kᵢ → vᵢ, N items', 'keys around +s'] },
    { kind: 'cue', title: 'Test both', lines: ['cues of A → A₁', 'cues of B'] },
    { kind: 'study', title: 'Learn B', lines: ['kᵢ → vᵢ, N items', 'keys around −s, no A'] },
    { kind: 'cue', title: 'Test both', lines: ['cues of A → A₂', 'cues of B'] },
    { kind: 'judge', title: 'Forgetting', lines: ['A₁ − A₂', 'score of B'] }
  ],
  source: 'Sequential-task protocol of catastrophic forgetting (McCloskey & Cohen, 1989)',
  params: {
    items: integer('Items per task', 10, {
      help: 'Pairs in each of the two tasks.',
      min: 1,
      max: 5000,
      symbol: 'N',
      scale: 'log'
    }),
    dim: dimParam,
    writes: listParams.writes,
    separation: number('Separation', 5, { help: 'Distance of each centre from the origin.', min: 0, max: 100 }),
    spread: number('Spread', 1, { help: 'Standard deviation of keys around their centre.', min: 0, max: 100 }),
    valuesPer: choice('One value per', 'item', ['item', 'cluster'], {
      help: 'item: every pair has its own value and is tested by its own key. cluster: all pairs of a task share one value and are tested by fresh keys.'
    })
  },
  defaultSweep: { separation: [0, 1, 2, 5, 10] },
  metrics: [
    {
      name: 'forgetting',
      label: 'Forgetting',
      direction: 'lower',
      tex: 'a_{A,1}-a_{A,2}',
      help: 'Accuracy on task A before minus after task B was learned.',
      range: [-1, 1]
    },
    {
      name: 'cosineForgetting',
      label: 'Forgetting (cosine)',
      direction: 'lower',
      tex: '\\overline{\\cos}_{A,1}-\\overline{\\cos}_{A,2}',
      help: 'Mean cosine on task A before minus after task B was learned.',
      range: [-2, 2]
    },
    ...(
      [
        ['accuracyA1', 'Accuracy A, before B', 'a_{A,1}', 'Accuracy on task A after it was learned.'],
        ['accuracyA2', 'Accuracy A, after B', 'a_{A,2}', 'Accuracy on task A after task B was learned.'],
        ['accuracyB', 'Accuracy B', 'a_B', 'Accuracy on task B after it was learned.']
      ] as const
    ).map(([name, label, tex, help]) => ({
      name,
      label,
      tex,
      help,
      direction: 'higher' as const,
      range: [0, 1] as const,
      of: ['items']
    })),
    ...(
      [
        ['trainA1', 'Training keys of A, before B', 'a^{\\mathrm{train}}_{A,1}', 'after task A was learned'],
        ['trainA2', 'Training keys of A, after B', 'a^{\\mathrm{train}}_{A,2}', 'after task B was learned'],
        ['trainB', 'Training keys of B', 'a^{\\mathrm{train}}_B', 'after task B was learned']
      ] as const
    ).map(([name, label, tex, when]) => ({
      name,
      label,
      tex,
      help: `Accuracy on the very keys that were stored, ${when}; with one value per item these are the test keys.`,
      direction: 'higher' as const,
      range: [0, 1] as const,
      of: ['items']
    })),
    ...(
      [
        ['cosineA1', 'Cosine A, before B', '\\overline{\\cos}_{A,1}', 'Mean cosine on task A after it was learned.'],
        ['cosineA2', 'Cosine A, after B', '\\overline{\\cos}_{A,2}', 'Mean cosine on task A after task B was learned.'],
        ['cosineB', 'Cosine B', '\\overline{\\cos}_B', 'Mean cosine on task B after it was learned.']
      ] as const
    ).map(([name, label, tex, help]) => ({
      name,
      label,
      tex,
      help,
      direction: 'higher' as const,
      chance: 0,
      range: [-1, 1] as const
    }))
  ],
  mainMetric: 'forgetting',
  needs: { interface: 'key-value' },
  revision: 2,
  workload: ({ items, writes, valuesPer }) => ({
    stored: 2 * items * writes,
    before: 0,
    queries: (valuesPer === 'cluster' ? 8 : 4) * items
  }),
  run: ({ items, dim, writes, separation, spread, valuesPer }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const shared = valuesPer === 'cluster'
      const around = (name: string, centre: number): Tensor3D => {
        const keys = random.normal(name, items * dim)
        for (let i = 0; i < keys.length; i++) keys[i] = spread * keys[i] + (i % dim === 0 ? centre : 0)
        return own(rows(keys, batch, dim))
      }
      const values = (name: string): Tensor => {
        const drawn = own(rows(random.normal(name, (shared ? 1 : items) * dim), batch, dim))
        return shared ? own(tf.tile(drawn, [1, items, 1])) : drawn
      }
      const tasks = [
        { sign: 1, name: 'A' },
        { sign: -1, name: 'B' }
      ].map(({ sign, name }) => {
        const keys = around(`${name} keys`, sign * separation)
        const cues = shared ? around(`${name} held-out keys`, sign * separation) : keys
        return { keys, cues, values: values(`${name} values`) }
      })
      const memory = context.memory()
      const labels = shared ? Array.from({ length: 2 * items }, (_, i) => (i < items ? 0 : 1)) : undefined
      /** Items are numbered in the order of storing: all writes of A come before B. */
      const places = (task: number): number[] => Array.from({ length: items }, (_, i) => task * items * writes + i)
      const test = async (task: number, queries: Tensor): Promise<{ accuracy: number[]; cosine: number[] }> => {
        const truth = own(targetsOf(memory, tasks[task].values))
        const candidates = own(targetsOf(memory, own(tf.concat([tasks[0].values, tasks[1].values], 1))))
        const retrieved = own(retrieve(memory, { queries }, places(task)))
        const judged = await judge(retrieved, truth, candidates)
        return scores(judged, batch, { own: (q) => task * items + q, labels })
      }
      const stages = []
      for (const task of tasks) {
        for (let i = 0; i < writes; i++) {
          context.checkCancelled()
          memory.store!({ keys: task.keys, values: task.values })
        }
        const held = [await test(0, tasks[0].cues), await test(1, tasks[1].cues)]
        const train = shared ? [await test(0, tasks[0].keys), await test(1, tasks[1].keys)] : held
        stages.push({ held, train })
      }
      const [[a1, b0], [a2, b]] = stages.map(({ held }) => held)
      const [[trainA1], [trainA2, trainB]] = stages.map(({ train }) => train)
      const minus = (x: number[], y: number[]): number[] => x.map((value, i) => value - y[i])
      return {
        metrics: {
          forgetting: minus(a1.accuracy, a2.accuracy),
          cosineForgetting: minus(a1.cosine, a2.cosine),
          accuracyA1: a1.accuracy,
          accuracyA2: a2.accuracy,
          accuracyB: b.accuracy,
          trainA1: trainA1.accuracy,
          trainA2: trainA2.accuracy,
          trainB: trainB.accuracy,
          cosineA1: a1.cosine,
          cosineA2: a2.cosine,
          cosineB: b.cosine
        },
        traces: [
          {
            name: 'forgetting-matrix',
            title: 'Accuracy on tasks A and B (columns) after learning A, then B (rows)',
            kind: 'heatmap' as const,
            axes: ['Learned up to', 'Tested task'],
            perTrial: a1.accuracy.map((_, i) => ({
              shape: [2, 2],
              data: [a1.accuracy[i], b0.accuracy[i], a2.accuracy[i], b.accuracy[i]],
              labels: ['A', 'B']
            }))
          }
        ]
      }
    })
})

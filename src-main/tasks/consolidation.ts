import * as tf from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { judge, scoreInfos, scores, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { rows, withTensors } from './parts/tensors.ts'
import { treesOf } from './parts/trees.ts'

/**
 * Consolidation: what remains when only important episodes are kept.
 *
 * N episodes, one per time unit, whose importances spread evenly over 0 to 1 in an irregular order. Keep those at or above
 * a threshold (at least the most important one), store them with their importances, and recall each at its place and
 * time.
 */
export default defineTask({
  id: 'consolidation',
  title: 'Consolidation',
  family: 'Hierarchies',
  summary: 'What is gained for the rest when unimportant episodes are dropped?',
  protocol: [
    'Draw N episodes with importances spread over 0 to 1.',
    'Keep those whose importance reaches the threshold.',
    'Store them with their importances, places and times.',
    'Recall what was kept, each at its own place and time.'
  ],
  diagram: [
    {
      repeat: 'each threshold',
      phases: [
        { kind: 'draw', title: 'Draw', lines: ['N episodes', 'importances over 0 to 1'] },
        { kind: 'draw', title: 'Keep', lines: ['importance ≥ threshold'] },
        { kind: 'study', title: 'Study', lines: ['kᵢ → vᵢ, importance,', 'place and time'] },
        { kind: 'cue', title: 'Cue', lines: ['kᵢ, at its place and time', '→ rᵢ'] },
        { kind: 'judge', title: 'Judge', lines: ['nearest kept value = vᵢ ?', 'nodes, mean importance'] }
      ]
    }
  ],
  source: 'Importance-based consolidation protocol of the source documents',
  params: {
    items: integer('Episodes', 30, {
      help: 'Episodes before the threshold.',
      min: 1,
      max: 10_000,
      symbol: 'N',
      scale: 'log'
    }),
    threshold: number('Importance threshold', 0.5, {
      help: 'Episodes below it are dropped.',
      min: 0,
      max: 1,
      symbol: '\\theta'
    }),
    dim: dimParam
  },
  defaultSweep: { threshold: [0, 0.3, 0.5, 0.7, 0.9] },
  metrics: [
    {
      name: 'kept',
      label: 'Episodes kept',
      direction: 'none',
      tex: '|\\{i:w_i\\ge\\theta\\}|',
      help: 'Episodes that reach the threshold.',
      most: 'items'
    },
    {
      name: 'nodes',
      label: 'Nodes',
      direction: 'none',
      tex: '|\\mathcal N|',
      help: 'Nodes of a hierarchy’s tree; missing for a memory without one.',
      positive: true
    },
    {
      name: 'importance',
      label: 'Mean importance',
      direction: 'none',
      tex: '\\overline{w}',
      help: 'Mean importance of what was kept.',
      range: [0, 1]
    },
    {
      ...scoreInfos.accuracy(),
      help: 'Share of the kept episodes whose recall lies nearest to their own value, among those kept.'
    },
    scoreInfos.cosine
  ],
  mainMetric: 'cosine',
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ items, threshold }) => {
    const kept = keptItems(items, threshold).length
    return { stored: kept, before: 0, queries: kept }
  },
  run: ({ items, threshold, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const kept = keptItems(items, threshold)
      const pick = (name: string) => {
        const all = own(rows(random.normal(name, items * dim), batch, dim))
        return own(tf.tidy(() => tf.gather(all, tf.tensor1d(kept, 'int32'), 1)))
      }
      const [keys, values] = [pick('keys'), pick('values')]
      const importances = kept.map(importanceOf)
      const memory = context.memory()
      memory.store!({ keys, values, positions: kept, times: kept, importances })
      const truth = own(targetsOf(memory, values))
      const retrieved = own(memory.retrieve!({ queries: keys, positions: kept, times: kept }))
      const { accuracy, cosine } = scores(await judge(retrieved, truth, truth), batch)
      const trees = await treesOf(memory)
      const mean = importances.reduce((a, b) => a + b, 0) / importances.length
      return {
        metrics: {
          kept: accuracy.map(() => kept.length),
          nodes: accuracy.map((_, b) => trees?.[b].length ?? null),
          importance: accuracy.map(() => mean),
          accuracy,
          cosine
        }
      }
    })
})

/** Importance of the i-th episode: multiples of the golden ratio modulo 1, which fill 0 to 1 evenly. */
const importanceOf = (i: number): number => ((i + 1) * 0.6180339887498949) % 1

/** The episodes that reach the threshold, or the most important one. */
export function keptItems(items: number, threshold: number): number[] {
  const all = Array.from({ length: items }, (_, i) => i)
  const kept = all.filter((i) => importanceOf(i) >= threshold)
  return kept.length ? kept : [all.reduce((top, i) => (importanceOf(i) > importanceOf(top) ? i : top), 0)]
}

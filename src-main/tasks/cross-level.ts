import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asCosine, cosine, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { byTrial, part, rows, withTensors } from './parts/tensors.ts'
import { levelsAsked } from './parts/trees.ts'

/** Items drawn per trial: A, B, two of other components, and the noise on five near-copies. */
const drawn = 4
const noisy = 5

const interferences = [
  { id: 'atomic', label: 'Atomic', of: 'a near-copy of A alone' },
  { id: 'component', label: 'Component', of: 'a near-copy of A paired with a new C' },
  { id: 'episode', label: 'Episode', of: 'a whole episode: near-copies of A and B, then a new D' }
] as const
const targets = [
  { id: 'a', label: 'A' },
  { id: 'b', label: 'B' },
  { id: 'ab', label: 'A and B' }
] as const

/**
 * Cross-level interference: which level of a hierarchy suffers from what kind of similar experience?
 *
 * A and B happen one after another, so that level 1 composes them. Baseline: cue with A, B and AB = (A + B)/sqrt(2) (at
 * the place and time of A, B and A), level by level; similarity = cosine of the answer and the cue. Then, each from the
 * same baseline, one of three interferences is stored at the same place and times: atomic (a near-copy of A), component
 * (a near-copy of A, then C), episode (near-copies of A and B, then D). Change = similarity after - baseline.
 */
export default defineTask({
  id: 'cross-level',
  title: 'Interference across levels',
  family: 'Hierarchies',
  summary: 'Which level of a hierarchy suffers from which kind of similar experience?',
  protocol: [
    'Store A, then B: the tree composes them one level up.',
    'Ask for A, for B and for both at each level, of which a memory without a tree has one: the baseline.',
    'From the same baseline, store interference at the same place and times: near-copies of one item, of a component, or of the whole episode.',
    'Ask again; the change of similarity at each level is the interference.'
  ],
  diagram: [
    { kind: 'study', title: 'Study', lines: ['A, then B'] },
    { kind: 'cue', title: 'Baseline', lines: ['A, B, both, level by level'] },
    {
      repeat: 'each interference',
      phases: [
        { kind: 'study', title: 'Anew', lines: ['reset, then A, B again'] },
        { kind: 'study', title: 'Interfere', lines: ['A′', 'or A′, C', 'or A′, B′, D'] },
        { kind: 'cue', title: 'Cue again', lines: ['A, B, both, level by level'] },
        { kind: 'judge', title: 'Judge', lines: ['similarity − baseline'] }
      ]
    }
  ],
  source: 'Cross-level interference protocol of the hierarchical memories in the source documents',
  params: {
    noise: number('Noise', 0.2, {
      help: 'Scale of the normal noise that makes a near-copy.',
      min: 0,
      max: 10,
      symbol: '\\sigma'
    }),
    dim: dimParam
  },
  defaultSweep: { noise: [0.1, 0.2, 0.5, 1] },
  metrics: [
    {
      name: 'baseline',
      label: 'Baseline similarity',
      ...asCosine,
      tex: '\\overline{\\cos(r,x)}',
      help: 'Mean cosine of answer and cue before any interference, over A, B, both, and levels.'
    },
    ...interferences.map(({ id, label, of }) => ({
      name: id,
      label: `Change by ${label.toLowerCase()} interference`,
      direction: 'higher' as const,
      tex: "\\overline{\\cos(r',x)-\\cos(r,x)}",
      help: `Mean change of the similarity after ${of}, over A, B, both, and levels: below zero is a loss.`,
      range: [-2, 2] as const
    }))
  ],
  mainMetric: 'episode',
  series: interferences.flatMap((interference) =>
    targets.map((target) => ({
      name: `${interference.id}-${target.id}`,
      label: `${interference.label}: change of ${target.label}`,
      x: { label: 'Level' },
      direction: 'higher' as const,
      help: `Change of the similarity to ${target.label} at each level after ${interference.of}.`,
      range: [-2, 2] as const
    }))
  ),
  needs: { interface: 'key-value' },
  revision: 1,
  workload: () => ({ stored: 14, before: 0, queries: 21 }),
  run: ({ noise, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const items = own(rows(random.normal('items', drawn * dim), batch, dim))
      const jitter = own(tf.tidy(() => rows(random.normal('noise', noisy * dim), batch, dim).mul(noise)))
      const item = (i: number): Tensor => part(items, i, 1)
      const copy = (of: number, n: number): Tensor => item(of).add(part(jitter, n, 1))
      const episode = (make: () => Tensor[]): Tensor => own(tf.tidy(() => tf.concat(make(), 1)))
      const baseline = episode(() => [item(0), item(1)])
      const added = {
        atomic: episode(() => [copy(0, 0)]),
        component: episode(() => [copy(0, 1), item(2)]),
        episode: episode(() => [copy(0, 2), copy(1, 3), item(3)])
      }
      const cues = episode(() => [item(0), item(1), item(0).add(item(1)).mul(Math.SQRT1_2)])
      const memory = context.memory()
      const times = [0, 1, 0]
      const store = (x: Tensor): void => {
        const at = Array.from({ length: x.shape[1]! }, (_, i) => i)
        memory.store!({ keys: x, values: x, positions: at.map(() => 0), times: at })
      }
      /** [level][trial][A, B, AB] */
      const similarities = async (levels: readonly number[]): Promise<number[][][]> => {
        const out: number[][][] = []
        for (const level of levels) {
          const answer = own(memory.retrieve!({ queries: cues, positions: [0, 0, 0], times, ...at(level) }))
          out.push(byTrial(await own(cosine(answer, own(targetsOf(memory, cues)))).data(), batch))
        }
        return out
      }
      store(baseline)
      const { levels, at } = await levelsAsked(memory, times)
      const before = await similarities(levels)
      const series: Record<string, { x: number[]; y: number[][] }> = {}
      const metrics: Record<string, number[]> = {
        baseline: Array.from({ length: batch }, (_, b) => mean(before.flatMap((trials) => trials[b])))
      }
      for (const { id } of interferences) {
        context.checkCancelled()
        memory.reset()
        store(baseline)
        store(added[id])
        const after = await similarities(levels)
        const change = (b: number, t: number): number[] => levels.map((_, l) => after[l][b][t] - before[l][b][t])
        targets.forEach((target, t) => {
          series[`${id}-${target.id}`] = { x: levels, y: Array.from({ length: batch }, (_, b) => change(b, t)) }
        })
        metrics[id] = Array.from({ length: batch }, (_, b) => mean(targets.flatMap((_, t) => change(b, t))))
      }
      return { metrics, series }
    })
})

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

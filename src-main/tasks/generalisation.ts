import { number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asCosine, asShare, cosine, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { byTrial, rows, withTensors } from './parts/tensors.ts'
import { levelsAsked } from './parts/trees.ts'

const episodes = 3
const phases = 4

/**
 * Generalisation: does a hierarchy answer alike to what several episodes have in common?
 *
 * Four phases have a prototype each, p_i. Episode e = 0, 1, 2 lives through them in order: x_ei = p_i + e o u, with u a
 * random direction of normal entries shared by all, so that the episodes move away from the prototypes step by step. Keys
 * = values = x, one phase per time unit, a pause between episodes. Cue with p_i at the place and time of phase i of
 * episode e, at level l; s_eil = cos(answer, p_i). Consistency of a level = 1 - mean over phases of the standard deviation
 * of s over episodes (n in the denominator). Only levels whose nodes cover all twelve moments are asked.
 */
export default defineTask({
  id: 'generalisation',
  title: 'Generalisation',
  family: 'Hierarchies',
  summary: 'Does a hierarchy answer alike to what several episodes have in common?',
  protocol: [
    'Draw a prototype for each of four phases, and one direction of drift.',
    'Build three episodes of the four phases, each moved further along the direction.',
    'Store them one after another, with a pause between episodes.',
    'Cue with each prototype at its phase’s place and time in each episode, level by level; a memory without a tree has one.',
    'Consistency is one minus the spread of the similarity across episodes.'
  ],
  diagram: [
    { kind: 'draw', title: 'Episodes', lines: ['phases p₁, p₂, p₃, p₄', '3 episodes, drifting on'] },
    { kind: 'study', title: 'Study', lines: ['all phases in time', 'a pause between episodes'] },
    {
      repeat: 'each level',
      phases: [
        { kind: 'cue', title: 'Cue', lines: ['pⱼ at its place and time', 'in each episode → r'] },
        { kind: 'judge', title: 'Judge', lines: ['s = cos(r, pⱼ)', '1 − spread over episodes'] }
      ]
    }
  ],
  source: 'Cross-episode generalisation protocol of the hierarchical memories in the source documents',
  params: {
    offset: number('Offset', 0.5, {
      help: 'How far each episode lies from the one before it, in units of a normal entry.',
      min: 0,
      max: 10,
      symbol: 'o'
    }),
    pause: number('Pause', 3, {
      help: 'Additional time between episodes.',
      min: 0,
      max: 1000,
      unit: 'time units'
    }),
    dim: dimParam
  },
  defaultSweep: { offset: [0, 0.25, 0.5, 1, 2] },
  metrics: [
    {
      name: 'consistency',
      label: 'Consistency',
      ...asShare,
      tex: '1-\\overline{\\operatorname{sd}_e\\,s_{eil}}',
      help: 'One minus the standard deviation of a phase’s similarity across episodes, mean over phases and levels. 1 = alike in all episodes; read it beside the similarity, since an answer that is always wrong is consistent too.'
    },
    {
      name: 'similarity',
      label: 'Similarity to the phase',
      ...asCosine,
      tex: '\\overline{\\cos(r_{eil},p_i)}',
      help: 'Mean cosine of the answer and the phase’s prototype, over episodes, phases and levels.'
    }
  ],
  mainMetric: 'consistency',
  series: [
    {
      name: 'consistency-by-level',
      label: 'Consistency',
      x: { label: 'Level' },
      ...asShare,
      help: 'Consistency at each level of the tree that covers every phase.'
    },
    {
      name: 'similarity-by-level',
      label: 'Similarity',
      x: { label: 'Level' },
      direction: 'higher',
      help: 'Mean cosine of answer and prototype at each level.',
      range: [-1, 1]
    }
  ],
  needs: { interface: 'key-value' },
  revision: 1,
  workload: () => ({ stored: episodes * phases, before: 0, queries: episodes * phases }),
  run: ({ offset, pause, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const prototypes = random.normal('prototypes', phases * dim)
      const direction = random.normal('direction', dim)
      const count = episodes * phases
      const [stored, asked] = [new Float32Array(batch * count * dim), new Float32Array(batch * count * dim)]
      for (let i = 0; i < stored.length; i++) {
        const [b, item, k] = [Math.floor(i / dim / count), Math.floor(i / dim) % count, i % dim]
        asked[i] = prototypes[(b * phases + (item % phases)) * dim + k]
        stored[i] = asked[i] + offset * Math.floor(item / phases) * direction[b * dim + k]
      }
      const [items, cues] = [own(rows(stored, batch, dim)), own(rows(asked, batch, dim))]
      const times = Array.from({ length: count }, (_, i) => i + pause * Math.floor(i / phases))
      const positions = times.map(() => 0)
      const memory = context.memory()
      memory.store!({ keys: items, values: items, positions, times })
      const { levels, at } = await levelsAsked(memory, times)
      /** [level][trial] */
      const measured: { similarity: number; consistency: number }[][] = []
      for (const level of levels) {
        const answer = own(memory.retrieve!({ queries: cues, positions, times, ...at(level) }))
        const similarities = byTrial(await own(cosine(answer, own(targetsOf(memory, cues)))).data(), batch)
        measured.push(similarities.map(phaseScores))
      }
      const series = (name: 'similarity' | 'consistency') => ({
        x: levels,
        y: Array.from({ length: batch }, (_, b) => measured.map((trials) => trials[b][name]))
      })
      const [consistency, similarity] = [series('consistency'), series('similarity')]
      return {
        metrics: { consistency: consistency.y.map(mean), similarity: similarity.y.map(mean) },
        series: { 'consistency-by-level': consistency, 'similarity-by-level': similarity }
      }
    })
})

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** From similarities [episode * phase], episode after episode. */
export function phaseScores(similarities: readonly number[]): { similarity: number; consistency: number } {
  const spreads = Array.from({ length: phases }, (_, phase) => {
    const across = similarities.filter((_, i) => i % phases === phase)
    const centre = mean(across)
    return Math.sqrt(mean(across.map((s) => (s - centre) ** 2)))
  })
  return { similarity: mean(similarities), consistency: 1 - mean(spreads) }
}

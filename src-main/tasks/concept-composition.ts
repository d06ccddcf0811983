import { number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asCosine, asShare, judge, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { meanByTrial, part, rows, withTensors } from './parts/tensors.ts'
import { levelsAsked } from './parts/trees.ts'

const concepts = 3
const parts = 4
/** The composed episode takes the first part of each concept. */
const sources = Array.from({ length: concepts }, (_, c) => c * parts)

/**
 * Concept composition: can a new episode made of known parts be traced to where its parts come from?
 *
 * Three concepts of four random parts each are stored as an episode each, one part per time unit, with a pause between
 * them. Then an episode composed of a near-copy of the first part of every concept. Ask for each of its three items at its
 * own place and time, level by level: similarity = cosine of the answer and the part it was made from; share of sources =
 * share of the items whose answer lies nearer to its own part than to any other of the twelve.
 */
export default defineTask({
  id: 'concept-composition',
  title: 'Concept composition',
  family: 'Hierarchies',
  summary: 'Can an episode made of known parts be traced to where its parts come from?',
  protocol: [
    'Store three concepts of four parts each, with a pause between concepts.',
    'Store an episode composed of near-copies of one part of each concept.',
    'Ask for each of its items at its own place and time, level by level; a memory without a tree has one.',
    'Compare the answer with the part it was made from, and with all twelve parts.'
  ],
  diagram: [
    { kind: 'study', title: 'Concepts', lines: ['3 concepts of 4 parts', 'a pause between them'] },
    { kind: 'study', title: 'Episode', lines: ['1 part of each, + noise'] },
    {
      repeat: 'each level',
      phases: [
        { kind: 'cue', title: 'Cue', lines: ['each item at its place', 'and time → r'] },
        { kind: 'judge', title: 'Judge', lines: ['cos(r, its source part)', 'nearest of 12 = source ?'] }
      ]
    }
  ],
  source: 'Concept composition protocol of the hierarchical memories in the source documents',
  params: {
    noise: number('Noise', 0.2, {
      help: 'Scale of the normal noise on the parts that are used again.',
      min: 0,
      max: 10,
      symbol: '\\sigma'
    }),
    pause: number('Pause', 3, {
      help: 'Additional time between concepts, and before the composed episode.',
      min: 0,
      max: 1000,
      unit: 'time units'
    }),
    dim: dimParam
  },
  defaultSweep: { noise: [0, 0.2, 0.5, 1, 2] },
  metrics: [
    {
      name: 'similarity',
      label: 'Similarity to the source',
      ...asCosine,
      tex: '\\overline{\\cos(r_{cl},x_c)}',
      help: 'Mean cosine of the answer and the part the item was made from, over items and levels.'
    },
    {
      name: 'sources',
      label: 'Share of sources',
      ...asShare,
      tex: '\\overline{\\left[\\operatorname*{arg\\,max}_j\\cos(r_{cl},x_j)=c\\right]}',
      help: 'Share of the items whose answer lies nearest to the part they were made from, among all twelve parts; mean over levels.',
      chance: 1 / (concepts * parts),
      of: [concepts]
    }
  ],
  mainMetric: 'sources',
  series: [
    {
      name: 'similarity-by-level',
      label: 'Similarity',
      x: { label: 'Level' },
      direction: 'higher',
      help: 'Mean cosine of the answer and the source part at each level that covers the composed episode.',
      range: [-1, 1]
    },
    {
      name: 'sources-by-level',
      label: 'Share of sources',
      x: { label: 'Level' },
      ...asShare,
      help: 'Share of the items traced to their own source part at each level.',
      of: [concepts]
    }
  ],
  needs: { interface: 'key-value' },
  revision: 1,
  workload: () => ({ stored: concepts * parts + concepts, before: 0, queries: concepts }),
  run: ({ noise, pause, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const drawn = random.normal('parts', concepts * parts * dim)
      const composed = random.normal('noise', concepts * dim)
      for (let i = 0; i < composed.length; i++) {
        const [b, c, k] = [Math.floor(i / dim / concepts), Math.floor(i / dim) % concepts, i % dim]
        composed[i] = drawn[(b * concepts * parts + sources[c]) * dim + k] + noise * composed[i]
      }
      const [all, items] = [own(rows(drawn, batch, dim)), own(rows(composed, batch, dim))]
      const timeOf = (i: number): number => i + pause * Math.floor(i / parts)
      const memory = context.memory()
      for (let c = 0; c < concepts; c++) {
        const concept = own(part(all, c * parts, parts))
        const times = Array.from({ length: parts }, (_, i) => timeOf(c * parts + i))
        memory.store!({ keys: concept, values: concept, positions: times.map(() => 0), times })
      }
      const times = sources.map((_, i) => timeOf(concepts * parts + i))
      const positions = times.map(() => 0)
      memory.store!({ keys: items, values: items, positions, times })
      const truth = own(all.gather(sources, 1))
      const [right, candidates] = [truth, all].map((x) => own(targetsOf(memory, x)))
      const { levels, at } = await levelsAsked(memory, times)
      /** [level][trial] */
      const [similarity, found]: [number[][], number[][]] = [[], []]
      for (const level of levels) {
        const answer = own(memory.retrieve!({ queries: items, positions, times, ...at(level) }))
        const judged = await judge(answer, right, candidates)
        similarity.push(meanByTrial(judged.cosine, batch))
        const hits = Array.from(judged.nearest, (nearest, i) => Number(nearest === sources[i % concepts]))
        found.push(meanByTrial(hits, batch))
      }
      const byLevel = (of: number[][]) => ({
        x: levels,
        y: Array.from({ length: batch }, (_, b) => of.map((trials) => trials[b]))
      })
      const [similarities, shares] = [byLevel(similarity), byLevel(found)]
      return {
        metrics: { similarity: similarities.y.map(mean), sources: shares.y.map(mean) },
        series: { 'similarity-by-level': similarities, 'sources-by-level': shares }
      }
    })
})

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

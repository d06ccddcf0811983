import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { dimParam } from './parts/sources.ts'
import { rows, withTensors } from './parts/tensors.ts'
import { ancestor, levelsOf, treesOf } from './parts/trees.ts'
import { asShare } from './parts/judge.ts'

const segments = 7

/**
 * Segmentation: does a hierarchy cut a stream where its events end?
 *
 * Seven segments, each the noisy copies of a prototype, one item per time unit, with a pause between segments. At level l
 * two neighbours belong together when they share their highest ancestor up to that level; elsewhere lies a boundary. A
 * found boundary counts as right when a true one lies within one item, each true one once. Precision, recall and F1 per
 * level; a level without boundaries has precision 0.
 */
export default defineTask({
  id: 'segmentation',
  title: 'Event segmentation',
  family: 'Hierarchies',
  summary: 'Does a hierarchy cut a stream of episodes where its events end?',
  protocol: [
    'Draw seven prototypes; each segment is a run of noisy copies of one.',
    'Store the stream, one item per time unit, with a pause between segments.',
    'At each level, find the boundaries between items that do not share an ancestor.',
    'Compare with the true boundaries, within one item.'
  ],
  diagram: [
    { kind: 'draw', title: 'Stream', lines: ['7 prototypes, one after', 'another, as noisy copies'] },
    { kind: 'study', title: 'Study', lines: ['x₁, x₂, x₃, … in time', 'a pause between segments'] },
    { kind: 'judge', title: 'Find boundaries', lines: ['by level: neighbours', 'without common ancestor'] },
    { kind: 'judge', title: 'Judge', lines: ['true boundary within 1 ?', 'precision, recall, F1'] }
  ],
  source: 'Event segmentation protocol of the hierarchical memories in the source documents',
  params: {
    perSegment: integer('Items per segment', 8, { help: 'Noisy copies in a row.', min: 2, max: 500 }),
    pause: number('Pause', 3, {
      help: 'Additional time between segments. The trees here see places and times, not content: without a pause there is nothing to find.',
      min: 0,
      max: 1000,
      unit: 'time units'
    }),
    noise: number('Noise', 0.3, { help: 'Scale of the normal noise on the prototypes.', min: 0, max: 10 }),
    dim: dimParam
  },
  defaultSweep: { pause: [0, 1, 3, 7, 15] },
  metrics: [
    {
      name: 'f1',
      label: 'Best F1',
      ...asShare,
      tex: '\\max_l F_1(l)',
      help: 'F1 of the boundaries at the level that finds them best, leaves aside.'
    },
    {
      name: 'precision',
      label: 'Precision',
      ...asShare,
      tex: 'P(l^*)',
      help: 'Share of the boundaries found at that level that are true ones.'
    },
    {
      name: 'recall',
      label: 'Recall',
      ...asShare,
      tex: 'R(l^*)',
      help: 'Share of the true boundaries that are found at that level.',
      of: [segments - 1]
    }
  ],
  mainMetric: 'f1',
  series: (['precision', 'recall', 'f1'] as const).map((name) => ({
    name: `${name}-by-level`,
    label: name === 'f1' ? 'F1' : name === 'recall' ? 'Recall' : 'Precision',
    x: { label: 'Level' },
    direction: 'higher' as const,
    help: `Boundary ${name === 'f1' ? 'F1' : name} at each level; at level 0 every item stands alone.`,
    range: [0, 1] as const,
    ...(name === 'recall' && { of: [segments - 1] })
  })),
  needs: { interface: 'key-value', places: true, capability: 'tree' },
  revision: 1,
  workload: ({ perSegment }) => ({ stored: segments * perSegment, before: 0, queries: 0 }),
  run: ({ perSegment, pause, noise, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const count = segments * perSegment
      const prototypes = random.normal('prototypes', segments * dim)
      const data = random.normal('noise', count * dim)
      for (let i = 0; i < data.length; i++) {
        const [b, item, k] = [Math.floor(i / dim / count), Math.floor(i / dim) % count, i % dim]
        data[i] = prototypes[(b * segments + Math.floor(item / perSegment)) * dim + k] + noise * data[i]
      }
      const keys = own(rows(data, batch, dim))
      const times = Array.from({ length: count }, (_, i) => i + pause * Math.floor(i / perSegment))
      const memory = context.memory()
      memory.store!({ keys, values: keys, positions: times.map(() => 0), times })
      const trees = (await treesOf(memory))!
      const levels = levelsOf(trees)
      const truth = Array.from({ length: segments - 1 }, (_, s) => (s + 1) * perSegment)
      const scored = trees.map((nodes) => {
        const byId = new Map(nodes.map((node) => [node.id, node]))
        const leaves = nodes.filter((node) => node.level === 0).sort((a, b) => a.start.time - b.start.time)
        return levels.map((level) => {
          const owner = leaves.map((leaf) => ancestor(byId, leaf, level).id)
          const found = owner.flatMap((id, i) => (i > 0 && id !== owner[i - 1] ? [i] : []))
          return boundaryScores(found, truth, 1)
        })
      })
      const best = scored.map((byLevel) =>
        byLevel.slice(1).reduce((top, s) => (s.f1 > top.f1 ? s : top), { precision: 0, recall: 0, f1: 0 })
      )
      const series = (name: 'precision' | 'recall' | 'f1') => ({
        x: levels,
        y: scored.map((s) => s.map((l) => l[name]))
      })
      return {
        metrics: {
          f1: best.map((s) => s.f1),
          precision: best.map((s) => s.precision),
          recall: best.map((s) => s.recall)
        },
        series: {
          'precision-by-level': series('precision'),
          'recall-by-level': series('recall'),
          'f1-by-level': series('f1')
        }
      }
    })
})

/** Found against true boundaries, each true one matched by at most one found one within the tolerance. */
export function boundaryScores(
  found: readonly number[],
  truth: readonly number[],
  tolerance: number
): { precision: number; recall: number; f1: number } {
  const open = [...truth]
  let hits = 0
  for (const boundary of found) {
    const at = open.findIndex((true_) => Math.abs(true_ - boundary) <= tolerance)
    if (at < 0) continue
    open.splice(at, 1)
    hits++
  }
  const precision = found.length ? hits / found.length : 0
  const recall = truth.length ? hits / truth.length : 0
  return { precision, recall, f1: hits ? (2 * precision * recall) / (precision + recall) : 0 }
}

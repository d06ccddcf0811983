import { integer } from '../../src-shared/shapes/params.ts'
import { defineTask } from './task.ts'
import { asCosine, cosines, retrieve, targetsOf } from './parts/judge.ts'
import { dimParam } from './parts/sources.ts'
import { byTrial, part, rows, withTensors } from './parts/tensors.ts'

/**
 * Contiguity: what a cue brings back from a chain of associations.
 *
 * Draw a chain of n vectors x_1 ... x_n (A, B, C for n = 3) and store every x_i -> x_(i+1). Query with each x_i that has
 * a successor and take the cosine of what comes back to every element of the chain, by its lag from the cue: +1 is the
 * successor, 0 the cue itself, -1 the predecessor. A memory with contiguity in both directions shows both neighbours.
 */
export default defineTask({
  id: 'contiguity',
  title: 'Contiguity',
  family: 'Recall',
  summary: 'Does a cue bring back its successor, its predecessor, or a blend?',
  protocol: [
    'Draw a chain of vectors, A, B, C and so on, from the trial’s seed.',
    'Store each vector with the next one as its value, in one call.',
    'Query with every vector that has a successor.',
    'Compare what comes back with all vectors of the chain, by their lag from the cue.'
  ],
  diagram: [
    { kind: 'study', title: 'Study', lines: ['A → B', 'B → C', '… chain of n vectors'] },
    { kind: 'cue', title: 'Cue', lines: ['A → r₁', 'B → r₂', '… all with a successor'] },
    { kind: 'judge', title: 'Judge', lines: ['cos(rᵢ, xⱼ) by lag j − i', 'next − previous'] }
  ],
  source: 'Contiguity effect of free recall (Kahana, 1996), asked of a key-value memory',
  params: {
    length: integer('Chain length', 3, { help: 'Vectors in the chain; 3 is A, B, C.', min: 3, max: 500, symbol: 'n' }),
    dim: dimParam
  },
  metrics: [
    {
      name: 'successor',
      label: 'Successor',
      ...asCosine,
      tex: '\\cos(r(x_i),x_{i+1})',
      help: 'Mean cosine to the vector that followed the cue.'
    },
    {
      name: 'predecessor',
      label: 'Predecessor',
      direction: 'none',
      tex: '\\cos(r(x_i),x_{i-1})',
      help: 'Mean cosine to the vector before the cue: above zero only with backward association.',
      chance: 0,
      range: [-1, 1]
    },
    {
      name: 'self',
      label: 'Cue itself',
      direction: 'none',
      tex: '\\cos(r(x_i),x_i)',
      help: 'Mean cosine to the cue.',
      chance: 0,
      range: [-1, 1]
    },
    {
      name: 'asymmetry',
      label: 'Forward asymmetry',
      direction: 'none',
      tex: '\\cos(r(x_i),x_{i+1})-\\cos(r(x_i),x_{i-1})',
      help: 'Successor minus predecessor; free recall has a positive one.',
      chance: 0,
      range: [-2, 2]
    }
  ],
  mainMetric: 'successor',
  series: [
    {
      name: 'lag',
      label: 'Cosine',
      x: { label: 'Lag from the cue' },
      direction: 'none',
      help: 'Mean cosine of what a cue brings back to the vectors before (negative) and after (positive) it.',
      range: [-1, 1]
    }
  ],
  opensWith: 'lag',
  // A chain of n vectors is a list of n - 1 pairs.
  theory: {
    metric: 'successor',
    quantities: { pairs: { param: 'length', less: 1 }, dim: { param: 'dim' } },
    setting: { keys: 'independent', cue: 'exact', writes: 1, chained: true }
  },
  needs: { interface: 'key-value' },
  revision: 1,
  workload: ({ length }) => ({ stored: length - 1, before: 0, queries: length - 1 }),
  run: ({ length, dim }, context) =>
    withTensors(async (own) => {
      const { batch, random } = context
      const chain = own(rows(random.normal('chain', length * dim), batch, dim))
      const cues = own(part(chain, 0, length - 1))
      const memory = context.memory()
      memory.store!({ keys: cues, values: own(part(chain, 1, length - 1)) })
      const retrieved = own(retrieve(memory, { queries: cues }))
      const similar = byTrial(await own(cosines(retrieved, own(targetsOf(memory, chain)))).data(), batch)
      const x = Array.from({ length: 2 * length - 2 }, (_, i) => i - (length - 2))
      const y = similar.map((matrix) => x.map((lag) => meanAtLag(matrix, length, lag)))
      const at = (lag: number): number[] => y.map((curve) => curve[lag + length - 2])
      const [successor, predecessor] = [at(1), at(-1)]
      return {
        metrics: {
          successor,
          predecessor,
          self: at(0),
          asymmetry: successor.map((value, b) => value - predecessor[b])
        },
        series: { lag: { x, y } },
        traces: [
          {
            name: 'similarity',
            title: 'Cosine of what each cue brings back to each vector',
            kind: 'heatmap' as const,
            axes: ['Cue', 'Vector'],
            perTrial: similar.map((data) => ({ shape: [length - 1, length], data }))
          }
        ]
      }
    })
})

/** Mean over all cues i of the cosine to vector i + lag, where that exists. */
function meanAtLag(matrix: readonly number[], length: number, lag: number): number {
  let [sum, count] = [0, 0]
  for (let cue = Math.max(0, -lag); cue < length - 1 && cue + lag < length; cue++) {
    sum += matrix[cue * length + cue + lag]
    count++
  }
  return sum / count
}

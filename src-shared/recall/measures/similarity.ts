/** Where recall goes in meaning, by how alike the words are: any table of similarities. */
import { transitionRank, type Transition } from '../transitions.ts'
import type { SubjectView } from '../view.ts'
import {
  average,
  countTo,
  numberMeasure,
  probability,
  Tally,
  type Measure,
  type MeasuredData,
  type SimilarityBins
} from './measure.ts'

const section = 'meaning'
const needs = ['similarity'] as const
const rank = probability('Mean percentile rank')

export const semantic = numberMeasure(
  {
    name: 'semantic',
    label: 'Semantic factor',
    section,
    help: 'Mean percentile rank of the next word’s similarity among those that were possible (distance rank): 1 is always the most alike, .5 is chance; ties count half.',
    tex: '\\overline{\\mathrm{rank}(S_{ij})}',
    source: 'Polyn, Norman & Kahana (2009)',
    value: rank,
    needs,
    chance: 0.5
  },
  ({ basic }) => basic.semanticRank
)

/** In which bin a similarity lies: from its lower end to below the upper one; the last takes its upper end in. -1 beyond all. */
export function binOf(value: number, edges: readonly number[]): number {
  const last = edges.length - 1
  if (value === edges[last]) return last - 1
  if (value > edges[last]) return -1
  let [low, high] = [0, last]
  if (value < edges[0]) return -1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (value >= edges[middle]) low = middle
    else high = middle
  }
  return low
}

/** Transitions by the bin of their similarity; each bin that was possible counts by its words, or once. */
function byBin(about: Pick<Measure, 'name' | 'label' | 'help' | 'tex' | 'source'>, once: boolean): Measure {
  return {
    ...about,
    section,
    look: 'curve',
    x: { label: 'Similarity' },
    value: probability('Conditional response probability'),
    needs,
    places: (data) => ({ x: data.bins().at }),
    of({ lists }, { alike, bins, length }, { x }) {
      const { edges } = bins()
      const tally = new Tally(x.length)
      const seen = new Int32Array(x.length)
      let stamp = 0
      for (const view of lists) {
        const matrix = alike!(view)
        for (const { from, to, possible } of view.moves) {
          const row = (from - 1) * length - 1
          stamp++
          const own = binOf(matrix[row + to], edges)
          if (own >= 0) tally.happened(own)
          for (const other of possible) {
            const bin = binOf(matrix[row + other], edges)
            if (bin < 0 || (once && seen[bin] === stamp)) continue
            seen[bin] = stamp
            tally.couldHave(bin)
          }
        }
      }
      return tally.shares()
    }
  }
}

export const distanceCrp = byBin(
  {
    name: 'distance-crp',
    label: 'Distance CRP',
    help: 'How often recall goes to a word so alike, of the words so alike that were left; bins hold equal shares of the pairs of a list and stand at their mean.',
    tex: '\\mathrm{CRP}(b)=\\frac{\\#\\{S_{ij}\\in b\\}}{\\#\\{\\text{words left with } S_{ik}\\in b\\}}',
    source: 'Howard & Kahana (2002); Morton (2020)'
  },
  false
)

export const semanticCrp = byBin(
  {
    name: 'semantic-crp',
    label: 'Semantic CRP',
    help: 'How often recall goes into a bin of similarity, of the times at least one word of the bin was left; bins hold equal shares of the pairs of a list and stand at their mean.',
    tex: '\\mathrm{CRP}(b)=\\frac{\\#\\{S_{ij}\\in b\\}}{\\#\\{\\exists k \\text{ left}: S_{ik}\\in b\\}}',
    source: 'Howard & Kahana (2002)'
  },
  true
)

const rankTo = (matrix: Float64Array, length: number, from: number, move: Omit<Transition, 'output'>) =>
  transitionRank(move, (_, to) => matrix[(from - 1) * length + to - 1])

export const shiftedRank: Measure = {
  name: 'distance-rank-shifted',
  label: 'Distance rank, shifted',
  section,
  help: 'Mean percentile rank of the next word’s similarity to the last word, to the one before it, and so on, in unbroken runs of as many transitions.',
  tex: '\\overline{\\mathrm{rank}(S_{i_{k-s},\\,i_{k+1}})}',
  source: 'Morton (2020)',
  look: 'curve',
  x: { label: 'Words back' },
  value: rank,
  needs,
  chance: 0.5,
  places: ({ analysis }) => ({ x: countTo(-1, -analysis.shift) }),
  of({ lists }, { alike, length, analysis: { shift } }, { x }) {
    const ranks: (number | undefined)[][] = x.map(() => [])
    for (const view of lists) {
      const matrix = alike!(view)
      for (const [k, move] of view.moves.entries()) {
        const first = view.moves[k - shift + 1]
        if (first?.output !== move.output - shift + 1) continue
        for (let s = 1; s <= shift; s++) ranks[shift - s].push(rankTo(matrix, length, view.moves[k - s + 1].from, move))
      }
    }
    return ranks.map(average)
  }
}

/** Positions around the last word. */
const window = [-1, 0, 1] as const

export const windowRank: Measure = {
  name: 'distance-rank-window',
  label: 'Distance rank, windowed',
  section,
  help: 'Mean percentile rank of the next word’s similarity to the word studied before the last recalled one, to that one, and to the word studied after it; of transitions that leave these three.',
  tex: '\\overline{\\mathrm{rank}(S_{i+w,\\,j})},\\quad w\\in\\{-1,0,1\\},\\; |j-i|>1',
  source: 'Morton (2020)',
  look: 'curve',
  x: { label: 'Position in the list, from the last word' },
  value: rank,
  needs,
  chance: 0.5,
  places: () => ({ x: window }),
  of({ lists }, { alike, length }) {
    const ranks: (number | undefined)[][] = window.map(() => [])
    for (const view of lists) {
      const matrix = alike!(view)
      for (const { from, to, possible } of view.moves) {
        if (from < 2 || from >= length || Math.abs(to - from) <= 1) continue
        const move = { from, to, possible: possible.filter((other) => Math.abs(other - from) > 1) }
        for (const [i, w] of window.entries()) ranks[i].push(rankTo(matrix, length, from + w, move))
      }
    }
    return ranks.map(average)
  }
}

/**
 * As many bins as asked for with equal shares of the pairs of a list; one for each similarity where there are no more of
 * them. `edges` holds one more than there are bins, `at` the mean similarity of each.
 */
export function similarityBins(
  subjects: readonly SubjectView[],
  { alike, length, analysis }: Pick<MeasuredData, 'alike' | 'length' | 'analysis'>
): SimilarityBins {
  const values: number[] = []
  const lists = subjects.flatMap((subject) => subject.lists)
  const step = Math.ceil(lists.length / mostBinned)
  for (let l = 0; alike && l < lists.length; l += step) {
    const matrix = alike(lists[l])
    for (let i = 0; i < length; i++) for (let j = 0; j < i; j++) values.push(matrix[i * length + j])
  }
  const sorted = Float64Array.from(values).sort()
  const different = [...new Set(sorted)]
  const starts =
    different.length <= analysis.bins
      ? different
      : [...new Set(countTo(analysis.bins - 1, 0).map((k) => sorted[Math.floor((k * sorted.length) / analysis.bins)]))]
  if (different.length < 2) return { edges: [], at: [] }
  const edges = [...starts, sorted[sorted.length - 1]]
  const sums = starts.map(() => ({ sum: 0, n: 0 }))
  for (const value of sorted) {
    const bin = sums[binOf(value, edges)]
    bin.sum += value
    bin.n++
  }
  return { edges, at: sums.map(({ sum, n }) => Number((sum / n).toPrecision(4))) }
}

/** Lists whose pairs decide the bins: every so many of more. */
const mostBinned = 200

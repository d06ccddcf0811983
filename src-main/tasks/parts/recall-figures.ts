/** What a simulated subject's lists show, by the same statistics as those of people. */
import type { MetricInfo, SeriesInfo } from '../../../src-shared/shapes/catalog.ts'
import type { RecallList } from '../../../src-shared/recall/data.ts'
import { asymmetryOf, contiguityOf, primacyOf, recencyOf } from '../../../src-shared/recall/effects.ts'
import { simulatedMatrices, type SimulatedLists } from '../../../src-shared/recall/simulated.ts'
import { subjectStatistics, type SubjectStatistics, type SubjectValue } from '../../../src-shared/recall/statistics.ts'
import type { Trace } from '../../models/model.ts'
import type { TaskResult } from '../task.ts'

/** Lags shown on either side. */
const farthestLag = 10

export const recallMetrics: readonly MetricInfo[] = [
  {
    name: 'recalled',
    label: 'Recalled',
    unit: 'items',
    direction: 'none',
    tex: '\\frac1L\\sum_l |R_l|',
    help: 'Items recalled per list.',
    most: 'items'
  },
  {
    name: 'primacy',
    label: 'Primacy',
    direction: 'none',
    tex: '\\mathrm{SPC}(1)-\\overline{\\mathrm{SPC}}_{\\mathrm{middle}}',
    help: 'Recall of the first item minus that of the middle third of the list.',
    range: [-1, 1],
    chance: 0
  },
  {
    name: 'recency',
    label: 'Recency',
    direction: 'none',
    tex: '\\mathrm{SPC}(N)-\\overline{\\mathrm{SPC}}_{\\mathrm{middle}}',
    help: 'Recall of the last item minus that of the middle third of the list.',
    range: [-1, 1],
    chance: 0
  },
  {
    name: 'contiguity',
    label: 'Contiguity',
    direction: 'none',
    tex: '\\mathrm{CRP}(+1)',
    help: 'How often the next item of the list follows, where it still could.',
    range: [0, 1]
  },
  {
    name: 'asymmetry',
    label: 'Forward asymmetry',
    direction: 'none',
    tex: '\\mathrm{CRP}(+1)-\\mathrm{CRP}(-1)',
    help: 'Transitions one forward minus one backward; people go forward.',
    range: [-1, 1],
    chance: 0
  },
  {
    name: 'lag-rank',
    label: 'Temporal factor',
    direction: 'none',
    tex: '\\overline{\\mathrm{rank}(-|\\mathrm{lag}|)}',
    help: 'Mean percentile rank of the lag among those that were possible: 1 = always the nearest, .5 = no matter.',
    range: [0, 1],
    chance: 0.5
  },
  {
    name: 'source-clustering',
    label: 'Source clustering',
    direction: 'none',
    tex: 'P(\\text{same source}\\mid\\text{possible})',
    help: 'How often the next recall is of the same source, where one still could be. None with a single source.',
    range: [0, 1]
  },
  {
    name: 'semantic',
    label: 'Semantic factor',
    direction: 'none',
    tex: '\\overline{\\mathrm{rank}(S_{ij})}',
    help: 'Mean percentile rank of the next word’s similarity among those that were possible. None for unrelated words.',
    range: [0, 1],
    chance: 0.5
  },
  {
    name: 'prior-list',
    label: 'Prior-list intrusions',
    direction: 'none',
    tex: '\\frac1L\\sum_l |R_l \\cap \\text{earlier lists}|',
    help: 'Words of earlier lists recalled, per list. None where every list begins anew.'
  }
]

export const recallSeries: readonly SeriesInfo[] = [
  {
    name: 'spc',
    label: 'Probability of recall',
    x: { label: 'Serial position' },
    direction: 'none',
    help: 'Serial position curve: how often each position is recalled.',
    range: [0, 1],
    of: ['lists']
  },
  {
    name: 'pfr',
    label: 'Probability of first recall',
    x: { label: 'Serial position' },
    direction: 'none',
    help: 'How often recall begins with each position.',
    range: [0, 1],
    of: ['lists']
  },
  ...(['second', 'third'] as const).map((nth, i) => ({
    name: `p${i + 2}r`,
    label: `Probability of ${nth} recall`,
    x: { label: 'Serial position' },
    direction: 'none' as const,
    help: `How often each position comes ${nth}, where it still could.`,
    range: [0, 1] as const
  })),
  {
    name: 'lag-crp',
    label: 'Conditional response probability',
    x: { label: 'Lag' },
    direction: 'none',
    help: 'How often recall goes from one item to another so many positions away, where it still could.',
    range: [0, 1]
  },
  {
    name: 'irt',
    label: 'Inter-response time',
    unit: 's',
    x: { label: 'Output position' },
    direction: 'none',
    help: 'Mean time from one recall to the next. Only decisions by accumulators take time.',
    positive: true
  }
]

/**
 * Metrics, series and a trace from the lists of every trial.
 * @param similarity of two words of a trial by their names, where words have one
 */
export function recallResult(
  trials: readonly (readonly RecallList[])[],
  similarity: ((trial: number) => (a: string, b: string) => number) | undefined,
  session: boolean
): TaskResult {
  const subjects = trials.map((lists, b) => {
    const options = { outputs: lists[0].items.length, ...(similarity && { similarity: similarity(b) }) }
    return subjectStatistics(lists, options)[0]
  })
  const n = subjects[0].spc.length
  const reach = Math.min(farthestLag, n - 1)
  const positions = Array.from({ length: n }, (_, i) => i + 1)
  const lags = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
  const curve = (x: readonly number[], of: (s: SubjectStatistics, x: number) => SubjectValue | undefined) => ({
    x,
    y: subjects.map((s) => x.map((value) => of(s, value) ?? NaN))
  })
  const over = (of: (s: SubjectStatistics) => SubjectValue): SubjectValue[] => subjects.map(of)
  return {
    metrics: {
      recalled: over((s) => s.recalled),
      primacy: over(({ spc }) => primacyOf(spc)),
      recency: over(({ spc }) => recencyOf(spc)),
      contiguity: over(({ lagCrp }) => contiguityOf(lagCrp)),
      asymmetry: over(({ lagCrp }) => asymmetryOf(lagCrp)),
      'lag-rank': over((s) => s.lagRank),
      'source-clustering': over((s) => s.sourceCrp),
      semantic: over((s) => s.semanticRank),
      'prior-list': over((s) => (session ? s.priorListIntrusions : null))
    },
    series: {
      spc: curve(positions, (s, x) => s.spc[x - 1]),
      pfr: curve(positions, (s, x) => s.pnr[0][x - 1]),
      p2r: curve(positions, (s, x) => s.pnr[1][x - 1]),
      p3r: curve(positions, (s, x) => s.pnr[2]?.[x - 1]),
      'lag-crp': curve(lags, (s, x) => s.lagCrp[x + n - 1]),
      irt: curve(positions.slice(0, -1), (s, x) => s.irt[x - 1])
    },
    traces: [outputs(subjects, n), ...listTraces(trials, n)]
  }
}

const outputs = (subjects: readonly SubjectStatistics[], n: number): Trace => ({
  name: 'outputs',
  title: 'Which position comes at which output',
  kind: 'heatmap',
  axes: ['Output', 'Serial position'],
  perTrial: subjects.map(({ pnr }) => ({
    shape: [n, n],
    data: pnr.flatMap((row) => row.map((value) => value ?? 0))
  }))
})

/** The lists themselves, from which any other statistic can be taken. Words are named `list place`. */
function listTraces(trials: readonly (readonly RecallList[])[], n: number): Trace[] {
  const numberOf = (word: string): number => {
    const [list, place] = word.split(' ').map(Number)
    return (list - 1) * n + place + 1
  }
  const kept = trials.map((lists) =>
    simulatedMatrices(
      lists,
      lists.map(({ recalls }) => recalls.map(numberOf)),
      n
    )
  )
  const trace = (name: keyof SimulatedLists, title: string, column: string): Trace[] => {
    const perTrial = kept.flatMap((own) =>
      own[name] ? [{ shape: [...own[name].shape], data: [...own[name].data] }] : []
    )
    return perTrial.length === kept.length ? [{ name, title, kind: 'heatmap', axes: ['List', column], perTrial }] : []
  }
  return [
    ...trace('recalls', 'Words recalled, by their number', 'Output'),
    ...trace('times', 'Onset of each recall in seconds', 'Output'),
    ...trace('sources', 'Source of each word', 'Serial position')
  ]
}

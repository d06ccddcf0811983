import { integer, number } from '../../src-shared/shapes/params.ts'
import { normalQuantile } from '../../src-shared/statistics/special.ts'
import { defineTask, type TaskContext } from './task.ts'
import { contextCuedList, contextCuedParams } from './parts/context-cued.ts'
import { distraction, drawSources, drawWords, recallListParams, type Distraction } from './parts/recall-lists.ts'
import { asShare } from './parts/judge.ts'

const params = {
  ...recallListParams,
  lures: integer('Lures', 24, { help: 'Words at test that were not studied.', min: 1, max: 500 }),
  noise: number('Noise', 0.1, {
    help: 'Standard deviation of the noise on every activation, without which unrelated lures have none at all.',
    min: 0,
    max: 100,
    symbol: '\\sigma'
  }),
  criterion: number('Criterion', 0.2, {
    help: 'A word whose activation exceeds this is called old.',
    min: -100,
    max: 100,
    symbol: '\\theta'
  }),
  ...contextCuedParams
}

/** False-alarm rates at which the ROC is drawn. */
const grid = Array.from({ length: 21 }, (_, i) => i / 20)

/**
 * Recognition: study a list, then say of each word whether it was there.
 *
 * The context at the end of the list (and of its distractors) activates every target and every lure; with noise, those
 * above a criterion are called old. All criteria together give the ROC.
 *   d' = z(H) - z(F),  H = (hits + .5)/(targets + 1),  F = (false alarms + .5)/(lures + 1)
 */
export default defineTask({
  id: 'recognition',
  title: 'Recognition',
  family: 'Free recall',
  summary: 'Is a word that was studied told from one that was not?',
  protocol: [
    'Draw a list of words and as many lures as are asked for.',
    'Study the list; with a delay, integrate distractors.',
    'Take the activation of every word by the current context, with noise.',
    'Call old what exceeds the criterion; sweep the criterion for the ROC.'
  ],
  diagram: [
    {
      repeat: 'each list',
      phases: [
        { kind: 'study', title: 'Study', lines: ['word 1, word 2, …', 'context drifts with each'] },
        { kind: 'delay', title: 'Delay', lines: ['distractors, if any'] },
        { kind: 'cue', title: 'Test', lines: ['targets and lures', 'activation by context', '+ noise'] }
      ]
    },
    { kind: 'judge', title: 'Judge', lines: ['old if over the criterion', 'd’ and the ROC'] }
  ],
  source:
    'Activation by context as in M. W. Howard & M. J. Kahana (2002); d’ with the log-linear correction of M. J. Hautus (1995)',
  params,
  metrics: [
    {
      name: 'dprime',
      label: 'Sensitivity d’',
      direction: 'higher',
      tex: "d' = z(H)-z(F)",
      help: 'Distance of targets from lures at the criterion, in standard deviations.',
      chance: 0
    },
    {
      name: 'auc',
      label: 'Area under the ROC',
      ...asShare,
      tex: 'P(a_{\\mathrm{target}}>a_{\\mathrm{lure}})',
      help: 'How often a target is more active than a lure, ties counted half: needs no criterion.',
      // The variance of an area is at most that of a share of as many questions as there are words of the rarer kind.
      of: ['lists', { least: ['items', 'lures'] }],
      chance: 0.5
    },
    {
      name: 'hits',
      label: 'Hit rate',
      direction: 'none',
      tex: 'P(\\mathrm{old}\\mid\\mathrm{target})',
      help: 'Share of the studied words called old.',
      range: [0, 1],
      of: ['items', 'lists']
    },
    {
      name: 'false-alarms',
      label: 'False-alarm rate',
      direction: 'none',
      tex: 'P(\\mathrm{old}\\mid\\mathrm{lure})',
      help: 'Share of the lures called old.',
      range: [0, 1],
      of: ['lures', 'lists']
    }
  ],
  mainMetric: 'dprime',
  series: [
    {
      name: 'roc',
      label: 'Hit rate',
      x: { label: 'False-alarm rate' },
      ...asShare,
      help: 'Receiver operating characteristic: hits against false alarms for every criterion. The diagonal is chance.',
      of: ['items', 'lists']
    },
    {
      name: 'hits-by-position',
      label: 'Hit rate',
      x: { label: 'Serial position' },
      direction: 'none',
      help: 'Hit rate of each position at the criterion.',
      range: [0, 1],
      of: ['lists']
    }
  ],
  needs: { interface: ['recall', 'key-value'] },
  revision: 1,
  workload: ({ items, lures }) => ({ stored: items, before: 0, queries: items + lures }),
  async run(p, context) {
    const all = p.items + p.lures
    const targets: number[][] = Array.from({ length: context.batch }, () => [])
    const lures: number[][] = Array.from({ length: context.batch }, () => [])
    for (let l = 0; l < p.lists; l++) {
      context.checkCancelled()
      const sources = drawSources(context, p.items, p.sources, p.train)
      const words = drawWords(context, all, p)
      const noise = context.random.normal('noise', all)
      const activations = context.recaller
        ? sources.map((own, b) => subjectActivation(p, all, context.recaller!, own, words.similarity?.[b]))
        : await contextCuedList(context, p, words, ({ activations }) => activations())
      for (const [b, a] of activations.entries())
        for (let i = 0; i < all; i++) (i < p.items ? targets : lures)[b].push(a[i] + p.noise * noise[b * all + i])
    }
    const rate = (values: readonly number[]): number => count(values, p.criterion) / values.length
    const z = (values: readonly number[]): number =>
      normalQuantile((count(values, p.criterion) + 0.5) / (values.length + 1))
    const positions = Array.from({ length: p.items }, (_, i) => i + 1)
    return {
      metrics: {
        dprime: targets.map((t, b) => z(t) - z(lures[b])),
        auc: targets.map((t, b) => auc(t, lures[b])),
        hits: targets.map(rate),
        'false-alarms': lures.map(rate)
      },
      series: {
        roc: { x: grid, y: targets.map((t, b) => roc(t, lures[b])) },
        'hits-by-position': {
          x: positions,
          y: targets.map((t) => positions.map((x) => rate(t.filter((_, i) => i % p.items === x - 1))))
        }
      }
    }
  }
})

function subjectActivation(
  p: Distraction & { items: number; sources: number },
  pool: number,
  recaller: NonNullable<TaskContext['recaller']>,
  sources: readonly number[],
  similarity: Float64Array | undefined
): Float64Array {
  const { between, after } = distraction(p)
  const subject = recaller({
    pool,
    distractors: after + between * (p.items - 1) + (p.sources > 1 ? p.items : 0),
    sources: p.sources,
    ...(similarity && { similarity })
  })
  subject.study(
    sources.map((_, i) => i),
    sources,
    between
  )
  for (let k = 0; k < after; k++) subject.distract()
  return subject.activation()
}

const count = (values: readonly number[], criterion: number): number => values.filter((v) => v > criterion).length

/** P(target > lure) + P(equal)/2, by ranks. */
function auc(targets: readonly number[], lures: readonly number[]): number {
  const sorted = Float64Array.from(lures).sort()
  let sum = 0
  for (const t of targets) sum += (below(sorted, t, false) + below(sorted, t, true)) / 2
  return sum / (targets.length * lures.length)
}

/** How many of a sorted array are less than x, or at most x. */
function below(sorted: Float64Array, x: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < x || (orEqual && sorted[middle] === x)) low = middle + 1
    else high = middle
  }
  return low
}

/** Hit rates at the false-alarm rates of the grid, linear between the points of the empirical curve. */
function roc(targets: readonly number[], lures: readonly number[]): number[] {
  const all = [...targets.map((a) => ({ a, old: 1 })), ...lures.map((a) => ({ a, old: 0 }))].sort((x, y) => y.a - x.a)
  const points: [falseAlarms: number, hits: number][] = [[0, 0]]
  let [hits, falseAlarms] = [0, 0]
  for (const [i, { a, old }] of all.entries()) {
    if (old) hits++
    else falseAlarms++
    if (i + 1 < all.length && all[i + 1].a === a) continue
    points.push([falseAlarms / lures.length, hits / targets.length])
  }
  return grid.map((x) => {
    const at = points.findLastIndex(([f]) => f <= x)
    const [f, h] = points[at]
    const next = points[at + 1]
    return next ? h + ((x - f) / (next[0] - f)) * (next[1] - h) : h
  })
}

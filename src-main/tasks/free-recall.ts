import type { RecallList } from '../../src-shared/recall/data.ts'
import { number } from '../../src-shared/shapes/params.ts'
import { drawsFor, RecallPhase } from '../models/parts/recall/phase.ts'
import type { Decision } from '../models/parts/recall/decision.ts'
import { defineTask, type TaskContext } from './task.ts'
import { contextCuedList, contextCuedParams, memoryDecision, type ContextCued } from './parts/context-cued.ts'
import { recallMetrics, recallResult, recallSeries } from './parts/recall-figures.ts'
import { drawSources, drawWords, recallListParams, type WordParams, type Words } from './parts/recall-lists.ts'

const params = {
  ...recallListParams,
  recallTime: number('Recall time', 90, {
    help: 'Time to recall a list; accumulators use it up.',
    min: 1,
    max: 3600,
    unit: 's'
  }),
  ...contextCuedParams
}

/**
 * Free recall: study a list, recall its words in any order.
 *
 * One trial is one simulated subject with a number of lists. A model of free recall brings its own context and decision.
 * A key-value memory is cued by a context that the task drifts (parts/context-cued.ts) and decides by the accumulators of
 * CMR. The statistics are those of human data (src-shared/recall).
 */
export default defineTask({
  id: 'free-recall',
  title: 'Free recall',
  family: 'Free recall',
  summary: 'Which words of a list come back, in which order?',
  protocol: [
    'Draw a list of words, how alike they are, and the source of each.',
    'Study them one after another; a change of source disrupts context.',
    'With a delay, integrate distractors that nothing else shares.',
    'Recall until the time is used up or recall stops; every recalled word moves context.',
    'Begin anew with the next list; take the statistics of the subject over all lists.'
  ],
  diagram: [
    {
      repeat: 'each list',
      phases: [
        { kind: 'study', title: 'Study', lines: ['word 1, word 2, …', 'context drifts with each'] },
        { kind: 'delay', title: 'Delay', lines: ['distractors, if any'] },
        {
          kind: 'cue',
          title: 'Recall',
          lines: ['context → a word', 'the word moves context', 'until time is up or stop']
        }
      ]
    },
    { kind: 'judge', title: 'Judge', lines: ['words recalled', 'by position and by lag'] }
  ],
  source:
    'B. B. Murdock (1962), The serial position effect of free recall; S. M. Polyn, K. A. Norman & M. J. Kahana (2009)',
  params,
  defaultSweep: {},
  metrics: recallMetrics,
  mainMetric: 'recalled',
  series: recallSeries,
  derived: [],
  needs: { interface: ['recall', 'key-value'] },
  revision: 1,
  workload: ({ items }) => ({ stored: items, before: 0, queries: items }),
  async run(p, context) {
    const trials: RecallList[][] = Array.from({ length: context.batch }, () => [])
    const alike: (readonly Float64Array[])[] = []
    for (let l = 1; l <= p.lists; l++) {
      context.checkCancelled()
      const sources = drawSources(context, p.items, p.sources, p.train)
      const words = drawWords(context, p.items, p)
      if (words.similarity) alike.push(words.similarity)
      const phases = context.recaller
        ? subjectsRecall(p, context, context.recaller, sources, words)
        : await memoryRecalls(p, words, context)
      for (const [b, { recalls, times }] of phases.entries())
        trials[b].push({
          subject: 'simulated',
          list: String(l),
          items: Array.from({ length: p.items }, (_, i) => `${l} ${i}`),
          recalls: recalls.map((i) => `${l} ${i}`),
          ...(times.length === recalls.length && times.length > 0 && { times }),
          ...(p.sources > 1 && { sources: sources[b].map(String) })
        })
    }
    // A word is named by its list and place, from which its similarity is found again.
    const similarity = (b: number) => (one: string, other: string) => {
      const [l, i] = one.split(' ').map(Number)
      return alike[l - 1][b][i * p.items + Number(other.split(' ')[1])]
    }
    return recallResult(trials, alike.length > 0 ? similarity : undefined)
  }
})

interface Protocol {
  items: number
  distractors: number
  sources: number
  recallTime: number
}

/** The recall phases of a list, one for each trial, with their draws. */
function phasesOf(decision: Decision, { items, recallTime }: Protocol, { batch, random }: TaskContext): RecallPhase[] {
  const { kind, size } = drawsFor(decision, items, recallTime)
  const draws = random[kind]('recall', size)
  return Array.from(
    { length: batch },
    (_, b) => new RecallPhase(decision, items, recallTime, draws.subarray(b * size, (b + 1) * size))
  )
}

/** One list of a model of free recall, in every trial. */
function subjectsRecall(
  p: Protocol,
  context: TaskContext,
  recaller: NonNullable<TaskContext['recaller']>,
  sources: readonly (readonly number[])[],
  { similarity }: Words
): RecallPhase[] {
  const items = Array.from({ length: p.items }, (_, i) => i)
  const subjects = sources.map((_, b) =>
    recaller({
      pool: p.items,
      distractors: p.distractors + (p.sources > 1 ? p.items : 0),
      sources: p.sources,
      ...(similarity && { similarity: similarity[b] })
    })
  )
  const phases = phasesOf(subjects[0].decision, p, context)
  for (const [b, subject] of subjects.entries()) {
    subject.study(items, sources[b])
    for (let k = 0; k < p.distractors; k++) subject.distract()
    for (;;) {
      const item = phases[b].next(subject.activation())
      if (item < 0) break
      subject.recalled(item)
    }
  }
  return phases
}

/** One list of a key-value memory, in every trial: all are cued together until the last has stopped. */
function memoryRecalls(
  p: Protocol & ContextCued & WordParams,
  words: Words,
  context: TaskContext
): Promise<RecallPhase[]> {
  const phases = phasesOf(memoryDecision, p, context)
  return contextCuedList(context, p, words, async ({ activations, recalled }) => {
    const going = new Set(phases.keys())
    while (going.size > 0) {
      context.checkCancelled()
      const all = await activations()
      for (const b of going) {
        const item = phases[b].next(all[b])
        if (item < 0) going.delete(b)
        else recalled(b, item)
      }
    }
    return phases
  })
}

import type { RecallList } from '../../src-shared/recall/data.ts'
import { number } from '../../src-shared/shapes/params.ts'
import { drawsFor, RecallPhase } from '../models/parts/recall/phase.ts'
import type { Recaller } from '../models/parts/recall/recaller.ts'
import type { Decision } from '../models/parts/recall/decision.ts'
import { defineTask, type TaskContext } from './task.ts'
import { contextCuedList, contextCuedParams, memoryDecision, type ContextCued } from './parts/context-cued.ts'
import { recallMetrics, recallResult, recallSeries } from './parts/recall-figures.ts'
import {
  distraction,
  drawSources,
  drawWords,
  recallListParams,
  type Distraction,
  type WordParams,
  type Words
} from './parts/recall-lists.ts'

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
    'With a delay, integrate distractors that nothing else shares; continually, between all words.',
    'Recall until the time is used up or recall stops; every recalled word moves context.',
    'Begin anew with the next list, but for a model that keeps prior lists; take the statistics of the subject over all lists.'
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
  metrics: recallMetrics,
  mainMetric: 'recalled',
  series: recallSeries,
  needs: { interface: ['recall', 'key-value'] },
  revision: 1,
  workload: ({ items }) => ({ stored: items, before: 0, queries: items }),
  async run(p, context) {
    const trials: RecallList[][] = Array.from({ length: context.batch }, () => [])
    const alike: (readonly Float64Array[])[] = []
    const session = context.recaller && startSession(p, context, context.recaller)
    for (let l = 1; l <= p.lists; l++) {
      context.checkCancelled()
      const sources = drawSources(context, p.items, p.sources, p.train)
      const before = (l - 1) * p.items
      let phases: RecallPhase[]
      if (session) phases = session.list(l, sources)
      else {
        const words = drawWords(context, p.items, p)
        if (words.similarity) alike.push(words.similarity)
        phases = context.recaller
          ? subjectsRecall(p, context, context.recaller, sources, words)
          : await memoryRecalls(p, words, context)
      }
      // A session numbers the words of all its lists.
      const name = (i: number): string => nameOf(session ? i : before + i, p.items)
      for (const [b, { recalls, times }] of phases.entries())
        trials[b].push({
          subject: 'simulated',
          list: String(l),
          items: Array.from({ length: p.items }, (_, i) => nameOf(before + i, p.items)),
          recalls: recalls.map(name),
          ...(times.length === recalls.length && times.length > 0 && { times }),
          ...(p.sources > 1 && { sources: sources[b].map(String) })
        })
    }
    // A word is named by its list and place, from which its similarity is found again.
    const similarity = (b: number) => (one: string, other: string) => {
      const [l, i] = one.split(' ').map(Number)
      const [k, j] = other.split(' ').map(Number)
      if (!session) return alike[l - 1][b][i * p.items + j]
      const pool = p.items * p.lists
      return session.similarity![b][((l - 1) * p.items + i) * pool + (k - 1) * p.items + j]
    }
    return recallResult(trials, alike.length > 0 || session?.similarity ? similarity : undefined, session !== undefined)
  }
})

/** A word by its list, from 1, and its place there. */
const nameOf = (i: number, items: number): string => `${Math.floor(i / items) + 1} ${i % items}`

interface Protocol extends Distraction {
  items: number
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
      distractors: unitsOfList(p),
      sources: p.sources,
      ...(similarity && { similarity: similarity[b] })
    })
  )
  const phases = phasesOf(subjects[0].decision, p, context)
  for (const [b, subject] of subjects.entries()) studyAndRecall(p, subject, items, sources[b], phases[b])
  return phases
}

/** Fresh context units that a list may take: its distractors, and changes of source. */
function unitsOfList(p: Protocol): number {
  const { between, after } = distraction(p)
  return after + between * (p.items - 1) + (p.sources > 1 ? p.items : 0)
}

/** @param phase of as many items as may be recalled: the first ones of the pool */
function studyAndRecall(
  p: Protocol,
  subject: Recaller,
  items: readonly number[],
  sources: readonly number[],
  phase: RecallPhase,
  candidates?: number
): void {
  const { between, after } = distraction(p)
  subject.study(items, sources, between)
  for (let k = 0; k < after; k++) subject.distract()
  for (;;) {
    const item = phase.next(subject.activation().subarray(0, candidates))
    if (item < 0) break
    subject.recalled(item)
  }
}

/**
 * The session of a model that keeps prior lists: one subject for all lists of a trial, whose words are one pool; those of
 * the lists so far can be recalled. Undefined for a model with which every list begins anew.
 */
function startSession(
  p: Protocol & WordParams & { lists: number },
  context: TaskContext,
  recaller: NonNullable<TaskContext['recaller']>
):
  | { similarity?: readonly Float64Array[]; list(l: number, sources: readonly (readonly number[])[]): RecallPhase[] }
  | undefined {
  if (!recaller({ pool: p.items, distractors: unitsOfList(p), sources: p.sources }).nextList) return undefined
  const pool = p.items * p.lists
  const { similarity } = drawWords(context, pool, p)
  const subjects = Array.from({ length: context.batch }, (_, b) =>
    recaller({
      pool,
      distractors: (unitsOfList(p) + 1) * p.lists,
      sources: p.sources,
      ...(similarity && { similarity: similarity[b] })
    })
  )
  return {
    ...(similarity && { similarity }),
    list(l, sources) {
      const candidates = l * p.items
      const items = Array.from({ length: p.items }, (_, i) => candidates - p.items + i)
      const phases = phasesOf(subjects[0].decision, { ...p, items: candidates }, context)
      for (const [b, subject] of subjects.entries()) {
        if (l > 1) subject.nextList!()
        studyAndRecall(p, subject, items, sources[b], phases[b], candidates)
      }
      return phases
    }
  }
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

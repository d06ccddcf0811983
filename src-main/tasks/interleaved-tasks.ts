import { StudioError } from '../../src-shared/shapes/errors.ts'
import { integer } from '../../src-shared/shapes/params.ts'
import type { Draws } from '../tensors/random/draws.ts'
import type { TaskResult } from './task.ts'
import type { Examples, Trained } from './training-plan.ts'
import { sample } from './parts/associations.ts'
import { firstSequences, withTokenNames } from './parts/sequences.ts'
import { accuracyInfo, judged, trialMeans } from './parts/training.ts'
import { defineTraining } from './training-task.ts'
import { asShare } from './parts/judge.ts'

/**
 * Interleaved tasks: a stream of segments, each of one of several tasks. A task is a table of its own over the same keys,
 * drawn afresh for every sequence; its first segment shows the table, every later one asks for it.
 *
 *   | A: a 1, b 2 | B: b 7, a 4 | B: a ?, b ? | A: b ?, a ? | ...
 *
 * All tasks use the same keys, so that an answer needs the task as well as the key.
 * Source: the continual tasks of the studio’s third source document.
 */
export default defineTraining({
  id: 'interleaved-tasks',
  title: 'Interleaved tasks',
  summary: 'Several tasks take turns in one stream: what is still known of one when it comes back?',
  protocol: [
    'A stream goes through several tasks in rounds, in a new order each round; a token names the task of each segment.',
    'In the first round every segment shows its task’s table: each key with the value it has in this task.',
    'In later rounds the keys come in a new order, and the model is trained to predict their values.',
    'Held-out streams: accuracy by round, and by the segments that passed since the task was last seen.'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Stream', lines: ['round 1: a table per task', 'later: its keys again'] },
        { kind: 'train', title: 'Train', lines: ['after a key: its value', 'in the segment’s task'] }
      ]
    },
    { kind: 'cue', title: 'Test', lines: ['held-out streams', 'key → most likely token'] },
    { kind: 'judge', title: 'Judge', lines: ['= the task’s value ?', 'by round and by gap'] }
  ],
  source: 'Unpublished design notes from which this studio began (2025)',
  params: {
    tasks: integer('Tasks', 3, { help: 'Tasks that take turns', min: 2, max: 32 }),
    pairs: integer('Pairs', 3, { help: 'Keys of each task’s table', min: 1, max: 64 }),
    rounds: integer('Rounds', 3, { help: 'Segments of each task; the first shows its table', min: 2, max: 64 }),
    vocabulary: integer('Vocabulary', 32, { help: 'Tokens: task names, keys, and the rest values', min: 6, max: 8192 })
  },
  metrics: [
    accuracyInfo(['testSequences', { param: 'rounds', plus: -1 }, 'tasks', 'pairs']),
    {
      name: 'forgetting',
      label: 'Forgetting',
      direction: 'lower',
      tex: 'P(\\text{right} \\mid \\text{next segment}) - P(\\text{right} \\mid \\text{longest gap})',
      help: 'Accuracy when a task comes back at once, less that after the longest gap.',
      range: [-1, 1]
    }
  ],
  mainMetric: 'accuracy',
  series: [
    {
      name: 'byRound',
      label: 'Accuracy over time',
      x: { label: 'Round' },
      ...asShare,
      help: 'Accuracy in each round of the stream after the first.',
      of: ['testSequences', 'tasks', 'pairs']
    },
    {
      name: 'byGap',
      label: 'Accuracy by gap',
      x: { label: 'Segments since the task was seen', unit: 'segments' },
      ...asShare,
      help: 'Accuracy by the number of segments from the task’s last one to this; 1 is the next segment.'
    }
  ],
  revision: 1,
  sizes: (p) => ({ length: lengthOf(p), asked: (p.rounds - 1) * p.tasks * p.pairs }),
  begin(p, { batch, random }) {
    if (p.vocabulary < p.tasks + p.pairs + 2)
      throw new StudioError(
        'bad-input',
        `${p.tasks} tasks and ${p.pairs} keys need at least two more tokens as values.`,
        { field: 'task.params.vocabulary' }
      )
    const draw = (name: string, sequences: number): Stream => streams(random, name, batch, sequences, p)
    return { examples: (step) => draw(`train.${step}`, p.batchSize).examples, test }

    async function test(trained: Trained): Promise<TaskResult> {
      const { examples, gaps } = draw('test', p.testSequences)
      const right = await judged(trained, examples)
      const shown = firstSequences(examples, batch)
      const each = right.length / batch
      const asked = examples.asked
      const mostGap = 2 * p.tasks - 1
      const share = (trial: number, use: (i: number) => boolean): number => {
        let [sum, count] = [0, 0]
        for (let i = trial * each; i < (trial + 1) * each; i++)
          if (use(i)) {
            sum += right[i]
            count++
          }
        return count ? sum / count : NaN
      }
      const range = (count: number, first: number): number[] => Array.from({ length: count }, (_, i) => first + i)
      const roundOf = (i: number): number => 2 + Math.floor((i % asked) / (p.tasks * p.pairs))
      const byGap = trained.diverged.map((_, b) => range(mostGap, 1).map((gap) => share(b, (i) => gaps[i] === gap)))
      const byRound = trained.diverged.map((_, b) =>
        range(p.rounds - 1, 2).map((r) => share(b, (i) => roundOf(i) === r))
      )
      return {
        metrics: {
          accuracy: trialMeans(right, trained),
          forgetting: byGap.map((shares, trial) => {
            if (trained.diverged[trial]) return NaN
            const seen = shares.filter((value) => !Number.isNaN(value))
            return seen.length > 1 ? seen[0] - seen[seen.length - 1] : null
          })
        },
        series: {
          byRound: { x: range(p.rounds - 1, 2), y: byRound },
          byGap: { x: range(mostGap, 1), y: byGap }
        },
        traces: withTokenNames(await trained.traces(shown), shown, (token) => nameOf(token, p))
      }
    }
  }
})

interface Shape {
  tasks: number
  pairs: number
  rounds: number
  vocabulary: number
}
interface Stream {
  examples: Examples
  /** For each question, segments since its task's last one. */
  gaps: Int32Array
}

const lengthOf = ({ tasks, pairs, rounds }: Shape): number => rounds * tasks * (1 + 2 * pairs)

const nameOf = (token: number, { tasks, pairs }: Shape): string => {
  if (token < tasks) return `task ${token + 1}`
  return token < tasks + pairs ? `key ${token - tasks + 1}` : `value ${token - tasks - pairs + 1}`
}

/** Tokens: the tasks' names, the keys, then the values. The type of a token is the task of its segment. */
export function streams(random: Draws, name: string, batch: number, sequences: number, p: Shape): Stream {
  const { tasks, pairs, rounds, vocabulary } = p
  const [length, asked] = [lengthOf(p), (rounds - 1) * tasks * pairs]
  const firstValue = tasks + pairs
  const rows = batch * sequences
  const perRow = tasks * pairs + rounds * tasks * (1 + pairs)
  const draws = random.uniform(name, sequences * perRow)
  const tokens = new Int32Array(rows * length)
  const types = new Int32Array(rows * length)
  const [positions, targets, gaps] = [0, 1, 2].map(() => new Int32Array(rows * asked))
  for (let row = 0; row < rows; row++) {
    let at = row * perRow
    const below = (n: number): number => Math.min(n - 1, Math.floor(draws[at++] * n))
    const tables = Array.from({ length: tasks }, () =>
      Array.from({ length: pairs }, () => firstValue + below(vocabulary - firstValue))
    )
    const lastSeen = new Array<number>(tasks).fill(0)
    let [token, question, segment] = [row * length, row * asked, 0]
    for (let round = 0; round < rounds; round++)
      for (const task of sample(tasks, tasks, below)) {
        types.fill(task, token, token + 1 + 2 * pairs)
        tokens[token++] = task
        for (const key of sample(pairs, pairs, below)) {
          if (round > 0) {
            positions[question] = token - row * length
            targets[question] = tables[task][key]
            gaps[question++] = segment - lastSeen[task]
          }
          tokens[token++] = tasks + key
          tokens[token++] = tables[task][key]
        }
        lastSeen[task] = segment++
      }
  }
  return { examples: { sequences, length, tokens, types, asked, positions, targets }, gaps }
}

import { StudioError } from '../../src-shared/shapes/errors.ts'
import { integer } from '../../src-shared/shapes/params.ts'
import type { Draws } from '../tensors/random/draws.ts'
import type { Trace } from '../models/model.ts'
import type { TaskResult } from './task.ts'
import type { Examples, Trained } from './training-plan.ts'
import { sample } from './parts/associations.ts'
import { kindsOf, type Vocabulary, vocabularyName, vocabularyOf } from './parts/vocabulary.ts'
import { byTokenType, firstSequences, withTokenNames } from './parts/sequences.ts'
import { accuracyInfo, judged, trialMeans } from './parts/training.ts'
import { defineTraining } from './training-task.ts'
import { asShare } from './parts/judge.ts'

/**
 * Turns: a conversation of n turns of L tokens, each turn one call of the model; memory persists between the calls.
 *
 *   turn t:      . k v . . k v . | . k' ? . .      facts are told, then facts of this turn or of earlier ones asked for
 *   turn t + d:  . . .           | . k  ? . .  -> v
 *
 * A fact is a key and a value. It is told in one of the first n - D turns and asked for once, d turns later, d drawn
 * evenly from 0..D; the answer never stands in the conversation again. Values are drawn independently of all else, so
 * that whoever does not see the turn in which a fact was told is right once in as many times as there are values.
 * Source: the studio's third source document; after Arora et al. (2023) for the form of the questions.
 */
export default defineTraining({
  id: 'turns',
  title: 'Turns',
  summary: 'After training, does a block know facts that were told turns ago, when it sees the present turn only?',
  protocol: [
    'A conversation has turns; each turn is one call of the block, and what the block holds persists between the calls.',
    'In the first turns facts are told: a key and its value, all keys different, among filler.',
    'Each fact is asked for once by its key, in its own turn or up to the longest delay later; its answer is not shown.',
    'Training unrolls all turns of a conversation and draws fresh ones at every step.',
    'Held-out conversations: accuracy by the number of turns between fact and question.'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Conversation', lines: ['turn: … k v … facts', 'd turns later: … k ?'] },
        { kind: 'train', title: 'Train', lines: ['turn by turn, then back', 'after k: its v'] }
      ]
    },
    { kind: 'cue', title: 'Test', lines: ['held-out conversations', 'k → most likely token'] },
    { kind: 'judge', title: 'Judge', lines: ['= v ?', 'by delay in turns'] }
  ],
  source: 'The studio’s source documents (2025); the form of the questions after S. Arora et al. (2023), Zoology',
  params: {
    turns: integer('Turns', 6, { help: 'Turns of a conversation', min: 1, max: 256, symbol: 'n' }),
    turnLength: integer('Turn length', 16, {
      help: 'Tokens of a turn',
      min: 4,
      max: 1024,
      scale: 'log',
      symbol: 'L',
      unit: 'tokens'
    }),
    facts: integer('Facts', 8, {
      help: 'Facts of a conversation; each is asked for once',
      min: 1,
      max: 512,
      scale: 'log'
    }),
    delay: integer('Longest delay', 3, {
      help: 'Turns between a fact and its question at most; facts are told in the turns that leave room for it',
      min: 0,
      max: 255,
      symbol: 'D',
      unit: 'turns'
    }),
    vocabulary: integer('Vocabulary', 64, {
      help: 'Tokens: one filler, then as many keys as values',
      min: 4,
      max: 8192
    })
  },
  metrics: [
    {
      name: 'longest',
      label: 'Accuracy at the longest delay',
      ...asShare,
      tex: 'P(\\hat v = v \\mid d = D)',
      help: 'Share of the questions of held-out conversations, asked as many turns after the fact as the longest delay, for which the most likely token is the right one.'
    },
    {
      name: 'withinTurn',
      label: 'Accuracy within the turn',
      ...asShare,
      tex: 'P(\\hat v = v \\mid d = 0)',
      help: 'The same of questions that are asked in the turn in which the fact was told.'
    },
    accuracyInfo(['testSequences', 'facts']),
    {
      name: 'carriedBytes',
      label: 'Bytes carried over',
      unit: 'B',
      direction: 'lower',
      tex: '4\\,S_{\\text{between}}',
      help: 'Bytes that the memories of all layers keep from one turn to the next.'
    }
  ],
  mainMetric: 'longest',
  series: [
    {
      name: 'byDelay',
      label: 'Accuracy by delay',
      x: { label: 'Turns since the fact', unit: 'turns' },
      ...asShare,
      help: 'Accuracy on held-out conversations by the turns between a fact and its question; 0 within the turn.'
    }
  ],
  revision: 1,
  sizes: (p) => ({ length: p.turns * p.turnLength, turn: p.turnLength, asked: p.facts }),
  begin(p, { batch, random }) {
    const shape = shapeOf(p)
    const draw = (name: string, sequences: number): Conversations =>
      conversations(random, name, batch, sequences, shape)
    const length = p.turns * p.turnLength
    return { examples: (step) => draw(`train.${step}`, p.batchSize).examples, test }

    async function test(trained: Trained): Promise<TaskResult> {
      const { examples, delays } = draw('test', p.testSequences)
      const right = await judged(trained, examples)
      const each = p.testSequences * p.facts
      // accuracy[trial][delay]; NaN where nothing was asked at a delay.
      const byDelay = trained.diverged.map((_, trial) => {
        const own = Array.from({ length: p.delay + 1 }, () => ({ sum: 0, count: 0 }))
        for (let i = trial * each; i < (trial + 1) * each; i++) {
          own[delays[i]].sum += right[i]
          own[delays[i]].count++
        }
        return own.map(({ sum, count }) => sum / count)
      })
      const at = (delay: number): (number | null)[] =>
        byDelay.map((own, trial) => (trained.diverged[trial] ? NaN : Number.isNaN(own[delay]) ? null : own[delay]))
      return {
        metrics: {
          longest: at(p.delay),
          withinTurn: at(0),
          accuracy: trialMeans(right, trained),
          carriedBytes: trained.diverged.map(() => trained.cost.keptBytes)
        },
        series: { byDelay: { x: Array.from({ length: p.delay + 1 }, (_, d) => d), y: byDelay } },
        traces: await shown()
      }

      async function shown(): Promise<Trace[]> {
        const first = firstSequences(examples, batch)
        const traces = withTokenNames(await trained.traces(first), first, (token) =>
          vocabularyName(token, shape.vocabulary)
        )
        return [...traces, ...byTokenType(traces, length, tokenTypes, typeOf)]

        function typeOf(trial: number, t: number): string {
          const [token, next] = [first.tokens[trial * length + t], first.tokens[trial * length + t + 1]]
          if (token === 0) return 'filler'
          if (token >= shape.vocabulary.firstValue) return 'value'
          return t + 1 < length && next >= shape.vocabulary.firstValue ? 'key' : 'question'
        }
      }
    }
  }
})

const tokenTypes = ['key', 'value', 'filler', 'question']

interface ConversationShape {
  turns: number
  turnLength: number
  facts: number
  delay: number
  vocabulary: Vocabulary
}

/** Turns in which facts are told, facts of one of them at most, and questions of any turn at most. */
function room({
  turns,
  facts,
  delay
}: Pick<ConversationShape, 'turns' | 'facts' | 'delay'>): Record<'told' | 'facts' | 'questions', number> {
  const told = turns - delay
  const most = Math.ceil(facts / told)
  return { told, facts: most, questions: Math.min(facts, Math.min(told, delay + 1) * Math.ceil(most / (delay + 1))) }
}

/** @throws StudioError bad-input for facts that do not fit into the turns or the vocabulary */
function shapeOf(p: Omit<ConversationShape, 'vocabulary'> & { vocabulary: number }): ConversationShape {
  const refuse = (name: string, message: string): never => {
    throw new StudioError('bad-input', message, { field: `task.params.${name}` })
  }
  const { turns, turnLength, facts, delay } = p
  const vocabulary = vocabularyOf(p.vocabulary)
  if (delay >= turns) refuse('delay', `A delay of ${delay} turns needs ${delay + 1} turns at least.`)
  const needed = room(p)
  const slots = needed.facts + needed.questions
  if (2 * slots > turnLength)
    refuse(
      'turnLength',
      `Up to ${needed.facts} facts and ${needed.questions} questions of a turn need ${2 * slots} tokens: make turns longer, or tell fewer facts in more of them.`
    )
  if (facts > vocabulary.keys) refuse('vocabulary', `${facts} different keys need a vocabulary of ${2 * facts + 1}.`)
  return { turns, turnLength, facts, delay, vocabulary }
}

export interface Conversations {
  examples: Examples
  /** For each question, turns since its fact was told. */
  delays: Int32Array
}

/**
 * Facts are dealt to the turns that may tell them, in random order; the facts of a turn are asked for at delays that
 * follow one another from a random one on, so that no turn can be asked for more than fits. Facts stand in the first
 * slots of a turn, questions in the last, each at random; a slot is two tokens. [B, sequences, facts] flat.
 */
export function conversations(
  random: Draws,
  name: string,
  batch: number,
  sequences: number,
  shape: ConversationShape
): Conversations {
  const { turns, turnLength, facts, delay, vocabulary } = shape
  const { told, facts: most, questions } = room(shape)
  const length = turns * turnLength
  const rows = batch * sequences
  const slots = Math.floor(turnLength / 2)
  const [first, last] = [slots - questions, questions]
  // One number for every choice: keys, values, the order of turns, their first delays, and places of facts and questions.
  const perRow = 2 * facts + 2 * told + told * most + turns * questions
  const draws = random.uniform(name, sequences * perRow)
  const tokens = new Int32Array(rows * length)
  const positions = new Int32Array(rows * facts)
  const targets = new Int32Array(rows * facts)
  const delays = new Int32Array(rows * facts)
  for (let row = 0; row < rows; row++) {
    let at = row * perRow
    const below = (n: number): number => Math.min(n - 1, Math.floor(draws[at++] * n))
    const keys = sample(facts, vocabulary.keys, below)
    const values = keys.map(() => vocabulary.firstValue + below(vocabulary.values))
    const order = sample(told, told, below)
    const offsets = order.map(() => below(delay + 1))
    const places = order.map(() => sample(most, first, below))
    const asked = Array.from({ length: turns }, () => sample(questions, last, below))
    const used = new Int32Array(turns)
    for (let fact = 0; fact < facts; fact++) {
      const [turn, nth] = [order[fact % told], Math.floor(fact / told)]
      const wait = (offsets[turn] + nth) % (delay + 1)
      const tell = turn * turnLength + 2 * places[turn][nth]
      const when = turn + wait
      const ask = when * turnLength + 2 * (first + asked[when][used[when]++])
      const [key, value] = [1 + keys[fact], values[fact]]
      tokens[row * length + tell] = key
      tokens[row * length + tell + 1] = value
      tokens[row * length + ask] = key
      const question = row * facts + fact
      positions[question] = ask
      targets[question] = value
      delays[question] = wait
    }
  }
  const types = kindsOf(tokens, vocabulary)
  return { examples: { sequences, length, tokens, types, asked: facts, positions, targets }, delays }
}

import { StudioError } from '../../src-shared/shapes/errors.ts'
import { integer } from '../../src-shared/shapes/params.ts'
import { associations, type AssociationShape } from './parts/associations.ts'
import { vocabularyName, vocabularyOf } from './parts/vocabulary.ts'
import type { Trace } from '../models/model.ts'
import { byTokenType, firstSequences, withTokenNames } from './parts/sequences.ts'
import { accuracyInfo, judged, trialMeans } from './parts/training.ts'
import type { TaskResult } from './task.ts'
import type { Trained } from './training-plan.ts'
import { defineTraining } from './training-task.ts'
import { asShare } from './parts/judge.ts'

/**
 * Multi-query associative recall: k_1 v_1 ... k_n v_n, then filler in which keys come up again; after each, predict its
 * (newest) value. Trained on sequences of the trial's stream `train.STEP`, tested on those of `test`.
 * Source: Arora et al. (2023), Zoology: measuring and improving recall in efficient language models.
 */
export default defineTraining({
  id: 'associative-recall',
  title: 'Associative recall',
  summary: 'After training, does a block recall the value that followed a key earlier in the sequence?',
  protocol: [
    'A sequence begins with pairs of a key and a value, drawn afresh for every sequence.',
    'Filler follows, in which keys of the list come up again at random places, each followed by its value.',
    'The model is trained to predict the value after each repeated key; with re-assigned keys, the newest value.',
    'It trains on fresh sequences of the trial’s seed until it has learned or its steps are over.',
    'It is tested on held-out sequences: how often is the most likely token the right value?'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Sequence', lines: ['k₁ v₁ k₂ v₂ … the list', 'filler with … kᵢ vᵢ …'] },
        { kind: 'train', title: 'Train', lines: ['after kᵢ again: its vᵢ', 'the newest if re-assigned'] }
      ]
    },
    { kind: 'cue', title: 'Test', lines: ['held-out sequences', 'kᵢ → most likely token'] },
    { kind: 'judge', title: 'Judge', lines: ['= newest vᵢ ?', 'by distance'] }
  ],
  source: 'S. Arora et al. (2023), Zoology: measuring and improving recall in efficient language models',
  params: {
    pairs: integer('Pairs', 8, { help: 'Pairs at the beginning of a sequence', min: 1, max: 512, scale: 'log' }),
    length: integer('Length', 64, { help: 'Tokens of a sequence', min: 4, max: 4096, scale: 'log', unit: 'tokens' }),
    queries: integer('Queries', 24, {
      help: 'Keys asked again in a sequence; 1 is the single form',
      min: 1,
      max: 2048
    }),
    reassigned: integer('Re-assigned keys', 0, {
      help: 'Pairs at the end of the list that give an earlier key a new value; the newest is the right one',
      min: 0,
      max: 256
    }),
    vocabulary: integer('Vocabulary', 64, {
      help: 'Tokens: one filler, then as many keys as values',
      min: 4,
      max: 8192
    })
  },
  metrics: [
    accuracyInfo(['testSequences', 'queries']),
    {
      name: 'reassignedAccuracy',
      label: 'Accuracy of re-assigned keys',
      ...asShare,
      tex: '\\frac{1}{n}\\sum_{i: k_i \\text{ re-assigned}} [\\hat v_i = v_i]',
      help: 'The same over the keys that had an earlier value; none where no key is re-assigned.'
    }
  ],
  mainMetric: 'accuracy',
  series: [
    {
      name: 'byDistance',
      label: 'Accuracy by distance',
      x: { label: 'Tokens since the value', unit: 'tokens' },
      ...asShare,
      help: 'Accuracy on held-out sequences by the number of tokens between a pair and its question, in eight classes.'
    }
  ],
  revision: 1,
  sizes: ({ length, queries }) => ({ length, asked: queries }),
  begin(p, { batch, random }) {
    const shape = shapeOf(p)
    const draw = (name: string, sequences: number) => associations(random, name, batch, sequences, shape)
    return { examples: (step) => draw(`train.${step}`, p.batchSize).examples, test }

    async function test(trained: Trained): Promise<TaskResult> {
      const { examples, distances, reassigned } = draw('test', p.testSequences)
      const right = await judged(trained, examples)
      const accuracy = trialMeans(right, trained)
      const each = p.testSequences * p.queries
      return {
        metrics: {
          accuracy,
          reassignedAccuracy: accuracy.map((value, trial) =>
            Number.isNaN(value) ? NaN : meanWhere(right, trial * each, each, (i) => reassigned[i] === 1)
          )
        },
        series: { byDistance: byDistance(right, distances, batch, p.length) },
        traces: await shown()
      }

      async function shown(): Promise<Trace[]> {
        const first = firstSequences(examples, batch)
        const traces = withTokenNames(await trained.traces(first), first, (token) =>
          vocabularyName(token, shape.vocabulary)
        )
        return [...traces, ...byTokenType(traces, p.length, tokenTypes, typeOf)]

        function typeOf(trial: number, t: number): string {
          const token = first.tokens[trial * p.length + t]
          if (t < 2 * p.pairs) return t % 2 ? 'value' : 'key'
          if (token === 0) return 'filler'
          return token < shape.vocabulary.firstValue ? 'question' : 'answer'
        }
      }
    }
  }
})

const tokenTypes = ['key', 'value', 'filler', 'question', 'answer']

/** @throws StudioError bad-input for a list that does not fit into the sequence or the vocabulary */
function shapeOf(p: Omit<AssociationShape, 'vocabulary'> & { vocabulary: number }): AssociationShape {
  const refuse = (name: string, message: string): never => {
    throw new StudioError('bad-input', message, { field: `task.params.${name}` })
  }
  const vocabulary = vocabularyOf(p.vocabulary)
  const { pairs, length, queries, reassigned } = p
  if (2 * (pairs + queries) > length)
    refuse('length', `${pairs} pairs and ${queries} queries need a length of ${2 * (pairs + queries)} at least.`)
  if (2 * reassigned > pairs) refuse('reassigned', 'At most half of the pairs can give an earlier key a new value.')
  if (pairs - reassigned > vocabulary.keys)
    refuse('vocabulary', `${pairs - reassigned} different keys need a vocabulary of ${2 * (pairs - reassigned) + 1}.`)
  return { pairs, length, queries, reassigned, vocabulary }
}

/** Mean of some of the values from a place on; null where there are none. */
function meanWhere(values: Float32Array, from: number, count: number, use: (i: number) => boolean): number | null {
  let [sum, n] = [0, 0]
  for (let i = from; i < from + count; i++)
    if (use(i)) {
      sum += values[i]
      n++
    }
  return n ? sum / n : null
}

const classes = 8

/** Accuracy by distance in classes of equal width; NaN where a trial has no question of a class. */
function byDistance(
  right: Float32Array,
  distances: Int32Array,
  batch: number,
  length: number
): { x: number[]; y: number[][] } {
  const width = Math.ceil(length / classes)
  const each = right.length / batch
  const classOf = (i: number): number => Math.floor(distances[i] / width)
  return {
    x: Array.from({ length: classes }, (_, c) => (c + 0.5) * width),
    y: Array.from({ length: batch }, (_, trial) =>
      Array.from({ length: classes }, (_, c) => meanWhere(right, trial * each, each, (i) => classOf(i) === c) ?? NaN)
    )
  }
}

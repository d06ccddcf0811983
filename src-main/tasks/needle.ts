import { StudioError } from '../../src-shared/shapes/errors.ts'
import { integer, type NumbersParam } from '../../src-shared/shapes/params.ts'
import type { Draws } from '../tensors/random/draws.ts'
import type { TaskResult } from './task.ts'
import type { Examples, Trained } from './training-plan.ts'
import type { Trace } from '../models/model.ts'
import { kindsOf, vocabularyName, vocabularyOf } from './parts/vocabulary.ts'
import { firstSequences, withTokenNames } from './parts/sequences.ts'
import { accuracyInfo, judged, mean, trainingParams } from './parts/training.ts'
import { defineTraining } from './training-task.ts'
import { asShare } from './parts/judge.ts'

const lengths: NumbersParam = {
  type: 'numbers',
  label: 'Lengths',
  help: 'Tokens of the sequences: training goes through them in turn, the test asks at each',
  unit: 'tokens',
  default: [16, 32, 48, 64],
  min: 8,
  max: 4096
}

/** Classes of depth: the test puts the needle in the middle of each. */
const depths = 8

/**
 * Needle in a haystack: one pair of a key and a value among distractors; at the end the key is asked again.
 *
 *   f f f k v f f f ... f k -> v
 *
 * Depth = where the pair lies, from 0 (the beginning) to 1 (just before the question). The distractors are values too, so
 * that nothing but the key before it tells the right one.
 * Source: G. Kamradt (2023), Needle in a haystack; Arora et al. (2023) for the synthetic form.
 */
export default defineTraining({
  id: 'needle',
  title: 'Needle',
  summary: 'After training, does a block find one pair among many distractors, wherever it lies?',
  protocol: [
    'A sequence is filled with distractors; somewhere among them lies one pair of a key and a value.',
    'At its end the key comes again, and the model is trained to predict its value.',
    'Training goes through all lengths and draws the place of the pair afresh for every sequence.',
    'Held-out sequences put the pair at eight depths of every length: a heat map of accuracy.'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Sequence', lines: ['… distractors … k v …', 'at the end: k'] },
        { kind: 'train', title: 'Train', lines: ['after the last k: v', 'lengths in turn'] }
      ]
    },
    {
      repeat: 'each length and depth',
      phases: [
        { kind: 'cue', title: 'Test', lines: ['held-out sequences', 'last k → likeliest token'] },
        { kind: 'judge', title: 'Judge', lines: ['= v ?'] }
      ]
    }
  ],
  source: 'G. Kamradt (2023), Needle in a haystack; the synthetic form after S. Arora et al. (2023), Zoology',
  params: {
    lengths,
    vocabulary: integer('Vocabulary', 32, {
      help: 'Tokens: one unused, then as many keys as values',
      min: 5,
      max: 8192
    }),
    batchSize: { ...trainingParams.batchSize, default: 32 }
  },
  metrics: [
    accuracyInfo(['testSequences', 'lengths', depths]),
    {
      name: 'worst',
      label: 'Accuracy at the worst place',
      ...asShare,
      tex: '\\min_{\\text{length}, \\text{depth}} P(\\hat v = v)',
      help: 'The smallest accuracy over all lengths and depths.',
      of: ['testSequences']
    }
  ],
  mainMetric: 'accuracy',
  series: [
    {
      name: 'byDepth',
      label: 'Accuracy by depth',
      x: { label: 'Depth' },
      ...asShare,
      help: 'Accuracy at the greatest length by the place of the pair: 0 the beginning, 1 just before the question.',
      of: ['testSequences']
    },
    {
      name: 'byLength',
      label: 'Accuracy by length',
      x: { label: 'Length', unit: 'tokens' },
      ...asShare,
      help: 'Accuracy at each length, mean over depths.',
      of: ['testSequences', depths]
    }
  ],
  revision: 1,
  sizes: ({ lengths }) => ({ length: mean(lengths), longest: Math.max(...lengths), asked: 1 }),
  begin(p, { batch, random }) {
    const sizes = [...p.lengths].sort((a, b) => a - b)
    if (sizes.some((n) => !Number.isInteger(n)))
      throw new StudioError('bad-input', 'Lengths must be whole numbers of tokens.', { field: 'task.params.lengths' })
    const draw = (name: string, sequences: number, length: number, depth?: number): Examples =>
      needles(random, name, batch, sequences, { length, vocabulary: p.vocabulary, depth })
    return {
      examples: (step) => draw(`train.${step}`, p.batchSize, sizes[step % sizes.length]),
      test
    }

    async function test(trained: Trained): Promise<TaskResult> {
      // accuracy[trial][length][depth]
      const accuracy = trained.diverged.map(() => sizes.map(() => new Array<number>(depths).fill(0)))
      let shown: Examples | undefined
      for (const [i, length] of sizes.entries())
        for (let d = 0; d < depths; d++) {
          const test = draw(`test.${length}.${d}`, p.testSequences, length, (d + 0.5) / depths)
          const right = await judged(trained, test)
          accuracy.forEach((own, trial) => {
            own[i][d] = mean(right.subarray(trial * p.testSequences, (trial + 1) * p.testSequences))
          })
          shown = test
        }
      const maps = async (first: Examples): Promise<Trace[]> =>
        withTokenNames(await trained.traces(first), first, (token) => vocabularyName(token, vocabularyOf(p.vocabulary)))
      const unless = (trial: number, value: number): number => (trained.diverged[trial] ? NaN : value)
      const map: Trace = {
        name: 'depth-length',
        title: 'Accuracy by length and depth',
        kind: 'heatmap',
        axes: ['Length', 'Depth'],
        perTrial: accuracy.map((own) => ({
          shape: [sizes.length, depths],
          data: own.flat(),
          labels: [...sizes.map(String), ...depthNames]
        }))
      }
      return {
        metrics: {
          accuracy: accuracy.map((own, trial) => unless(trial, mean(own.flat()))),
          worst: accuracy.map((own, trial) => unless(trial, Math.min(...own.flat())))
        },
        series: {
          byDepth: { x: depthNames.map(Number), y: accuracy.map((own) => own[sizes.length - 1]) },
          byLength: { x: sizes, y: accuracy.map((own) => own.map(mean)) }
        },
        traces: [map, ...(await maps(firstSequences(shown!, batch)))]
      }
    }
  }
})

const depthNames = Array.from({ length: depths }, (_, d) => ((d + 0.5) / depths).toFixed(2))

/** Distractors are drawn among the values; the pair lies at a depth, or anywhere. */
export function needles(
  random: Draws,
  name: string,
  batch: number,
  sequences: number,
  { length, vocabulary, depth }: { length: number; vocabulary: number; depth?: number }
): Examples {
  const { keys, values, firstValue } = vocabularyOf(vocabulary)
  const rows = batch * sequences
  const tokens = random.integers(`${name}.tokens`, sequences * length, firstValue, firstValue + values)
  const asked = random.integers(`${name}.keys`, sequences, 1, 1 + keys)
  const places = random.uniform(`${name}.depths`, sequences)
  const positions = new Int32Array(rows).fill(length - 1)
  const targets = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    // The pair takes two of the tokens before the question.
    const at = row * length + Math.floor((depth ?? places[row]) * (length - 2))
    tokens[at] = asked[row]
    targets[row] = tokens[at + 1]
    tokens[(row + 1) * length - 1] = asked[row]
  }
  return { sequences, length, tokens, types: kindsOf(tokens, { firstValue }), asked: 1, positions, targets }
}

import { integer } from '../../src-shared/shapes/params.ts'
import { accuracyInfo, judged, trialMeans } from './parts/training.ts'
import { firstSequences, withTokenNames } from './parts/sequences.ts'
import { defineTraining } from './training-task.ts'
import type { Examples } from './training-plan.ts'
import type { Draws } from '../tensors/random/draws.ts'
import { asShare } from './parts/judge.ts'

/**
 * Copy: n random tokens, a separator, then the same tokens again, each to be predicted.
 *
 *   x_1 ... x_n | x_1 ... x_(n-1),   asked after | and after every copied token
 *
 * Source: the copying task of Arjovsky et al. (2016); Jelassi et al. (2024), Repeat after me.
 */
export default defineTraining({
  id: 'copy',
  title: 'Copy',
  summary: 'After training, how long a string of tokens can a block say again?',
  protocol: [
    'A sequence begins with random tokens and a separator.',
    'The model is trained to say the tokens again in their order, each after the one before.',
    'It trains on fresh sequences until it has learned or its steps are over.',
    'Held-out sequences: the share that is copied without a fault, and how long a beginning is in 95 % of them.'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Sequence', lines: ['x₁ x₂ … xₙ | x₁ x₂ …'] },
        { kind: 'train', title: 'Train', lines: ['after | : x₁', 'after xᵢ again: xᵢ₊₁'] }
      ]
    },
    { kind: 'cue', title: 'Test', lines: ['held-out sequences', 'each xᵢ from those before'] },
    { kind: 'judge', title: 'Judge', lines: ['all n right ?', 'longest right in 95 %'] }
  ],
  source: 'M. Arjovsky et al. (2016), Unitary evolution recurrent networks; S. Jelassi et al. (2024), Repeat after me',
  params: {
    copyLength: integer('Length', 16, { help: 'Tokens to be copied', min: 1, max: 2048, scale: 'log', unit: 'tokens' }),
    vocabulary: integer('Vocabulary', 32, { help: 'Tokens, the separator among them', min: 3, max: 8192 })
  },
  defaultSweep: { copyLength: [8, 16, 32] },
  metrics: [
    {
      name: 'exact',
      label: 'Exact copies',
      ...asShare,
      tex: '\\frac{1}{n}\\sum_s \\prod_i [\\hat x_{si} = x_{si}]',
      help: 'Share of held-out sequences that are copied without a fault.',
      of: ['testSequences']
    },
    accuracyInfo(['testSequences', 'copyLength']),
    {
      name: 'longest',
      label: 'Longest copied',
      unit: 'tokens',
      direction: 'higher',
      tex: '\\max\\{k : P(\\hat x_{1..k} = x_{1..k}) \\ge 0.95\\}',
      help: 'The longest beginning that at least 95 % of the held-out sequences copy without a fault.',
      most: 'copyLength'
    }
  ],
  mainMetric: 'exact',
  series: [
    {
      name: 'byPrefix',
      label: 'Faultless so far',
      x: { label: 'Tokens copied', unit: 'tokens' },
      ...asShare,
      help: 'Share of held-out sequences whose first tokens, up to this one, are all copied right.',
      of: ['testSequences']
    }
  ],
  derived: [
    {
      name: 'length',
      label: 'Length at 95 %',
      kind: 'crossing',
      metric: 'exact',
      axis: 'copyLength',
      threshold: 0.95,
      scale: 'log',
      help: 'The length at which the share of exact copies falls through 95 %, interpolated linearly in its logarithm.'
    }
  ],
  revision: 1,
  sizes: ({ copyLength }) => ({ length: 2 * copyLength, asked: copyLength }),
  begin(p, { batch, random }) {
    const draw = (name: string, sequences: number): Examples => copies(random, name, batch, sequences, p)
    return {
      examples: (step) => draw(`train.${step}`, p.batchSize),
      async test(trained) {
        const test = draw('test', p.testSequences)
        const shown = firstSequences(test, batch)
        const right = await judged(trained, test)
        const prefixes = trained.diverged.map((_, trial) => byPrefix(right, trial, p.testSequences, p.copyLength))
        const unless = (trial: number, value: number): number => (trained.diverged[trial] ? NaN : value)
        return {
          metrics: {
            exact: prefixes.map((shares, trial) => unless(trial, shares[p.copyLength - 1])),
            accuracy: trialMeans(right, trained),
            longest: prefixes.map((shares, trial) => unless(trial, shares.filter((share) => share >= 0.95).length))
          },
          series: { byPrefix: { x: Array.from({ length: p.copyLength }, (_, i) => i + 1), y: prefixes } },
          traces: withTokenNames(await trained.traces(shown), shown, (token) => (token === 0 ? '|' : `token ${token}`))
        }
      }
    }
  }
})

/** Token 0 separates; the others are drawn alike. */
function copies(
  random: Draws,
  name: string,
  batch: number,
  sequences: number,
  { copyLength: n, vocabulary }: { copyLength: number; vocabulary: number }
): Examples {
  const targets = random.integers(name, sequences * n, 1, vocabulary)
  const tokens = new Int32Array(batch * sequences * 2 * n)
  const positions = new Int32Array(targets.length)
  for (let row = 0; row < batch * sequences; row++) {
    const list = targets.subarray(row * n, (row + 1) * n)
    tokens.set(list, row * 2 * n)
    tokens.set(list.subarray(0, n - 1), row * 2 * n + n + 1)
    for (let i = 0; i < n; i++) positions[row * n + i] = n + i
  }
  const types = tokens.map((token) => (token === 0 ? 0 : 1))
  return { sequences, length: 2 * n, tokens, types, asked: n, positions, targets }
}

/** For every k the share of a trial's sequences whose first k tokens are right. */
function byPrefix(right: Float32Array, trial: number, sequences: number, length: number): number[] {
  const shares = new Array<number>(length).fill(0)
  for (let s = 0; s < sequences; s++) {
    const start = (trial * sequences + s) * length
    for (let k = 0; k < length && right[start + k] === 1; k++) shares[k] += 1 / sequences
  }
  // Sums of 1/n may miss 1 by a rounding.
  return shares.map((share) => Math.round(share * sequences) / sequences)
}

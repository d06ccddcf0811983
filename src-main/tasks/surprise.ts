import { integer } from '../../src-shared/shapes/params.ts'
import type { Draws } from '../tensors/random/draws.ts'
import type { TaskResult } from './task.ts'
import type { Examples, Trained } from './training-plan.ts'
import type { Trace } from '../models/model.ts'
import { byTokenType, firstSequences, withMarks, withTokenNames } from './parts/sequences.ts'
import { accuracyInfo, trialMeans } from './parts/training.ts'
import { defineTraining } from './training-task.ts'
import { asCosine } from './parts/judge.ts'

/**
 * Surprise: predictable stretches, in which each token follows from the one before by the stretch's own step, take turns
 * with unpredictable ones, whose tokens are random.
 *
 *   predictable:  x_(t+1) = x_t + step  (mod V),  a new step for every stretch
 *
 * What a model finds surprising (-ln p of the token that came) and what its memory reports of itself (surprise, gate)
 * are correlated with the truth: 1 at a token that could not be foretold, and 1 at the first token of a stretch.
 * Source: Behrouz et al. (2025), Titans, for surprise; Zacks et al. (2007) for boundaries of events.
 */
export default defineTraining({
  id: 'surprise',
  title: 'Surprise',
  summary: 'Do a model’s surprise and its memory’s gate rise where the sequence stops being predictable?',
  protocol: [
    'A sequence is made of stretches: in every other one each token follows from the one before by a step of its own.',
    'The stretches between them are random tokens.',
    'The model is trained to predict the next token in the predictable stretches, from their third token on.',
    'On held-out sequences its surprise at every token, and what its memories report over tokens, are correlated with the true boundaries.'
  ],
  diagram: [
    {
      repeat: 'each step, until learned',
      phases: [
        { kind: 'draw', title: 'Sequence', lines: ['stretch: xₜ₊₁ = xₜ + step', 'stretch: random tokens'] },
        { kind: 'train', title: 'Train', lines: ['next token, where it', 'can be foretold'] }
      ]
    },
    { kind: 'cue', title: 'Test', lines: ['held-out: −ln p of tokens', 'memory’s surprise, gate'] },
    { kind: 'judge', title: 'Judge', lines: ['correlation with where', 'nothing can be foretold'] }
  ],
  source: 'A. Behrouz et al. (2025), Titans; J. Zacks et al. (2007), Event perception',
  params: {
    stretch: integer('Stretch', 8, { help: 'Tokens of a stretch', min: 4, max: 256, unit: 'tokens' }),
    stretches: integer('Stretches', 6, { help: 'Stretches of a sequence, the first predictable', min: 2, max: 64 }),
    vocabulary: integer('Vocabulary', 16, { help: 'Tokens, as on a circle', min: 4, max: 1024 })
  },
  metrics: [
    {
      name: 'surpriseCorrelation',
      label: 'Surprise and unpredictability',
      ...asCosine,
      tex: 'r(-\\ln p_t,\\ \\text{unpredictable}_t)',
      help: 'Correlation, over tokens of held-out sequences, of -ln p of the token that came with whether it could not be foretold.'
    },
    {
      name: 'memoryCorrelation',
      label: 'Memory surprise and unpredictability',
      ...asCosine,
      tex: 'r(\\lVert g \\rVert_t,\\ \\text{unpredictable}_t)',
      help: 'The same for the surprise that the neural memory of the last layer reports of itself; none for blocks without.'
    },
    {
      name: 'gateCorrelation',
      label: 'Gate and unpredictability',
      direction: 'none',
      tex: 'r(g_t,\\ \\text{unpredictable}_t)',
      help: 'The same for the gate of the last layer; above 0 the neural memory is used more where tokens cannot be foretold.',
      chance: 0,
      range: [-1, 1]
    },
    {
      ...accuracyInfo(['testSequences', { param: 'stretches', over: 2 }, { param: 'stretch', plus: -2 }]),
      help: 'Share of the tokens of predictable stretches, from the third on, that are predicted right.'
    }
  ],
  mainMetric: 'surpriseCorrelation',
  series: [
    {
      name: 'aroundBoundary',
      label: 'Surprise around the end of a predictable stretch',
      unit: 'nat',
      x: { label: 'Token from the boundary', unit: 'tokens' },
      direction: 'none',
      help: 'Mean -ln p of the tokens before and after a predictable stretch ends; 0 is the first random token.',
      positive: true
    }
  ],
  revision: 1,
  sizes: ({ stretch, stretches }) => ({ length: stretch * stretches, asked: stretch * stretches }),
  begin(p, { batch, random }) {
    const length = p.stretch * p.stretches
    const draw = (name: string, sequences: number): Int32Array => stretches(random, name, batch, sequences, p)
    const foretold = (t: number): boolean => Math.floor(t / p.stretch) % 2 === 0 && t % p.stretch >= 2
    const predictable = Array.from({ length }, (_, t) => t).filter(foretold)
    const all = Array.from({ length: length - 1 }, (_, t) => t + 1)
    return {
      examples: (step) => asking(draw(`train.${step}`, p.batchSize), p.batchSize, length, predictable),
      test
    }

    async function test(trained: Trained): Promise<TaskResult> {
      const held = asking(draw('test', p.testSequences), p.testSequences, length, all)
      const { predicted, loss } = await trained.answer(held)
      const foretoldOf = (i: number): boolean => foretold(all[i % all.length])
      const right = Float32Array.from(
        predicted.filter((_, i) => foretoldOf(i)),
        (token, i) => {
          const at = Math.floor(i / predictable.length) * all.length + all.indexOf(predictable[i % predictable.length])
          return token === held.targets[at] ? 1 : 0
        }
      )
      const each = loss.length / batch
      const truth = Float32Array.from({ length: each }, (_, i) => (foretoldOf(i) ? 0 : 1))
      const unless = <T>(trial: number, value: T): T | number => (trained.diverged[trial] ? NaN : value)
      const surprises = Array.from({ length: batch }, (_, b) => loss.subarray(b * each, (b + 1) * each))
      const reports = await trained.traces(held)
      const reported = (name: string): (number | null)[] => correlations(reports, name, batch, length, foretold)
      const [memory, gate] = [reported('surprise'), reported('gate')]
      return {
        metrics: {
          surpriseCorrelation: surprises.map((values, trial) => unless(trial, correlation(values, truth))),
          memoryCorrelation: memory.map((r, trial) => unless(trial, r)),
          gateCorrelation: gate.map((r, trial) => unless(trial, r)),
          accuracy: trialMeans(right, trained)
        },
        series: { aroundBoundary: aroundBoundary(surprises, p, all.length) },
        traces: await shown()
      }

      async function shown(): Promise<Trace[]> {
        const first = firstSequences(held, batch)
        const traces = withTokenNames(await trained.traces(first), first, (token) => `token ${token + 1}`)
        const line: Trace = {
          name: 'surprise',
          title: 'Surprise of the model, with the true boundaries',
          kind: 'line',
          axes: ['Token', '-ln p (nat)'],
          perTrial: surprises.map((values) => ({
            shape: [all.length, 2],
            data: all.flatMap((t, i) => [values[i], t % p.stretch === 0 ? 1 : 0]),
            labels: ['surprise', 'boundary']
          }))
        }
        const types = ['foretold', 'boundary', 'random']
        const typeOf = (_: number, t: number): string =>
          foretold(t) ? 'foretold' : t % p.stretch === 0 ? 'boundary' : 'random'
        const boundaries = Array.from({ length }, (_, t) => (t > 0 && t % p.stretch === 0 ? 1 : 0))
        return [
          line,
          ...traces.map((trace) => withMarks(trace, boundaries, 'boundary')),
          ...byTokenType(traces, length, types, typeOf)
        ]
      }
    }
  }
})

interface Shape {
  stretch: number
  stretches: number
  vocabulary: number
}

/** [B, sequences, stretches * stretch] tokens. */
function stretches(random: Draws, name: string, batch: number, sequences: number, p: Shape): Int32Array {
  const { stretch, stretches, vocabulary } = p
  const length = stretch * stretches
  const tokens = random.integers(`${name}.tokens`, sequences * length, 0, vocabulary)
  const steps = random.integers(`${name}.steps`, sequences * stretches, 1, vocabulary)
  for (let row = 0; row < batch * sequences; row++)
    for (let s = 0; s < stretches; s += 2)
      for (let i = 1; i < stretch; i++) {
        const at = row * length + s * stretch + i
        tokens[at] = (tokens[at - 1] + steps[row * stretches + s]) % vocabulary
      }
  return tokens
}

/** Each of the given tokens is to be predicted from the one before it. */
function asking(tokens: Int32Array, sequences: number, length: number, asked: readonly number[]): Examples {
  const rows = tokens.length / length
  const positions = new Int32Array(rows * asked.length)
  const targets = new Int32Array(rows * asked.length)
  for (let row = 0; row < rows; row++)
    asked.forEach((t, i) => {
      positions[row * asked.length + i] = t - 1
      targets[row * asked.length + i] = tokens[row * length + t]
    })
  return { sequences, length, tokens, asked: asked.length, positions, targets }
}

/** Pearson's r; null where one of the two does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const n = a.length
  const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, v) => sum + v, 0) / n
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    ab += (a[i] - ma) * (b[i] - mb)
    aa += (a[i] - ma) ** 2
    bb += (b[i] - mb) ** 2
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null
}

/** For each trial the correlation of a line of the last layer that has it with the truth, over all sequences. */
function correlations(
  traces: readonly Trace[],
  name: string,
  batch: number,
  length: number,
  foretold: (t: number) => boolean
): (number | null)[] {
  const trace = traces.filter((t) => t.name.endsWith(`.${name}`) && t.kind === 'line').at(-1)
  if (!trace) return new Array<null>(batch).fill(null)
  const sequences = trace.perTrial.length / batch
  const truth = Array.from({ length: sequences * length }, (_, i) => (foretold(i % length) ? 0 : 1))
  return Array.from({ length: batch }, (_, trial) => {
    const values = trace.perTrial.slice(trial * sequences, (trial + 1) * sequences).flatMap((value) => {
      const { shape, data } = value as { shape: readonly number[]; data: readonly number[] }
      const width = data.length / shape[0]
      return Array.from(
        { length: shape[0] },
        (_, t) => data.slice(t * width, (t + 1) * width).reduce((a, b) => a + b, 0) / width
      )
    })
    return correlation(values, truth)
  })
}

/** Mean surprise from four tokens before the end of a predictable stretch to three after it. */
function aroundBoundary(
  surprises: readonly Float32Array[],
  { stretch, stretches }: Shape,
  asked: number
): { x: number[]; y: number[][] } {
  const offsets = [-4, -3, -2, -1, 0, 1, 2, 3]
  const ends = Array.from({ length: Math.floor(stretches / 2) }, (_, i) => (2 * i + 1) * stretch)
  return {
    x: offsets,
    y: surprises.map((values) =>
      offsets.map((offset) => {
        let sum = 0
        const sequences = values.length / asked
        // Token t is the (t-1)th that is asked: the first token of all is not.
        for (let s = 0; s < sequences; s++) for (const end of ends) sum += values[s * asked + end + offset - 1]
        return sum / (sequences * ends.length)
      })
    )
  }
}

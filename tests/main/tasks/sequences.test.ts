/** The tasks on sequences: what they draw, against what their protocols say; and what training tiny models gives. */
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { runBatch } from '../../../src-main/engine/worker/runner.ts'
import type { Examples, TrainingPlan } from '../../../src-main/tasks/training-plan.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { builtInModels } from '../../../src-main/models/registry.ts'
import { associations, sample } from '../../../src-main/tasks/parts/associations.ts'
import { vocabularyName, vocabularyOf } from '../../../src-main/tasks/parts/vocabulary.ts'
import { byTokenType, firstSequences, withMarks, withTokenNames } from '../../../src-main/tasks/parts/sequences.ts'
import { streams } from '../../../src-main/tasks/interleaved-tasks.ts'
import { needles } from '../../../src-main/tasks/needle.ts'
import { conversations } from '../../../src-main/tasks/turns.ts'
import { stackCost } from '../../../src-main/engine/worker/training/language-model.ts'
import type { TaskContext } from '../../../src-main/tasks/task.ts'
import { correlation } from '../../../src-main/tasks/surprise.ts'
import { taskDims } from '../../../src-shared/grid/cell.ts'
import { fillParams, type ParamValues } from '../../../src-shared/shapes/params.ts'
import * as tf from '@tensorflow/tfjs'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Trace } from '../../../src-main/models/model.ts'
import { registry, variantsOf } from '../../support/drive-memory.ts'
import { drawsOf } from './harness.ts'

beforeAll(() => useBackend('wasm'))

/** Sequence s of the flat arrays: its tokens, and each question with its answer. */
function sequence({ tokens, positions, targets, length, asked }: Examples, s: number) {
  const part = (all: Int32Array, n: number): number[] => Array.from(all.subarray(s * n, (s + 1) * n))
  const [own, at, right] = [part(tokens, length), part(positions, asked), part(targets, asked)]
  return { tokens: own, questions: at.map((position, q) => ({ position, target: right[q] })) }
}

describe('associative recall', () => {
  const shape = { pairs: 6, length: 40, queries: 9, reassigned: 2, vocabulary: vocabularyOf(21) }
  it('asks for the newest value of a key, which then follows it; the rest is filler', () => {
    const { examples, distances, reassigned } = associations(drawsOf([1, 2]), 'x', 2, 5, shape)
    for (let s = 0; s < 10; s++) {
      const { tokens, questions } = sequence(examples, s)
      const newest = new Map<number, number>()
      const seen = new Map<number, number>()
      for (let i = 0; i < 12; i += 2) {
        newest.set(tokens[i], i + 1)
        seen.set(tokens[i], (seen.get(tokens[i]) ?? 0) + 1)
      }
      expect(newest.size).toBe(4)
      expect(new Set(questions.map(({ position }) => position)).size).toBe(9)
      questions.forEach(({ position, target }, q) => {
        const value = newest.get(tokens[position])!
        expect(tokens[value]).toBe(target)
        expect(tokens[position + 1]).toBe(target)
        expect(distances[s * 9 + q]).toBe(position - value)
        expect(reassigned[s * 9 + q]).toBe(seen.get(tokens[position]) === 2 ? 1 : 0)
      })
      const used = new Set(questions.flatMap(({ position }) => [position, position + 1]))
      tokens.forEach((token, t) => expect(token === 0).toBe(t >= 12 && !used.has(t)))
    }
  })

  it('draws each trial from its own seed and each step from its own stream', () => {
    const [a, b] = [associations(drawsOf([1, 2]), 'x', 2, 2, shape), associations(drawsOf([2]), 'x', 1, 2, shape)]
    expect(a.examples.tokens.subarray(80)).toEqual(b.examples.tokens)
    expect(associations(drawsOf([2]), 'y', 1, 2, shape).examples.tokens).not.toEqual(b.examples.tokens)
  })

  it('samples without repeating', () => {
    let next = 0
    const picked = sample(5, 7, (n) => (next += 3) % n)
    expect(new Set(picked).size).toBe(5)
    expect(picked.every((x) => x >= 0 && x < 7)).toBe(true)
  })
})

describe('needle', () => {
  it('puts the pair at its depth and asks for it at the end', () => {
    const { firstValue } = vocabularyOf(15)
    for (const depth of [0, 0.5, 0.99]) {
      const examples = needles(drawsOf([4]), 'n', 1, 6, { length: 20, vocabulary: 15, depth })
      for (let s = 0; s < 6; s++) {
        const { tokens, questions } = sequence(examples, s)
        const at = Math.floor(depth * 18)
        expect(questions).toEqual([{ position: 19, target: tokens[at + 1] }])
        expect(tokens[19]).toBe(tokens[at])
        expect(tokens.filter((token) => token < firstValue)).toHaveLength(2)
      }
    }
  })
})

describe('interleaved tasks', () => {
  it('asks for what the task’s table showed in the first round, and counts the segments since', () => {
    const shape = { tasks: 3, pairs: 2, rounds: 4, vocabulary: 20 }
    const { examples, gaps } = streams(drawsOf([5]), 's', 1, 8, shape)
    expect(examples.length).toBe(3 * 4 * 5)
    for (let s = 0; s < 8; s++) {
      const { tokens, questions } = sequence(examples, s)
      const tables = new Map<string, number>()
      const last = new Map<number, number>()
      let q = 0
      for (let segment = 0; segment < 12; segment++) {
        const task = tokens[5 * segment]
        expect(task).toBeLessThan(3)
        for (let i = 0; i < 2; i++) {
          const at = 5 * segment + 1 + 2 * i
          const place = `${task} ${tokens[at]}`
          if (segment < 3) tables.set(place, tokens[at + 1])
          else {
            expect(questions[q]).toEqual({ position: at, target: tables.get(place) })
            expect(gaps[s * 18 + q++]).toBe(segment - last.get(task)!)
          }
        }
        last.set(task, segment)
      }
      expect(q).toBe(18)
    }
  })
})

describe('turns', () => {
  const shape = { turns: 6, turnLength: 16, facts: 8, delay: 3, vocabulary: vocabularyOf(64) }
  const { examples, delays } = conversations(drawsOf([6, 7]), 'c', 2, 300, shape)
  const all = Array.from({ length: 600 }, (_, s) => sequence(examples, s))

  it('tells every fact once, and asks for it once, as many turns later as it says, without its answer', () => {
    all.forEach(({ tokens, questions }, s) => {
      const told = new Map<number, { at: number; value: number }>()
      tokens.forEach((token, t) => {
        if (t % 2 === 0 && token > 0 && tokens[t + 1] >= shape.vocabulary.firstValue) {
          expect(told.has(token)).toBe(false)
          told.set(token, { at: t, value: tokens[t + 1] })
        }
      })
      expect(told.size).toBe(8)
      questions.forEach(({ position, target }, q) => {
        const fact = told.get(tokens[position])!
        expect(fact.value).toBe(target)
        expect(position).toBeGreaterThan(fact.at + 1)
        expect(Math.floor(position / 16) - Math.floor(fact.at / 16)).toBe(delays[s * 8 + q])
        expect(tokens[position + 1]).toBe(0)
      })
      const used = new Set(questions.map(({ position }) => position))
      for (const { at } of told.values()) used.add(at).add(at + 1)
      expect(used.size).toBe(24)
      tokens.forEach((token, t) => expect(token === 0).toBe(!used.has(t)))
    })
  })

  it('asks at every delay as often, and no value is likelier than another: chance is one in as many', () => {
    const questions = all.flatMap(({ questions }) => questions)
    // 1200 expected at each of four delays, 150 of each of 32 values; five standard deviations.
    for (let d = 0; d <= 3; d++) {
      const here = questions.filter((_, q) => delays[q] === d)
      expect(Math.abs(here.length - 1200)).toBeLessThan(5 * Math.sqrt(1200 * 0.75))
      const counts = new Map<number, number>()
      for (const { target } of here) counts.set(target, (counts.get(target) ?? 0) + 1)
      expect(counts.size).toBe(32)
      for (const count of counts.values())
        expect(count).toBeLessThan(here.length / 32 + 5 * Math.sqrt(here.length / 32))
    }
  })

  /** The turns task with a model that knows the facts told in the last `window` turns, and else says the first value. */
  async function knowing(window: number, given: ParamValues = {}) {
    const task = registry.task('turns')
    const { values, errors } = fillParams(task.params, { testSequences: 64, ...given }, 'p', undefined, () => ({}))
    expect(errors).toEqual([])
    const { turnLength, vocabulary } = values as { turnLength: number; vocabulary: number }
    const { firstValue } = vocabularyOf(vocabulary)
    const result = await task.run(values, {
      batch: 2,
      random: drawsOf([8, 9]),
      train: (plan: TrainingPlan) => {
        expect(plan.turn).toBe(turnLength)
        return Promise.resolve({
          steps: Int32Array.of(1, 1),
          diverged: [false, false],
          cost: { parameters: 1, stateBytes: 1, keptBytes: 7, flopsPerToken: 1 },
          curves: { loss: { x: [], y: [[], []] }, accuracy: { x: [], y: [[], []] } },
          answer: ({ tokens, positions, asked, length, targets }: Examples) => {
            const predicted = positions.map((position, i) => {
              const row = Math.floor(i / asked) * length
              const from = Math.max(0, Math.floor(position / turnLength) - window + 1) * turnLength
              for (let t = from; t < position; t++)
                if (tokens[row + t] === tokens[row + position]) return tokens[row + t + 1]
              return firstValue
            })
            return Promise.resolve({ predicted, loss: new Float32Array(targets.length) })
          },
          traces: () => Promise.resolve([])
        })
      }
    } as unknown as TaskContext)
    return result
  }

  it('is perfect for who sees all turns, and at chance beyond the window for who does not', async () => {
    const whole = await knowing(6)
    expect(whole.metrics).toMatchObject({ longest: [1, 1], withinTurn: [1, 1], accuracy: [1, 1], carriedBytes: [7, 7] })
    const own = await knowing(1)
    expect(own.metrics.withinTurn).toEqual([1, 1])
    const curve = own.series!.byDelay as { x: number[]; y: number[][] }
    expect(curve.x).toEqual([0, 1, 2, 3])
    // About 128 questions at each delay: 4 at chance, and five standard deviations more.
    for (const y of curve.y)
      for (const value of y.slice(1)) expect(value).toBeLessThan(1 / 32 + 5 * Math.sqrt(1 / 32 / 128))
    const two = await knowing(2)
    for (const y of two.series!.byDelay.y as number[][]) {
      expect(y.slice(0, 2)).toEqual([1, 1])
      expect(y[3]).toBeLessThan(0.2)
    }
  })

  it('takes the smallest conversations, and refuses what does not fit by the field at fault', async () => {
    const one = await knowing(1, { turns: 1, turnLength: 4, facts: 1, delay: 0, vocabulary: 4 })
    expect(one.metrics).toMatchObject({ longest: [1, 1], withinTurn: [1, 1] })
    const tight = await knowing(8, { turns: 8, turnLength: 8, facts: 6, delay: 2 })
    expect(tight.metrics.accuracy).toEqual([1, 1])
    for (const [field, given] of [
      ['delay', { turns: 3, delay: 3 }],
      ['turnLength', { turns: 4, delay: 3, facts: 8 }],
      ['vocabulary', { vocabulary: 12 }]
    ] as const)
      await expect(knowing(1, given)).rejects.toMatchObject({
        data: { code: 'bad-input', field: `task.params.${field}` }
      })
  })

  it('carries over what each memory keeps between turns, in bytes', () => {
    const bytes = (model: string, params: ParamValues): number =>
      stackCost(
        registry,
        { model, params: registry.fill(model, { dim: 8, ...params }) },
        {
          ...{ dim: 8, layers: 2, expansion: 2, vocabulary: 9, length: 24, turn: 6 }
        }
      ).keptBytes
    // Attention keeps nothing, or keys and values of the calls in its window; a bank its slots; a recurrence its matrix.
    expect(bytes('attention', { heads: 2 })).toBe(0)
    expect(bytes('attention', { heads: 2, window: 3 })).toBe(4 * 2 * (2 * 2 * 6 * 8))
    expect(bytes('attention', { heads: 2, window: 99 })).toBe(4 * 2 * (2 * 24 * 8))
    expect(bytes('episodic-cmr', { heads: 2, memorySlots: 5 })).toBe(4 * 2 * (2 * 5 * 8))
    expect(bytes('retnet', { heads: 2 })).toBe(4 * 2 * (2 * 4 * 4))
  })
})

describe('what is reported', () => {
  it('correlates as Pearson does, and not where nothing varies', () => {
    expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12)
    expect(correlation([1, 2, 3, 4], [1, -1, 1, -1])).toBeCloseTo(-1 / Math.sqrt(5), 12)
    expect(correlation([1, 1, 1], [0, 1, 0])).toBeNull()
  })

  it('means a line by type of token', () => {
    const line = {
      name: 'gate',
      title: 'Gate',
      kind: 'line' as const,
      perTrial: [{ shape: [4, 1], data: [1, 2, 3, 4] }]
    }
    const [bars] = byTokenType([line], 4, ['even', 'odd'], (_, t) => (t % 2 ? 'odd' : 'even'))
    expect(bars).toMatchObject({ kind: 'bars', perTrial: [{ data: [2, 3], labels: ['even', 'odd'] }] })
    expect(byTokenType([line], 5, ['even'], () => 'even')).toEqual([])
    // A type that does not occur is absent, not 0.
    const [some] = byTokenType([line], 4, ['even', 'filler', 'odd'], (_, t) => (t % 2 ? 'odd' : 'even'))
    expect(some.perTrial[0]).toEqual({ shape: [2], data: [2, 3], labels: ['even', 'odd'] })
  })

  it('names the tokens beside maps: of the call that is shown, of the calls before it, and of segments', async () => {
    const tokens = Int32Array.from([1, 5, 2, 6, 0, 0, 2, 0, 4, 8, 3, 7, 0, 1, 0, 3])
    const name = (token: number): string => vocabularyName(token, { firstValue: 5 })
    const named = async (kind: string, params: ParamValues, total: number) => {
      const filled = registry.fill(kind, { dim: 8, heads: 1, ...params })
      const memory = registry.build(kind, filled, 2, philoxWeights(['a', 'b']))
      for (const length of [5, 3].slice(0, total === 8 ? 2 : 1))
        tf.dispose(memory.forward!(tf.randomNormal([2, length, 8], 0, 1, 'float32', 3)))
      const traces = withTokenNames((await memory.traces!()) as Trace[], { tokens, length: 8 }, name)
      memory.dispose()
      return traces.find((trace) => trace.kind === 'heatmap')!.perTrial as readonly { labels?: string[] }[]
    }
    const last = ['filler', 'key 2', 'filler']
    const before = ['key 1', 'value 1', 'key 2', 'value 2', 'filler']
    const window = await named('attention', { window: 2 }, 8)
    expect(window[0].labels).toEqual([...last, ...before, ...last])
    expect(window[1].labels?.slice(0, 4)).toEqual(['key 1', 'filler', 'key 3', 'key 4'])
    const bank = await named('episodic-cmr', { segment: 2, memorySlots: 2 }, 8)
    expect(bank[0].labels).toEqual([...last, 'key 2 … value 2', 'filler', 'filler … key 2', 'filler'])
    const slots = await named('multihead-cmr', { memorySlots: 2 }, 8)
    expect(slots[0].labels).toEqual([...last, '1', '2'])
    const unread = await named('attention', {}, 5)
    expect(unread[0].labels).toBeUndefined()
  })
  it('marks tokens beside a line of one value a token, and leaves other traces alone', () => {
    const trace = (kind: 'line' | 'heatmap', shape: number[]) => ({
      ...{ name: 'surprise', title: 'Surprise', kind, axes: ['token', '|g|'] },
      perTrial: [{ shape, data: [5, 6, 7, 8] }]
    })
    expect(withMarks(trace('line', [4, 1]), [0, 1, 0, 1], 'boundary').perTrial).toEqual([
      { shape: [4, 2], data: [5, 0, 6, 1, 7, 0, 8, 1], labels: ['|g|', 'boundary'] }
    ])
    for (const other of [trace('line', [2, 2]), trace('heatmap', [4, 1])])
      expect(withMarks(other, [0, 1, 0, 1], 'boundary')).toBe(other)
  })

  it('shows the first sequence of every trial', () => {
    const { examples } = associations(drawsOf([1, 2]), 'x', 2, 3, {
      pairs: 1,
      length: 6,
      queries: 1,
      reassigned: 0,
      vocabulary: vocabularyOf(9)
    })
    const first = firstSequences(examples, 2)
    expect(Array.from(first.tokens)).toEqual([...examples.tokens.subarray(0, 6), ...examples.tokens.subarray(18, 24)])
  })
})

/** Tiny models, a few steps. */
const tiny: Record<string, ParamValues> = {
  'associative-recall': { pairs: 2, length: 12, queries: 3, vocabulary: 9, reassigned: 1 },
  copy: { copyLength: 4, vocabulary: 5 },
  needle: { lengths: [8, 12], vocabulary: 9 },
  'interleaved-tasks': { tasks: 2, pairs: 2, rounds: 3, vocabulary: 9 },
  surprise: { stretch: 4, stretches: 4, vocabulary: 6 },
  turns: { turns: 3, turnLength: 8, facts: 3, delay: 1, vocabulary: 9, testSequences: 16 }
}
const few = { dim: 8, batchSize: 4, testSequences: 8, stopAt: 1.1, saveEvery: 10 }

function run(
  task: string,
  given: ParamValues,
  model: { kind: string; params?: ParamValues },
  seeds: number[]
): Promise<TrialOutcome[]> {
  const fill = (
    declared: Parameters<typeof fillParams>[0],
    values: ParamValues,
    dims?: ReturnType<typeof taskDims>
  ): ParamValues => {
    const { values: filled, errors } = fillParams(declared, values, 'p', dims, (kind) => registry.model(kind).params)
    if (errors.length) throw new Error(errors[0].message)
    return filled
  }
  const taskParams = fill(registry.task(task).params, { ...few, ...tiny[task], ...given })
  const params = fill(registry.model(model.kind).params, model.params ?? {}, taskDims(taskParams))
  const cell = { index: 0, use: 0, label: 'm', model: model.kind, params, taskParams, point: {} }
  return runBatch(registry.task(task), cell, seeds, 'philox', { registry, checkCancelled: () => undefined })
}

describe.each(Object.keys(tiny))('%s', (task) => {
  it('reports every metric and series that it declares, finite, and the same for a trial alone as in a batch', async () => {
    const model = { kind: 'hybrid', params: { heads: 2, memorySlots: 4 } }
    const [first, second] = await run(task, { steps: 3 }, model, [7, 8])
    expect(first.error).toBeNull()
    const info = registry.task(task)
    const rarely = ['reassignedAccuracy', 'forgetting']
    for (const { name } of info.metrics)
      if (!rarely.includes(name)) expect(Number.isFinite(first.metrics[name]), name).toBe(true)
    expect(Object.keys(first.series).sort()).toEqual(info.series.map(({ name }) => name).sort())
    expect(first.series.loss.x).toEqual([1, 2, 3])
    expect(first.traces.some(({ name }) => name.endsWith('.gate'))).toBe(true)
    const [alone] = await run(task, { steps: 3 }, model, [8])
    expect({ ...alone, elapsedMs: 0 }).toEqual({ ...second, elapsedMs: 0 })
  })
})

/** Every block that can be trained, with its defaults and every other option, and segments of more than one token. */
const options = builtInModels
  .filter(
    ({ interfaces, trainable, id }) => interfaces.includes('sequence') && trainable !== false && id !== 'transformer'
  )
  .flatMap((model) => {
    const few = {
      ...('heads' in model.params && { heads: 2 }),
      ...('memorySlots' in model.params && { memorySlots: 3 })
    }
    const others: ParamValues[] = [{ segment: 3 }, { segment: 2, topK: 1 }, { chunk: 3 }]
    const more = others.filter((given) => Object.keys(given).every((name) => name in model.params))
    return [...variantsOf(model), ...more].map((given): [string, ParamValues] => [model.id, { ...few, ...given }])
  })

describe.each(options)('%s %o', (kind, params) => {
  it('takes its training steps on wasm', async () => {
    const [outcome] = await run('copy', { steps: 2 }, { kind, params }, [1])
    expect(outcome.error).toBeNull()
    expect(outcome.series.loss.y.every(Number.isFinite)).toBe(true)
  })
})

describe('training turn by turn', () => {
  const turns = {
    turns: 2,
    turnLength: 8,
    facts: 2,
    delay: 1,
    vocabulary: 9,
    dim: 16,
    batchSize: 16,
    testSequences: 128
  }

  it('what a bank holds is known in the next turn, and attention knows its own turn only', async () => {
    const of = async (kind: string, params: ParamValues) => {
      const [{ metrics, error }] = await run(
        'turns',
        { ...turns, steps: 300, learningRate: 0.02, stopAt: 0.99 },
        { kind, params },
        [1]
      )
      expect(error).toBeNull()
      return metrics
    }
    const alone = await of('attention', { heads: 1 })
    expect(alone.withinTurn).toBeGreaterThan(0.9)
    // A guess among four values: .25, and 128 questions.
    expect(alone.longest).toBeLessThan(0.25 + 5 * Math.sqrt((0.25 * 0.75) / 128))
    expect(alone.carriedBytes).toBe(0)
    const bank = await of('episodic-cmr', { heads: 1, memorySlots: 16 })
    expect(Math.min(bank.withinTurn, bank.longest)).toBeGreaterThan(0.9)
  }, 120_000)
})

describe('training', () => {
  it('learns two pairs, and knows nothing without steps enough', async () => {
    const model = { kind: 'attention', params: { heads: 2 } }
    const task = { dim: 16, batchSize: 16, queries: 3, reassigned: 0, testSequences: 64 }
    const [learned] = await run('associative-recall', { ...task, steps: 250, stopAt: 0.98 }, model, [1])
    expect(learned.metrics.accuracy).toBeGreaterThan(0.9)
    // It stopped by itself, and its curves end there.
    expect(learned.metrics.steps).toBeLessThan(250)
    expect(learned.series.accuracy.x.at(-1)).toBe(learned.metrics.steps)
    expect(Math.min(...learned.series.accuracy.y.slice(-2))).toBeGreaterThanOrEqual(0.98)
    const [fresh] = await run('associative-recall', { ...task, steps: 1 }, model, [1])
    expect(fresh.metrics.accuracy).toBeLessThan(0.6)
  })

  it('says that a trial diverged whose weights became infinite', async () => {
    const [outcome] = await run(
      'copy',
      { steps: 30, learningRate: 1 },
      { kind: 'titans', params: { learningRate: 1, momentum: 1 } },
      [1]
    )
    expect(outcome.status).toBe('diverged')
    expect(outcome.error?.code).toBe('diverged')
  })

  it('refuses a block that cannot be trained, blocks that share a bank of two sizes, and a list that does not fit', async () => {
    const [outcome] = await run(
      'copy',
      { steps: 1 },
      { kind: 'transformer', params: { blocks: [{ kind: 'transformer-episodic', params: {} }] } },
      [1]
    )
    expect(outcome.error?.message).toContain('cannot see through')
    const block = (memorySlots: number) => ({ kind: 'episodic-cmr', params: { heads: 2, memorySlots, bank: 'shared' } })
    const [unlike] = await run(
      'copy',
      { steps: 1 },
      { kind: 'transformer', params: { blocks: [block(3), block(4)] } },
      [1]
    )
    expect(unlike.error).toMatchObject({ code: 'bad-input', field: 'memorySlots' })
    const [long] = await run(
      'associative-recall',
      { steps: 1, pairs: 9 },
      { kind: 'attention', params: { heads: 2 } },
      [1]
    )
    expect(long.error?.message).toContain('need a length of')
  })
})

/** Free recall of trained blocks: what they are taught, and what is measured of recallers that are known beforehand. */
import { describe, expect, it } from 'vitest'
import task, { lessons } from '../../../src-main/tasks/free-recall-trained.ts'
import type { Examples, Trained } from '../../../src-main/tasks/training-plan.ts'
import type { TaskContext, TaskResult } from '../../../src-main/tasks/task.ts'
import { fillParams, type ParamValues } from '../../../src-shared/shapes/params.ts'
import { drawsOf } from './harness.ts'

const shape = { items: 5, vocabulary: 12, order: 'any' }
const rowsOf = ({ tokens, length }: Examples): number[][] =>
  Array.from({ length: tokens.length / length }, (_, row) =>
    Array.from(tokens.subarray(row * length, (row + 1) * length))
  )

describe('what a block is taught', () => {
  it('is a list of different words, the sign to recall, and all of them again in some order, then the end', () => {
    const given = lessons(drawsOf([1, 2]), 'x', 2, 40, shape)
    for (const [row, tokens] of rowsOf(given).entries()) {
      const [list, sign, said] = [tokens.slice(0, 5), tokens[5], tokens.slice(6)]
      expect(sign).toBe(0)
      expect(new Set(list).size).toBe(5)
      for (const word of list) expect(word >= 1 && word <= 10).toBe(true)
      expect([...said].sort((a, b) => a - b)).toEqual([...list].sort((a, b) => a - b))
      expect(Array.from(given.positions.subarray(row * 6, row * 6 + 6))).toEqual([5, 6, 7, 8, 9, 10])
      expect(Array.from(given.targets.subarray(row * 6, row * 6 + 6))).toEqual([...said, 11])
    }
  })

  it('comes in every order as often as in any other, or in the order of study', () => {
    const three = { items: 3, vocabulary: 9 }
    const orders = new Map<string, number>()
    for (const tokens of rowsOf(lessons(drawsOf([7]), 'x', 1, 6000, { ...three, order: 'any' }))) {
      const order = tokens
        .slice(4)
        .map((word) => tokens.indexOf(word))
        .join('')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
    expect(orders.size).toBe(6)
    // A thousand each, give or take five standard deviations.
    for (const count of orders.values())
      expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (1 / 6) * (5 / 6)))
    for (const tokens of rowsOf(lessons(drawsOf([7]), 'x', 1, 20, { ...three, order: 'forward' })))
      expect(tokens.slice(4)).toEqual(tokens.slice(0, 3))
  })
})

/** What comes next, from the list, and what has been said of it. */
type Recaller = (list: readonly number[], said: readonly number[]) => number
const end = 11

async function measured(next: Recaller, given: ParamValues = {}, diverged = [false, false]): Promise<TaskResult> {
  const { values, errors } = fillParams(
    task.params,
    { ...shape, testSequences: 9, ...given },
    'task.params',
    undefined,
    () => undefined
  )
  expect(errors).toEqual([])
  const trained: Trained = {
    steps: new Int32Array(2),
    diverged,
    cost: { parameters: 1, stateBytes: 1, keptBytes: 1, flopsPerToken: 1 },
    curves: { loss: { x: [], y: [[], []] }, accuracy: { x: [], y: [[], []] } },
    answer: (examples) => {
      const predicted = rowsOf(examples).map((tokens) => next(tokens.slice(0, 5), tokens.slice(6)))
      expect(examples.asked).toBe(1)
      expect(new Set(examples.positions)).toEqual(new Set([examples.length - 1]))
      return Promise.resolve({ predicted: Int32Array.from(predicted), loss: new Float32Array(predicted.length) })
    },
    traces: () => Promise.resolve([])
  }
  const context = { batch: 2, random: drawsOf([3, 4]), train: (): Promise<Trained> => Promise.resolve(trained) }
  return task.run(values, context as unknown as TaskContext)
}

describe('what is measured', () => {
  it('of who goes backwards through the list is that: all recalled, every step one back', async () => {
    const { metrics, series } = await measured((list, said) => list.at(-1 - said.length) ?? end)
    expect(metrics.recalled).toEqual([5, 5])
    expect(metrics.intrusions).toEqual([0, 0])
    expect(metrics['lag-rank']).toEqual([1, 1])
    // The item after the one said was never left.
    expect(metrics.contiguity).toEqual([null, null])
    expect(series!['lag-crp'].x[3]).toBe(-1)
    expect(series!['lag-crp'].y[0][3]).toBe(1)
    expect(Array.from(series!.spc.y[1])).toEqual([1, 1, 1, 1, 1])
    expect(Array.from(series!.pfr.y[0])).toEqual([0, 0, 0, 0, 1])
  })

  it('of who says the first word and stops is one word, and of who says it again and again one too, and repeats', async () => {
    const once = await measured((list, said) => (said.length ? end : list[0]))
    expect(once.metrics).toMatchObject({
      recalled: [1, 1],
      share: [0.2, 0.2],
      intrusions: [0, 0],
      primacy: [1, 1],
      recency: [0, 0]
    })
    const again = await measured((list) => list[0])
    expect(again.metrics).toMatchObject({ recalled: [1, 1], intrusions: [4, 4] })
  })

  it('of who says words that were not studied are intrusions, and the sign to recall ends recall', async () => {
    const wrong = await measured((list) => [1, 2, 3, 4, 5, 6].find((word) => !list.includes(word))!)
    expect(wrong.metrics).toMatchObject({ recalled: [0, 0], intrusions: [5, 5] })
    const silent = await measured(() => 0)
    expect(silent.metrics).toMatchObject({ recalled: [0, 0], intrusions: [0, 0] })
  })

  it('of a trial that diverged is no number', async () => {
    const { metrics } = await measured(() => 0, {}, [true, false])
    expect(metrics.recalled).toEqual([NaN, 0])
  })

  it('needs as many words as a list has, and says which parameter is at fault', async () => {
    await expect(measured(() => 0, { vocabulary: 6 })).rejects.toMatchObject({
      data: { code: 'bad-input', field: 'task.params.vocabulary' }
    })
  })
})

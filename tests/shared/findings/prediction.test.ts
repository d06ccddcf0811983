import { describe, expect, it } from 'vitest'
import type { TaskInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import { judge } from '../../../src-shared/findings/prediction.ts'
import { predictionErrors } from '../../../src-shared/grid/predictions.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (model: string, values: (number | null)[], point: CellResult['point'] = {}): CellResult =>
  cellResult(model, values, { point })
/** Mean .5 and the 95 % t interval .5 ± 2.776 * .0158 / sqrt(5) = .4804 to .5196 (t table, 4 degrees of freedom). */
const half = [0.48, 0.49, 0.5, 0.51, 0.52]
const interval = (low: number, high: number) => ({
  metric: 'accuracy',
  at: {},
  intervals: { a: [low, high] as [number, number] }
})

describe('an interval', () => {
  it('is confirmed inside, refuted outside, undecided where the two overlap in part', () => {
    const verdict = (low: number, high: number) => judge(interval(low, high), [cell('a', half)]).verdict
    expect(verdict(0.48, 0.52)).toBe('confirmed')
    expect(verdict(0.4805, 0.52)).toBe('undecided')
    expect(verdict(0.52, 0.9)).toBe('refuted')
    expect(verdict(0.1, 0.48)).toBe('refuted')
  })
  it('is judged by the interval that is shown: equal shares of few questions show no certainty', () => {
    const all = { ...cell('a', [1, 1, 1]), scales: { accuracy: { kind: 'share', of: 8 } as const } }
    // Wilson's score of 24 of 24: 1 / (1 + 1.96²/24) = .862 to 1.
    expect(judge(interval(0.9, 0.95), [all]).verdict).toBe('undecided')
    expect(judge(interval(0.86, 1), [all])).toMatchObject({ verdict: 'confirmed' })
    expect(judge(interval(0.1, 0.8), [all])).toMatchObject({ verdict: 'refuted' })
    expect(judge(interval(0.86, 1), [all]).findings[0].evidence).toContain('Wilson score')
    // Without a number of questions the spread is all there is.
    expect(judge(interval(0.95, 1), [cell('a', new Array<number>(20).fill(0.95))]).verdict).toBe('confirmed')
  })
  it('stays undecided with one seed, and never counts a diverged one', () => {
    expect(judge(interval(0, 1), [cell('a', [0.5, null])])).toMatchObject({ verdict: 'undecided' })
    const { findings } = judge(interval(0.4, 0.6), [cell('a', [...half, null])])
    expect(findings[0].evidence).toContain('n = 5')
    expect(judge(interval(0, 1), []).verdict).toBe('undecided')
  })
  it('of several models is refuted by one and confirmed only by all', () => {
    const two = {
      metric: 'accuracy',
      at: {},
      intervals: { a: [0.4, 0.6], b: [0.9, 1] } as Record<string, [number, number]>
    }
    expect(judge(two, [cell('a', half), cell('b', half)]).verdict).toBe('refuted')
    expect(judge(two, [cell('a', half), cell('b', [0.95])]).verdict).toBe('undecided')
  })
  it('is judged at its own point', () => {
    const at = { ...interval(0.9, 1), at: { items: 40 } }
    const cells = [cell('a', half, { items: 20 }), cell('a', [0.95, 0.96, 0.94], { items: 40 })]
    expect(judge(at, cells).verdict).toBe('confirmed')
  })
})

describe('practical sameness', () => {
  const same = (within: number, names = ['a', 'b']) => ({ metric: 'accuracy', at: {}, same: names, within })
  const near = cell(
    'b',
    half.map((x, i) => x + 0.001 * (i - 2))
  )
  const far = cell(
    'c',
    half.map((x, i) => x + 0.3 + 0.001 * i)
  )
  it('is confirmed within the bounds, refuted beyond them, and open between', () => {
    expect(judge(same(0.01), [cell('a', half), near]).verdict).toBe('confirmed')
    expect(judge(same(0.01, ['a', 'c']), [cell('a', half), far]).verdict).toBe('refuted')
    expect(judge(same(0.001), [cell('a', half), near]).verdict).toBe('undecided')
  })
  it('of three models needs every pair, and says its test', () => {
    const { verdict, findings } = judge(same(0.01, ['a', 'b', 'c']), [cell('a', half), near, far])
    expect(verdict).toBe('refuted')
    expect(findings.map(({ subject }) => subject)).toEqual(['a = b', 'a = c', 'b = c'])
    expect(findings[0].evidence).toContain('two one-sided tests within ±0.01, paired t, df = 4')
    expect(judge(same(0.01, ['a', 'gone']), [cell('a', half)]).findings[0].verdict).toBe('undecided')
  })
})

describe('an order', () => {
  // Differences of 1, 2, 3, 4, 5: t = 3 / (1.5811 / sqrt(5)) = 4.2426, two-sided p = .01324 at 4 df (scipy ttest_rel).
  const [low, high] = [
    [0, 0, 0, 0, 0],
    [1, 2, 3, 4, 5]
  ]
  const order = (names: string[], margin = 0) => ({ metric: 'accuracy', at: {}, order: names, margin })
  it('is confirmed by a significant difference, refuted by the reverse', () => {
    const cells = [cell('a', high), cell('b', low)]
    const confirmed = judge(order(['a', 'b']), cells)
    expect(confirmed.verdict).toBe('confirmed')
    expect(confirmed.findings[0].evidence).toContain('p = 0.01324')
    expect(confirmed.findings[0].evidence).toContain('5 pairs by seed')
    expect(judge(order(['b', 'a']), cells).verdict).toBe('refuted')
  })
  it('is corrected after Holm: the same difference among five steps decides nothing', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const cells = [cell('a', high), ...names.slice(1).map((name) => cell(name, low))]
    const { verdict, findings } = judge(order(names), cells)
    // 5 * .013236 = .06618
    expect([verdict, findings[0].verdict]).toEqual(['undecided', 'undecided'])
    expect(findings[0].evidence).toContain('p = 0.06618 after Holm over 5')
  })
  it('needs the margin as well', () => {
    const cells = [cell('a', high), cell('b', low)]
    expect(judge(order(['a', 'b'], 2.9), cells).verdict).toBe('undecided')
    expect(judge(order(['a', 'b'], 9), cells).verdict).toBe('refuted')
  })
  it('pairs by seed and says what it left out', () => {
    const { findings } = judge(order(['a', 'b']), [cell('a', [...high, 6]), cell('b', [...low, null])])
    expect(findings[0].evidence).toContain('1 unmatched left out')
  })
})

describe('what is wrong with a prediction', () => {
  const task = { title: 'Capacity', metrics: [{ name: 'accuracy' }] } as unknown as TaskInfo
  const cells = [20, 40].flatMap((items) => ['a', 'b'].map((label) => ({ label, point: { items } })))
  const errors = (prediction: object) => {
    const { predictions } = checkExperiment({
      format: 'engram-experiment/1',
      name: 'x',
      task: { kind: 'capacity' },
      models: [{ kind: 'a' }],
      predictions: [prediction]
    })
    return predictionErrors(predictions!, task, cells).map(({ field }) => field)
  }
  it('is named by its field', () => {
    const fine = { metric: 'accuracy', at: { items: 20 }, order: ['a', 'b'] }
    expect(errors(fine)).toEqual([])
    expect(errors({ ...fine, metric: 'speed' })).toEqual(['predictions.0.metric'])
    expect(errors({ ...fine, at: {} })).toEqual(['predictions.0.at', 'predictions.0.at'])
    expect(errors({ ...fine, at: { items: 30 } })).toEqual(['predictions.0.at', 'predictions.0.at'])
    expect(errors({ ...fine, order: ['a', 'a'] })).toEqual(['predictions.0.order'])
    expect(errors({ metric: 'accuracy', at: { items: 20 }, intervals: { c: [0, 1] } })).toEqual([
      'predictions.0.intervals'
    ])
    expect(errors({ metric: 'accuracy', at: { items: 20 }, intervals: { a: [1, 0] } })).toEqual([
      'predictions.0.intervals'
    ])
    expect(() => errors({ metric: 'accuracy', order: ['a'] })).toThrow()
  })
})

describe('a limit that is met exactly', () => {
  const same = (value: number, n: number): number[] => new Array<number>(n).fill(value)
  it.each([0.95, 0.7, 0.1, 1 / 3])('confirms an interval that begins or ends at %d', (value) => {
    for (const n of [2, 5, 20, 100]) {
      const verdict = (low: number, high: number) => judge(interval(low, high), [cell('a', same(value, n))]).verdict
      expect(verdict(value, 1)).toBe('confirmed')
      expect(verdict(0, value)).toBe('confirmed')
      expect(verdict(value + 1e-6, 1)).toBe('refuted')
      expect(verdict(0, value - 1e-6)).toBe('refuted')
    }
  })
  it.each([
    [0.3, 0.2, 0.1],
    [0.8, 0.7, 0.1],
    [17 / 24, 14 / 24, 3 / 24],
    [0.95, 0.9, 0.05]
  ])('leaves an order undecided: %d less %d by a margin of %d', (high, low, margin) => {
    const verdict = (by: number) =>
      judge({ metric: 'accuracy', at: {}, order: ['a', 'b'], margin: by }, [
        cell('a', same(high, 6)),
        cell('b', same(low, 6))
      ]).verdict
    expect(verdict(margin)).toBe('undecided')
    expect(verdict(margin - 1e-6)).toBe('confirmed')
    expect(verdict(margin + 1e-6)).toBe('refuted')
  })
  it('leaves a margin undecided that differences meet one by one, from different scores', () => {
    const a = [0.3, 0.4, 0.9, 0.8]
    const b = [0.2, 0.3, 0.8, 0.7]
    expect(
      judge({ metric: 'accuracy', at: {}, order: ['a', 'b'], margin: 0.1 }, [cell('a', a), cell('b', b)]).verdict
    ).toBe('undecided')
  })
})

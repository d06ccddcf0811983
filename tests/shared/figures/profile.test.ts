import { describe, expect, it } from 'vitest'
import type { MetricInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import type { FigureSpec } from '../../../src-shared/figures/spec.ts'
import { normalise } from '../../../src-shared/findings/normalise.ts'
import { profileFigure } from '../../../src-shared/figures/profile.ts'
import type { Stratum } from '../../../src-shared/findings/strata.ts'
import { cellResult } from '../../support/cell-result.ts'

const metric = (over: Partial<MetricInfo> = {}): MetricInfo => ({
  name: 'score',
  label: 'Score',
  direction: 'higher',
  tex: '',
  help: '',
  range: [0, 1],
  ...over
})
const cell = (model: string, values: (number | null)[], point: CellResult['point'] = {}): CellResult =>
  cellResult(model, values, { runId: 'R', metric: 'score', point })
const stratum = (cells: CellResult[], over: Partial<MetricInfo> = {}, name = 'Task'): Stratum => ({
  name,
  metric: metric(over),
  taskParams: {},
  cells
})
const draw = (strata: Stratum[]): FigureSpec | undefined =>
  profileFigure(strata, {
    labelOf: ({ label }) => label,
    styleOf: () => ({ colour: '#000000', dash: [], marker: 'circle' }),
    title: 'Profile'
  })
/** The share at the threshold nearest to tau. */
const at = (spec: FigureSpec, label: string, tau: number): { y: number | null; low?: number; high?: number } =>
  spec.series
    .find((series) => series.label === label)!
    .points.reduce((best, p) => (Math.abs(p.x - tau) < Math.abs(best.x - tau) ? p : best))

describe('the profile of one experiment', () => {
  it('is the share of trials above each threshold, in the metric’s own unit', () => {
    const spec = draw([stratum([cell('a', [0.2, 0.4, 0.6, 0.8])], { unit: 'bit' })])!
    expect([0.1, 0.3, 0.5, 0.7, 0.9].map((tau) => at(spec, 'a', tau).y)).toEqual([1, 0.75, 0.5, 0.25, 0])
    expect(spec.x).toMatchObject({ label: 'Threshold τ, score', unit: 'bit', range: [0, 1] })
    expect(spec.y).toMatchObject({ label: 'Share of trials above τ', direction: 'higher' })
    expect(spec.method).toMatch(/percentile bootstrap band over seeds, 1000 draws, n = 4 seeds$/)
  })
  it('counts what lies below where less is better, so that higher curves stay the better ones', () => {
    const spec = draw([stratum([cell('a', [1, 2, 3, 4])], { direction: 'lower', range: undefined })])!
    expect(at(spec, 'a', 2.5).y).toBe(0.5)
    expect(at(spec, 'a', 3.5).y).toBe(0.75)
    expect(spec.y.label).toBe('Share of trials below τ')
  })
  it('weighs the points of a sweep alike, and drops a seed that did not finish them all, saying so', () => {
    const cells = [cell('a', [0.9, 0.9, null], { n: 1 }), cell('a', [0.1, 0.1, 0.9], { n: 2 })]
    const spec = draw([stratum(cells)])!
    expect(at(spec, 'a', 0.5).y).toBe(0.5)
    expect(spec.remarks).toContain('over 2 points of the sweep, which count equally')
    expect(spec.remarks).toContain('1 seed that did not finish every point left out')
    expect(spec.method).toMatch(/n = 2 seeds$/)
  })
  it('compares models at the points that all of them have', () => {
    const cells = [cell('a', [1, 1], { n: 1 }), cell('a', [0, 0], { n: 2 }), cell('b', [0, 0], { n: 2 })]
    expect(at(draw([stratum(cells)])!, 'a', 0.5).y).toBe(0)
  })
  it('has a band from seeds that lies about the share, with the width of a share of n', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 2 ? 0.9 : 0.1))
    const { low, high } = at(draw([stratum([cell('a', values)])])!, 'a', 0.5)
    // Binomial: 0.5 ± 1.96 sqrt(.25 / 100).
    expect(low).toBeCloseTo(0.402, 1)
    expect(high).toBeCloseTo(0.598, 1)
    expect(high! - low!).toBeGreaterThan(0.15)
    expect(high! - low!).toBeLessThan(0.25)
  })
  it('has no band for one seed and says so; nothing is drawn without a finished trial', () => {
    const spec = draw([stratum([cell('a', [0.5])])])!
    expect(at(spec, 'a', 0.2)).not.toHaveProperty('low')
    expect(spec.method).toBe('one seed: no band (n = 1)')
    expect(draw([stratum([cell('a', [null])])])).toBeUndefined()
    expect(draw([])).toBeUndefined()
  })
})

describe('the profile over several tasks', () => {
  it('puts scores between chance and the best, tasks weighing alike', () => {
    const spec = draw([
      stratum([cell('a', [0.75, 0.75])], { chance: 0.5 }, 'One'),
      stratum([cell('a', [0, 0, 1, 1])], { range: [-1, 1], chance: 0 }, 'Two')
    ])!
    // One: .5 of the way up. Two: half of the trials at chance, half at the best.
    expect(at(spec, 'a', 0.25).y).toBe(0.75)
    expect(at(spec, 'a', 0.75).y).toBe(0.25)
    expect(spec.x.label).toMatch(/normalised/)
    expect(spec.remarks).toContain('One (score): chance (0.5) = 0, best possible (1) = 1')
    expect(spec.method).toMatch(/stratified percentile bootstrap band over seeds.* n = 2 to 4 seeds in each of 2/)
  })
  it('leaves out tasks that not every model has, or that have no better side, and names them', () => {
    const spec = draw([
      stratum([cell('a', [1, 1]), cell('b', [0, 0])], {}, 'Both'),
      stratum([cell('a', [0, 0])], {}, 'Alone'),
      stratum([cell('a', [0, 0]), cell('b', [0, 0])], { direction: 'none' }, 'Aimless')
    ])!
    expect(at(spec, 'a', 0.5).y).toBe(1)
    expect(spec.remarks!.join('\n')).toMatch(/not every shown model has it: Alone\n.*better: Aimless/)
  })
})

describe('the profile over tasks of which none has all models', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((model) => cell(model, [1, 0]))
  it('compares the models that are in all of them, and names the others', () => {
    const spec = draw([stratum([a, b], {}, 'One'), stratum([a, c], {}, 'Two')])!
    expect(spec.series.map(({ label }) => label)).toEqual(['a'])
    expect(at(spec, 'a', 0.5).y).toBe(0.5)
    expect(spec.remarks).toContain('models that ran on some tasks only are left out: b, c')
  })
  it('is none where no model is in all of them', () =>
    expect(draw([stratum([b], {}, 'One'), stratum([c], {}, 'Two')])).toBeUndefined())
})

describe('the common scale', () => {
  const one = cell('a', [0.5], { items: 4 })
  it('turns a metric round where less is better', () => {
    const { map } = normalise(metric({ direction: 'lower', range: [-1, 1] }), {}, [one])
    for (const [value, score] of [
      [-1, 1],
      [0, 0.5],
      [1, 0]
    ])
      expect(map(value, one)).toBeCloseTo(score, 12)
  })
  it('takes a chance level of 1/x from the point, or from the task where x is not swept', () => {
    const info = metric({ chance: { oneOver: 'items' } })
    expect(normalise(info, {}, [one]).map(0.25, one)).toBe(0)
    expect(normalise(info, { items: 2 }, [one]).map(0.75, cell('a', [0.5]))).toBe(0.5)
    // Between one item and itself there is only right and wrong.
    expect(normalise(info, { items: 1 }, [one]).map(1, cell('a', [1]))).toBe(1)
  })
  it('runs from the worst to the best trial where a metric has no bounds, and says so', () => {
    const { map, scale } = normalise(metric({ range: undefined, direction: 'lower' }), {}, [cell('a', [2, 6])])
    expect(map(2, one)).toBe(1)
    expect(map(6, one)).toBeCloseTo(0, 12)
    expect(scale).toMatch(/no bounds known/)
  })
})

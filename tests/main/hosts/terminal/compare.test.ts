import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compareSources, comparisonText, type CompareOptions } from '../../../../src-main/hosts/terminal/compare.ts'

const folder = mkdtempSync(join(tmpdir(), 'engram-compare-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const compare = (sources: string[], options: Partial<CompareOptions> = {}) =>
  compareSources(sources, { data: join(folder, 'data'), test: 'paired-t', interval: 'auto', ...options })

/** R's sleep data: two drugs, ten people, paired. */
const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
const tidy = (columns: Record<string, number[]>): string =>
  [
    'model,seed,extra',
    ...Object.entries(columns).flatMap(([model, values]) => values.map((value, seed) => `${model},${seed},${value}`))
  ].join('\n')
const sleep = file('sleep.csv', tidy({ one, two }))

describe('engram compare', () => {
  it('prints of a table what R prints: t.test paired and Welch, with means, groups and the best', async () => {
    const [{ metric, rows, tests, best, groups }] = (await compare([sleep])).metrics
    expect(metric).toBe('extra')
    expect(rows).toMatchObject([
      { model: 'one', point: {}, n: 10, method: '95 % Student t, n = 10' },
      { model: 'two', point: {}, n: 10, best: true }
    ])
    expect(rows[0].mean).toBeCloseTo(0.75, 12)
    expect(rows[1].low).toBeCloseTo(0.8976775, 6)
    const [test] = tests
    expect(test).toMatchObject({ a: 'one', b: 'two', point: {}, n: 10, method: 'paired t, df = 9; paired dz' })
    expect([test.difference, test.low, test.high].map((x) => x!.toFixed(6))).toEqual([
      '-1.580000',
      '-2.459886',
      '-0.700114'
    ])
    expect(test.p).toBeCloseTo(0.002833, 6)
    expect(test.pHolm).toBe(test.p)
    expect(test.effect).toBeCloseTo(-1.58 / 1.229995, 5)
    expect([best, groups]).toEqual([['two'], { two: 'a', one: 'b' }])
    const [welch] = (await compare([sleep], { test: 'welch' })).metrics[0].tests
    expect(welch.p).toBeCloseTo(0.07939, 5)
    expect(welch.statistic).toBeCloseTo(-1.8608, 4)
  })
  it('tests as asked: exact p of signs and of ranks', async () => {
    const ties = file(
      'ties.csv',
      tidy({ a: [0.4, 0.25, 0.05, 0.2, 0.25, 0.45], b: [0.35, 0.25, 0.1, 0.25, 0.3, 0.35] })
    )
    const p = async (test: CompareOptions['test']) => (await compare([ties], { test })).metrics[0].tests[0].p
    expect(await p('permutation')).toBe(1)
    const ranks = file(
      'ranks.csv',
      tidy({ a: [0.2, 0.3, 0.1, 0.5, 0.55, 0.4, 0.1, 0.2], b: [0.15, 0.2, 0.05, 0.55, 0.5, 0.25, 0.05, 0.1] })
    )
    expect((await compare([ranks], { test: 'wilcoxon' })).metrics[0].tests[0].p).toBe(0.046875)
  })
  it('corrects over the pairs of a point, and tells the points of a grid apart', async () => {
    const grid = file(
      'grid.csv',
      [
        'model,seed,items,accuracy,loss',
        ...['a', 'b', 'c'].flatMap((model, m) =>
          [5, 10].flatMap((items) =>
            [0, 1, 2, 3].map(
              (seed) => `${model},${seed},${items},${(90 - 7 * m + seed * (m + 1) - items) / 100},${m + seed / 10}`
            )
          )
        )
      ].join('\n')
    )
    const { metrics } = await compare([grid])
    expect(metrics.map(({ metric, direction }) => [metric, direction])).toEqual([
      ['accuracy', 'higher'],
      ['loss', 'lower']
    ])
    const [accuracy] = metrics
    expect(accuracy.rows.map(({ point }) => point.items)).toEqual([5, 10, 5, 10, 5, 10])
    expect(accuracy.tests).toHaveLength(6)
    for (const items of [5, 10]) {
      const here = accuracy.tests.filter(({ point }) => point.items === items)
      const sorted = [...here].sort((x, y) => x.p! - y.p!)
      expect(sorted[0].pHolm).toBeCloseTo(3 * sorted[0].p!, 12)
    }
    expect(accuracy.best).toEqual(['a'])
    expect(metrics[1].best).toEqual(['a'])
    expect((await compare([grid], { metric: ['accuracy'] })).metrics[0]).toEqual(accuracy)
    expect((await compare([grid], { higher: ['loss'] })).metrics[1].best).toEqual(['c'])
  })
  it('gives shares their interval when told of how many questions, and t when asked', async () => {
    const full = file('full.csv', tidy({ a: [1, 1, 1, 1, 1], b: [1, 0.5, 1, 1, 1] }))
    const row = async (options: Partial<CompareOptions>) => (await compare([full], options)).metrics[0].rows[0]
    expect(await row({})).toMatchObject({ low: 1, high: 1, method: '95 % Student t, n = 5' })
    const share = await row({ of: { extra: 24 } })
    expect(share.low).toBeCloseTo(120 / (120 + 3.841458820694124), 10)
    expect(share.method).toContain('Wilson score, n = 5 of 24 questions')
    expect((await row({ of: { extra: 24 }, interval: 't' })).method).toBe('95 % Student t, n = 5')
  })
  it('takes several sources, and tells equal models of them apart by file', async () => {
    const other = file('other.csv', tidy({ one: two, three: one }))
    const { metrics } = await compare([sleep, other])
    expect(metrics[0].rows.map(({ model }) => model)).toEqual(['one · sleep.csv', 'two', 'one · other.csv', 'three'])
  })
  it('says too few seeds, and names what is wrong', async () => {
    const single = file('single.csv', 'model,seed,x\na,1,0.5\nb,1,0.25')
    expect((await compare([single])).metrics[0].tests[0]).toMatchObject({
      n: 1,
      p: null,
      method: expect.stringContaining('too few') as string
    })
    await expect(compare([join(folder, 'gone.csv')])).rejects.toMatchObject({ data: { code: 'not-found' } })
    await expect(compare([sleep], { metric: ['gone'] })).rejects.toMatchObject({
      data: { code: 'bad-file', field: 'gone' }
    })
    await expect(compare([file('bad.json', '{}')])).rejects.toMatchObject({ data: { code: 'bad-input' } })
  })
  it('reads as tables', async () => {
    const text = comparisonText(await compare([sleep]))
    expect(text).toContain('extra (higher is better)')
    expect(text).toMatch(/one - two +−1\.58 \[−2\.46, −0\.7001\]/)
    expect(text).toContain('Best: two. Models that share a letter do not differ at 5 %: two a, one b.')
  })

  it('tests for practical equivalence within given bounds, and says what so many seeds can find', async () => {
    const [{ tests, power }] = (await compare([sleep], { within: 2.5 })).metrics
    // statsmodels 0.13: ttost_paired(one, two, -2.5, 2.5)
    expect(tests[0].equivalence).toMatchObject({ within: 2.5, verdict: 'same' })
    expect(tests[0].equivalence!.p).toBeCloseTo(0.021116860246500724, 10)
    expect(tests[0].effectName).toBe('paired dz')
    // statsmodels 0.13: TTestPower().solve_power(None, 10, .05, .8)
    expect(power).toMatchObject([{ n: 10, smallestEffect: expect.closeTo(0.9960019107432067, 5) as number }])
    const [ranks] = (await compare([sleep], { test: 'wilcoxon' })).metrics
    expect(ranks.tests[0]).toMatchObject({ difference: -1.3, effectName: 'rank-biserial r', effect: -1 })
    expect(ranks.tests[0].method).toContain('Hodges-Lehmann')
    expect(ranks.tests[0].equivalence).toBeNull()
  })
  it('compares over tasks: files, or the values of a column', async () => {
    const table = (shift: number): string => tidy({ one, two: two.map((x) => x + shift) })
    const files = [file('task-1.csv', table(0)), file('task-2.csv', table(1)), file('task-3.csv', table(2))]
    const result = await compare(files, { higher: ['extra'] })
    expect(result.benchmark).toMatchObject({
      tasks: [{ name: 'task-1.csv' }, { name: 'task-2.csv' }, { name: 'task-3.csv' }],
      ranks: {
        of: 'tasks',
        blocks: 3,
        models: [
          { model: 'two', rank: 1 },
          { model: 'one', rank: 2 }
        ]
      }
    })
    expect(comparisonText(result)).toContain('Over 3 tasks')
    const column = file(
      'column.csv',
      [
        'model,seed,game,score',
        ...['x', 'y'].flatMap((game, g) =>
          [0, 1, 2].flatMap((seed) => [`a,${seed},${game},${seed + g}`, `b,${seed},${game},${2 * seed + g}`])
        )
      ].join('\n')
    )
    const byColumn = await compare([column], { task: 'game', higher: ['score'], grid: ['game'] })
    expect(byColumn.benchmark!.tasks.map(({ name }) => name)).toEqual(['x', 'y'])
    await expect(compare([column], { task: 'level', higher: ['score'] })).rejects.toThrow('There is no column "level"')
    expect((await compare([sleep])).benchmark).toMatchObject({ ranks: { of: 'seeds', blocks: 10 } })
    expect((await compare([sleep])).efficiency).toBeNull()
  })
})

/** `engram compare SOURCE...`: the tests of the Compare page over runs, results files and tables of any origin. */
import { Option, type Command } from 'commander'
import { testNames, type TestName } from '../../../src-shared/statistics/equivalence.ts'
import { benchmark, type Benchmark } from '../../../src-shared/findings/benchmark.ts'
import { compareAll, type ComparedRow, type MetricComparison } from '../../../src-shared/findings/comparison.ts'
import { efficiency, learningStrata, type Efficiency } from '../../../src-shared/findings/efficiency.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import type { Stratum } from '../../../src-shared/findings/strata.ts'
import { canonical } from '../../../src-shared/grid/identity.ts'
import type { MetricInfo } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import type { MetricScale } from '../../../src-shared/shapes/scale.ts'
import { countText, intervalText } from '../../../src-shared/text/interval-text.ts'
import { numberText } from '../../../src-shared/text/numbers.ts'
import { readSource, type Metric, type Source } from './compare-sources.ts'
import { outcome, print } from './outcome.ts'
import { plain, table } from './text.ts'

export interface CompareOptions {
  data: string
  metric?: string[]
  grid?: string[]
  test: TestName
  interval: 'auto' | 't'
  of?: Record<string, number>
  lower?: string[]
  higher?: string[]
  within?: number
  rope?: number
  task?: string
}

/** What `compare --json` prints: resources/guide/compare.md says what each field holds. */
export interface CompareResult {
  metrics: MetricComparison[]
  benchmark: Benchmark | null
  efficiency: Efficiency | null
}

/** @throws StudioError not-found, bad-file, bad-input, each with the source's name */
export async function compareSources(sources: readonly string[], options: CompareOptions): Promise<CompareResult> {
  const read = await Promise.all(sources.map((source) => readSource(source, options)))
  const known = new Map<string, Metric>()
  for (const { metrics } of read) for (const metric of metrics) known.set(metric.name, known.get(metric.name) ?? metric)
  const wanted = options.metric ?? [...known.keys()]
  for (const name of [...wanted, ...(options.lower ?? []), ...(options.higher ?? []), ...Object.keys(options.of ?? {})])
    if (!known.has(name))
      throw new StudioError('bad-input', `There is no metric "${name}"; there are ${[...known.keys()].join(', ')}.`, {
        field: 'metric'
      })
  const metrics = wanted.map((name): Metric => {
    if (options.lower?.includes(name)) return { name, direction: 'lower' }
    return options.higher?.includes(name) ? { name, direction: 'higher' } : known.get(name)!
  })
  const given = Object.entries(options.of ?? {}).map(([name, of]): [string, MetricScale] => [
    name,
    { kind: 'share', of }
  ])
  const cells = read
    .flatMap((source) => source.cells)
    .map((cell) => (given.length ? { ...cell, scales: { ...cell.scales, ...Object.fromEntries(given) } } : cell))
  const labelOf = labelsOf(read.flatMap(({ runs }) => runs))
  const { test, interval, within, rope } = options
  const strata = options.task === undefined ? strataFrom(read, metrics) : strataBy(options.task, cells, metrics)
  const learning = read.flatMap(({ learning: { runs, series, tasks } }) => learningStrata(runs, series, tasks))
  return {
    metrics: compareAll(cells, metrics, { labelOf, test, interval, within }),
    benchmark: benchmark(strata, byLabel, rope === undefined ? {} : { rope }) ?? null,
    efficiency: efficiency(learning, byLabel) ?? null
  }
}

/** Over tasks models are the same by their label, whatever the source. */
const byLabel = ({ label }: { label: string }): string => label

/** The metric of a table as a benchmark knows it: the first wanted one that has a better direction. */
function tableMetric(metrics: readonly Metric[], cells: readonly CellResult[]): MetricInfo | undefined {
  const found = metrics.find(({ direction }) => direction !== 'none')
  const share = found && cells.every(({ scales }) => scales?.[found.name]?.kind === 'share')
  return found && { ...found, label: found.name, tex: '', help: '', ...(share && { range: [0, 1] as const }) }
}

/** Sources as tasks: runs by their main metric, tables by their first one with a better direction. */
function strataFrom(sources: readonly Source[], metrics: readonly Metric[]): Stratum[] {
  return sources.flatMap(({ strata, cells, runs }) => {
    if (strata.length) return strata
    const metric = tableMetric(metrics, cells)
    return metric ? [{ name: runs[0].name, metric, taskParams: {}, cells }] : []
  })
}

/** The values of a column of the grid as tasks. */
function strataBy(column: string, cells: readonly CellResult[], metrics: readonly Metric[]): Stratum[] {
  const known = [...new Set(cells.flatMap(({ point }) => Object.keys(point)))]
  if (!known.includes(column))
    throw new StudioError(
      'bad-input',
      `There is no column "${column}" of the grid; there ${known.length ? `are ${known.join(', ')}` : 'is none'}.`,
      { field: 'task' }
    )
  const metric = tableMetric(metrics, cells)
  if (!metric)
    throw new StudioError(
      'bad-input',
      'Over tasks a metric needs a better direction: give it by --higher or --lower.',
      { field: 'task' }
    )
  return [...Map.groupBy(cells, ({ point }) => String(point[column]))].map(([name, own]) => ({
    name,
    metric,
    taskParams: {},
    cells: own.map((cell) => ({
      ...cell,
      point: Object.fromEntries(Object.entries(cell.point).filter(([axis]) => axis !== column))
    }))
  }))
}

const directions = { higher: 'higher is better', lower: 'lower is better', none: 'no better direction' } as const

export function comparisonText({ metrics, benchmark: found, efficiency: curves }: CompareResult): string {
  return [
    ...metrics.map(metricText),
    // Of one model there is nothing to say beside its rows.
    ...(found && found.rows.length > 1 ? [benchmarkText(found)] : []),
    ...(curves && curves.models.length > 1 ? [efficiencyText(curves)] : [])
  ].join('\n\n')
}

const estimateText = ({
  estimate,
  low,
  high
}: {
  estimate: number
  low: number | null
  high: number | null
}): string =>
  low === null || high === null
    ? numberText(estimate)
    : `${numberText(estimate)} [${numberText(low)}, ${numberText(high)}]`

function benchmarkText({ tasks, rows, pairs, ranks, method, rope, remarks }: Benchmark): string {
  const p = (x: number | null): string => (x === null ? '-' : x < 0.0001 ? '< 0.0001' : x.toFixed(4))
  const place = new Map(ranks?.models.map(({ model, rank }) => [model, rank]))
  return [
    `Over ${tasks.length === 1 ? 'one task' : `${tasks.length} tasks`} (${method})`,
    ...tasks.map(({ name, metric, scale }) => `  ${plain(name)}, ${plain(metric)}: ${scale}`),
    table(
      ['model', 'median', 'IQM', 'mean', 'optimality gap', ...(ranks ? ['mean rank'] : [])],
      rows.map((row) => [
        row.model,
        ...[row.median, row.iqm, row.mean, row.optimalityGap].map(estimateText),
        ...(ranks ? [place.get(row.model)!.toFixed(2)] : [])
      ])
    ),
    '',
    table(
      ['pair', 'P(first better)', 'p Nemenyi', `P(below), P(within ${numberText(rope)}), P(above)`],
      pairs.map(({ a, b, improvement, pNemenyi, posterior }) => [
        `${a} - ${b}`,
        estimateText(improvement),
        p(pNemenyi),
        posterior ? [posterior.below, posterior.within, posterior.above].map((x) => x.toFixed(3)).join(', ') : '-'
      ])
    ),
    ...(ranks
      ? [
          `Friedman over ${ranks.blocks} ${ranks.of}: chi² = ${numberText(ranks.statistic)}, p = ${p(ranks.p)}; Iman-Davenport F = ${Number.isFinite(ranks.f) ? numberText(ranks.f) : '∞'}, p = ${p(ranks.pF)}. Critical difference of mean ranks at 5 % (Nemenyi): ${numberText(ranks.criticalDifference)}.`
        ]
      : []),
    ...(remarks.length ? [`${remarks.join('; ')}.`] : [])
  ].join('\n')
}

function efficiencyText({ steps, models, tasks, method, remarks }: Efficiency): string {
  const shown = [0.25, 0.5, 1].map((share) => Math.round((steps.length - 1) * share))
  return [
    `Sample efficiency over ${tasks.map(plain).join(', ')} (${method})`,
    table(
      ['model', ...shown.map((i) => `step ${steps[i]}`)],
      models.map(({ model, points }) => [model, ...shown.map((i) => estimateText(points[i]))])
    ),
    ...(remarks.length ? [`${remarks.join('; ')}.`] : [])
  ].join('\n')
}

function metricText({ metric, direction, rows, tests, power, interactions, best, groups }: MetricComparison): string {
  const axes = [...new Set(rows.flatMap(({ point }) => Object.keys(point)))]
  const at = (point: Point): string[] => axes.map((axis) => String(point[axis] ?? ''))
  const value = (row: ComparedRow): string => (row.mean === null ? '-' : intervalText({ ...row, mean: row.mean }))
  const number = (x: number | null): string =>
    x === null ? '-' : Number.isFinite(x) ? numberText(x) : x < 0 ? '-∞' : '∞'
  const p = (x: number | null): string => (x === null ? '-' : x < 0.0001 ? '< 0.0001' : x.toFixed(4))
  const range = (low: number | null, high: number | null): string =>
    low === null || high === null ? '' : ` [${number(low)}, ${number(high)}]`
  const shown = rows.map((row) => [
    row.model,
    ...at(row.point),
    value(row),
    countText(row),
    row.best ? 'best' : '',
    row.method
  ])
  const practical = tests.find(({ equivalence }) => equivalence)?.equivalence
  const compared = tests.map((row) => [
    `${row.a} - ${row.b}`,
    ...at(row.point),
    `${number(row.difference)}${range(row.low, row.high)}`,
    `${number(row.effect)}${range(row.effectLow, row.effectHigh)}`,
    p(row.p),
    p(row.pHolm),
    ...(practical
      ? [row.equivalence ? `${verdictWords[row.equivalence.verdict]} (p ${p(row.equivalence.pHolm)})` : '-']
      : []),
    String(row.n),
    row.method
  ])
  const letters = Object.entries(groups).map(([model, own]) => `${plain(model)} ${own || '-'}`)
  const points = new Set(rows.map(({ point }) => canonical(point))).size
  return [
    `${plain(metric)} (${directions[direction]})`,
    table(['model', ...axes, 'mean', 'n', '', 'interval'], shown),
    ...(compared.length
      ? [
          '',
          table(
            [
              'difference',
              ...axes,
              '95 %',
              'effect',
              'p',
              'p Holm',
              ...(practical ? [`within ${numberText(practical.within)}`] : []),
              'n',
              'test'
            ],
            compared
          )
        ]
      : []),
    ...powerLines(power),
    ...(interactions
      ? [
          `Parts of the variance: ${interactions.map(({ params, share }) => `${params.map(plain).join(' × ') || 'higher interactions'} ${(100 * share).toFixed(0)} %`).join(', ')}.`
        ]
      : []),
    ...(best.length
      ? [
          `Best${points > 1 ? ' over all points' : ''}: ${best.map(plain).join(', ')}. Models that share a letter do not differ at 5 %: ${letters.join(', ')}.`
        ]
      : [])
  ].join('\n')
}

const verdictWords = { same: 'practically the same', different: 'different', open: 'open' } as const

/** One line for each number of seeds, whatever the points. */
function powerLines(power: MetricComparison['power']): string[] {
  const lines = power.map(({ n, smallestEffect, unit, method }) =>
    smallestEffect === null
      ? `With n = ${n} this test can find no difference, however large, in a family of this size.`
      : `With n = ${n} the test finds differences of ${numberText(smallestEffect)} ${unit} or more with a power of 80 % (${method}).`
  )
  return [...new Set(lines)]
}

/** A width, above zero or from zero on. */
const width =
  (field: string, zero: boolean) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && (value > 0 || (zero && value === 0))) return value
    throw new StudioError('bad-input', `"${text}" is no width: a number ${zero ? 'of zero or more' : 'above zero'}.`, {
      field
    })
  }

const listed = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

function questions(text: string, before: Record<string, number> | undefined): Record<string, number> {
  const [, name, count] = /^(.+)=(\d+)$/.exec(text) ?? []
  if (name === undefined || Number(count) < 1)
    throw new StudioError('bad-input', `"${text}" is not METRIC=QUESTIONS, as in accuracy=24.`, { field: 'of' })
  return { ...before, [name]: Number(count) }
}

export function compareCommand(command: Command, data: Option): void {
  command
    .description(
      'compare models of runs, results files or tidy CSV tables (model, seed, a column per metric, the grid)'
    )
    .argument('<source...>')
    .option('--metric <name>', 'this metric; may be given again. All if left out', listed)
    .addOption(new Option('--test <test>', 'test of differences').choices(testNames).default('paired-t'))
    .addOption(
      new Option('--interval <interval>', 'the interval that fits each metric, or Student’s t for all')
        .choices(['auto', 't'])
        .default('auto')
    )
    .option('--of <metric=n>', 'a share is taken of so many questions of each seed; may be given again', questions)
    .option('--grid <column>', 'a column of a CSV that is of the grid, not a metric; may be given again', listed)
    .option(
      '--within <width>',
      'differences below this are practically none: test for equivalence',
      width('within', false)
    )
    .option('--rope <width>', 'the same over tasks, on their common scale from 0 to 1 (0.01)', width('rope', true))
    .option('--task <column>', 'a column of the grid that names the task')
    .option('--lower <metric>', 'less of it is better; may be given again', listed)
    .option('--higher <metric>', 'more of it is better; may be given again', listed)
    .addOption(data)
    .addOption(new Option('--json', 'all of it as JSON; its fields are in resources/guide/compare.md'))
    .action((sources: string[], options: CompareOptions & { json?: true }) =>
      outcome(async () => {
        const result = await compareSources(sources, options)
        await print(options.json ? JSON.stringify(result, null, 2) : comparisonText(result))
      })
    )
}

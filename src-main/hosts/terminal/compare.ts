/** `engram compare SOURCE...`: the tests of the Compare page over runs, results files and tables of any origin. */
import { Option, type Command } from 'commander'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { withReferences } from '../../../src-shared/exchange/reference.ts'
import { parseResults, type RunRecord } from '../../../src-shared/exchange/results-file.ts'
import { textOf } from '../../../src-shared/text/read.ts'
import { readTidyCsv } from '../../../src-shared/exchange/tidy-csv.ts'
import { testNames, type TestName } from '../../../src-shared/statistics/equivalence.ts'
import { compareAll, type ComparedRow, type MetricComparison } from '../../../src-shared/findings/comparison.ts'
import { labelsOf } from '../../../src-shared/findings/naming.ts'
import { withScales } from '../../../src-shared/findings/scales.ts'
import { canonical } from '../../../src-shared/grid/identity.ts'
import type { Catalog, Direction } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import type { MetricScale } from '../../../src-shared/shapes/scale.ts'
import { countText, intervalText } from '../../../src-shared/text/interval-text.ts'
import { numberText } from '../../../src-shared/text/numbers.ts'
import { outcome, print } from './outcome.ts'
import { withStudio } from './session.ts'
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
}

type Metric = { name: string; direction: Direction }
interface Source {
  /** Of the runs in it, to tell equal models of several sources apart. */
  runs: { id: string; name: string; labels: string[] }[]
  cells: readonly CellResult[]
  metrics: readonly Metric[]
}

/** @throws StudioError not-found, bad-file, bad-input, each with the source's name */
export async function compareSources(
  sources: readonly string[],
  options: CompareOptions
): Promise<{ metrics: MetricComparison[] }> {
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
  return { metrics: compareAll(cells, metrics, { labelOf, test: options.test, interval: options.interval }) }
}

async function readSource(source: string, options: CompareOptions): Promise<Source> {
  if (!existsSync(source)) {
    if (/[./\\]/.test(source)) throw new StudioError('not-found', 'There is no such file.', { file: source })
    return storedRun(source, options.data)
  }
  let text: string
  try {
    text = textOf(await readFile(source), source)
  } catch (error) {
    if (error instanceof StudioError) throw error
    throw new StudioError('bad-file', `This file cannot be read: ${(error as Error).message}.`, { file: source })
  }
  if (/^\s*[{[<]/.test(text)) return resultsFile(text, source)
  const { metric, grid } = options
  const { cells, metrics } = readTidyCsv(text, {
    file: source,
    ...(metric && { metrics: metric }),
    ...(grid && { grid })
  })
  return {
    runs: [{ id: source, name: basename(source), labels: [...new Set(cells.map(({ label }) => label))] }],
    cells,
    metrics
  }
}

function storedRun(id: string, data: string): Promise<Source> {
  return withStudio(data, 'look', async ({ ask }) => {
    const [run, cells, catalog] = [
      await ask('runs.get', { id }),
      await ask('runs.results', { ids: [id] }),
      await ask('catalog.get', {})
    ]
    return { runs: [run], cells, metrics: metricsOf(run.task, cells, catalog) }
  })
}

async function resultsFile(text: string, file: string): Promise<Source> {
  const { runs } = parseResults(text, file)
  const { builtInRegistry } = await import('../../engine/worker/registry.ts')
  const catalog = withReferences(builtInRegistry().catalog(), runs)
  const read = runs.map((run) => {
    const task = catalog.tasks.find(({ id }) => id === run.task)
    const cells = withScales(cellsOf(run), task, run.experiment.task.params)
    return { run, cells, metrics: metricsOf(run.task, cells, catalog) }
  })
  return {
    runs: runs.map(({ models: labels, ...run }) => ({ ...run, labels })),
    cells: read.flatMap(({ cells }) => cells),
    metrics: read.flatMap(({ metrics }) => metrics)
  }
}

/** The metrics of a task that its results have; those of a task that is not known here, without a better direction. */
function metricsOf(task: string, cells: readonly CellResult[], { tasks }: Catalog): Metric[] {
  const known = tasks.find(({ id }) => id === task)?.metrics
  const there = new Set(cells.flatMap(({ metrics }) => Object.keys(metrics)))
  if (known) return known.filter(({ name }) => there.has(name)).map(({ name, direction }) => ({ name, direction }))
  return [...there].map((name) => ({ name, direction: 'none' }))
}

function cellsOf({ id, cells, results }: RunRecord): CellResult[] {
  const trials = Map.groupBy(results, ({ cell }) => cell)
  return cells.map(({ label, kind, params, point }, i) => {
    const own = trials.get(i) ?? []
    const names = [...new Set(own.flatMap(({ metrics }) => Object.keys(metrics)))]
    return {
      runId: id,
      label,
      model: kind,
      params,
      point,
      seeds: own.map(({ seed }) => seed),
      statuses: own.map(({ status }) => status),
      metrics: Object.fromEntries(names.map((name) => [name, own.map(({ metrics }) => metrics[name] ?? null)])),
      elapsedMs: own.map(({ elapsedMs }) => elapsedMs)
    }
  })
}

const directions = { higher: 'higher is better', lower: 'lower is better', none: 'no better direction' } as const

export function comparisonText({ metrics }: { metrics: readonly MetricComparison[] }): string {
  return metrics.map(metricText).join('\n\n')
}

function metricText({ metric, direction, rows, tests, best, groups }: MetricComparison): string {
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
  const compared = tests.map((row) => [
    `${row.a} - ${row.b}`,
    ...at(row.point),
    `${number(row.difference)}${range(row.low, row.high)}`,
    `${number(row.effect)}${range(row.effectLow, row.effectHigh)}`,
    p(row.p),
    p(row.pHolm),
    String(row.n),
    row.method
  ])
  const letters = Object.entries(groups).map(([model, own]) => `${plain(model)} ${own || '-'}`)
  const points = new Set(rows.map(({ point }) => canonical(point))).size
  return [
    `${plain(metric)} (${directions[direction]})`,
    table(['model', ...axes, 'mean', 'n', '', 'interval'], shown),
    ...(compared.length
      ? ['', table(['difference', ...axes, '95 %', 'effect', 'p', 'p Holm', 'n', 'test'], compared)]
      : []),
    ...(best.length
      ? [
          `Best${points > 1 ? ' over all points' : ''}: ${best.map(plain).join(', ')}. Models that share a letter do not differ at 5 %: ${letters.join(', ')}.`
        ]
      : [])
  ].join('\n')
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
    .option('--lower <metric>', 'less of it is better; may be given again', listed)
    .option('--higher <metric>', 'more of it is better; may be given again', listed)
    .addOption(data)
    .addOption(new Option('--json', 'rows, tests, best models and groups as JSON'))
    .action((sources: string[], options: CompareOptions & { json?: true }) =>
      outcome(async () => {
        const result = await compareSources(sources, options)
        await print(options.json ? JSON.stringify(result, null, 2) : comparisonText(result))
      })
    )
}

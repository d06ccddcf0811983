/** What `engram compare` takes: stored runs, results files and tables of any origin, read alike. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { withReferences } from '../../../src-shared/exchange/reference.ts'
import { parseResults, type RunRecord } from '../../../src-shared/exchange/results-file.ts'
import { textOf } from '../../../src-shared/text/read.ts'
import { readTidyCsv } from '../../../src-shared/exchange/tidy-csv.ts'
import { learningSeries, type learningStrata } from '../../../src-shared/findings/efficiency.ts'
import { withScales } from '../../../src-shared/findings/scales.ts'
import { strataOf, type Stratum } from '../../../src-shared/findings/strata.ts'
import type { Catalog, Direction } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { CellResult, SeriesResult } from '../../../src-shared/shapes/run.ts'
import { withStudio } from './session.ts'

export type Metric = { name: string; direction: Direction }
export interface Source {
  /** Of the runs in it, to tell equal models of several sources apart. */
  runs: { id: string; name: string; labels: string[] }[]
  cells: readonly CellResult[]
  metrics: readonly Metric[]
  /** One of each run whose task is known. */
  strata: readonly Stratum[]
  learning: { runs: Parameters<typeof learningStrata>[0]; series: readonly SeriesResult[]; tasks: Catalog['tasks'] }
}

interface Reading {
  data: string
  metric?: string[]
  grid?: string[]
}

/** @throws StudioError not-found, bad-file, each with the source's name */
export async function readSource(source: string, options: Reading): Promise<Source> {
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
    metrics,
    strata: [],
    learning: { runs: [], series: [], tasks: [] }
  }
}

function storedRun(id: string, data: string): Promise<Source> {
  return withStudio(data, 'look', async ({ ask }) => {
    const [run, cells, catalog] = [
      await ask('runs.get', { id }),
      await ask('runs.results', { ids: [id] }),
      await ask('catalog.get', {})
    ]
    const curve = learningSeries(catalog.tasks.find((task) => task.id === run.task))?.name
    return {
      runs: [run],
      cells,
      metrics: metricsOf(run.task, cells, catalog),
      strata: strataOf([run], cells, catalog.tasks),
      learning: {
        runs: [run],
        series: curve === undefined ? [] : await ask('runs.series', { ids: [id], name: curve }),
        tasks: catalog.tasks
      }
    }
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
    metrics: read.flatMap(({ metrics }) => metrics),
    strata: strataOf(
      read.map(({ run }) => run),
      read.flatMap(({ cells }) => cells),
      catalog.tasks
    ),
    learning: { runs: read.map(({ run }) => run), series: runs.flatMap(curvesOf), tasks: catalog.tasks }
  }
}

const curvesOf = ({ id, cells, series }: RunRecord): SeriesResult[] =>
  series.map(({ cell, name, x, y, seeds }) => {
    const { label, kind, point } = cells[cell]
    return { runId: id, label, model: kind, point, name, x, y, seeds }
  })

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

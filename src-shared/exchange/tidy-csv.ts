/** A tidy table of results of any origin: one row per model, point of a grid and seed, one column per metric. */
import Papa from 'papaparse'
import { canonical } from '../grid/identity.ts'
import type { Direction } from '../shapes/catalog.ts'
import { StudioError } from '../shapes/errors.ts'
import type { Point } from '../shapes/point.ts'
import type { CellResult } from '../shapes/run.ts'

export interface TidyOptions {
  file: string
  /** Columns that are metrics, whatever they look like. */
  metrics?: readonly string[]
  /** Columns of the grid; every other one with numbers is then a metric. */
  grid?: readonly string[]
}

export interface TidyResults {
  cells: CellResult[]
  metrics: { name: string; direction: Direction }[]
}

/** Names under which less is better; anything else counts as a score. */
const lower =
  /(^|[^a-z])(loss|error|err|mse|rmse|mae|nll|bpc|perplexity|ppl|time|latency|ms|seconds|flops|bytes|steps|elbow)([^a-z]|$)/
const words = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
export const directionByName = (name: string): Direction => (lower.test(words(name)) ? 'lower' : 'higher')

const missing = /^(|na|n\/a|nan|null|none|-)$/i

/**
 * Read a table with the columns model and seed. What the options leave open of the others is told by the
 * table: text is of the grid, and so are the fewest columns of numbers that are crossed with the seeds and tell apart
 * the rows of one model and seed.
 * @throws StudioError bad-file that names line and column
 */
export function readTidyCsv(text: string, { file, metrics, grid }: TidyOptions): TidyResults {
  const { data, meta, errors } = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy'
  })
  const refuse = (message: string, field?: string): never => {
    throw new StudioError('bad-file', message, { file, ...(field !== undefined && { field }) })
  }
  const columns = meta.fields ?? []
  for (const name of ['model', 'seed'])
    if (!columns.includes(name))
      refuse(`The column ${name} is missing; a table of results has model, seed and a column per metric.`, name)
  for (const name of [...(metrics ?? []), ...(grid ?? [])])
    if (!columns.includes(name)) refuse(`There is no column "${name}"; there are ${columns.join(', ')}.`, name)
  const broken = errors.find(({ row }) => row !== undefined)
  if (broken) refuse(`Row ${broken.row! + 1}: ${broken.message}.`)
  const rows = data.map((row, i) => {
    const seed = Number(row.seed)
    if (row.seed.trim() === '' || !Number.isInteger(seed))
      refuse(`Row ${i + 1}, column seed: "${row.seed}" is not a whole number.`, 'seed')
    if (row.model.trim() === '') refuse(`Row ${i + 1}, column model: the cell is empty.`, 'model')
    return { model: row.model.trim(), seed, cells: row }
  })
  if (!rows.length) refuse('There is no row in this table.')
  const others = columns.filter((name) => name !== 'model' && name !== 'seed')
  const numeric = others.filter((name) =>
    rows.every(({ cells }) => missing.test(cells[name].trim()) || !Number.isNaN(Number(cells[name])))
  )
  const open = (names: readonly string[]): string[] => names.filter((name) => !metrics?.includes(name))
  const places = grid ?? gridOf(rows, open(others), open(numeric))
  const measured = others.filter(
    (name) => metrics?.includes(name) || (numeric.includes(name) && !places.includes(name))
  )
  if (!measured.length) refuse('No column holds a metric: numbers beside model and seed.')
  for (const name of measured)
    if (!numeric.includes(name)) {
      const at = rows.findIndex(({ cells }) => !missing.test(cells[name].trim()) && Number.isNaN(Number(cells[name])))
      refuse(`Row ${at + 1}, column ${name}: "${rows[at].cells[name]}" is not a number.`, name)
    }
  const groups = new Map<string, { model: string; point: Point; trials: Map<number, Record<string, string>> }>()
  for (const [i, { model, seed, cells }] of rows.entries()) {
    const point = Object.fromEntries(places.map((name) => [name, valueOf(cells[name])]))
    const key = canonical([model, point])
    const group = groups.get(key) ?? { model, point, trials: new Map() }
    groups.set(key, group)
    if (group.trials.has(seed))
      refuse(
        `Row ${i + 1}: model ${model} has seed ${seed} twice${places.length ? ' at one point' : ''}; name the columns of the grid, or the metrics.`,
        'seed'
      )
    group.trials.set(seed, cells)
  }
  return {
    metrics: measured.map((name) => ({ name, direction: directionByName(name) })),
    cells: [...groups.values()].map(({ model, point, trials }) => ({
      runId: file,
      label: model,
      model,
      params: {},
      point,
      seeds: [...trials.keys()],
      statuses: [...trials.keys()].map(() => 'done'),
      metrics: Object.fromEntries(
        measured.map((name) => [
          name,
          [...trials.values()].map((cells) => {
            const value = missing.test(cells[name].trim()) ? NaN : Number(cells[name])
            return Number.isFinite(value) ? value : null
          })
        ])
      ),
      elapsedMs: [...trials.keys()].map(() => null)
    }))
  }
}

const valueOf = (text: string): Point[string] =>
  text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text.trim()

interface Row {
  model: string
  seed: number
  cells: Record<string, string>
}

function gridOf(rows: readonly Row[], others: readonly string[], numeric: readonly string[]): string[] {
  const named = others.filter((name) => !numeric.includes(name))
  const tells = (columns: readonly string[]): boolean =>
    new Set(rows.map(({ model, seed, cells }) => canonical([model, seed, ...columns.map((name) => cells[name])])))
      .size === rows.length
  if (tells(named)) return named
  const crossed = numeric.filter((name) => isCrossed(rows, name))
  for (let size = 1; size <= crossed.length; size++)
    for (const chosen of subsets(crossed, size)) if (tells([...named, ...chosen])) return [...named, ...chosen]
  return named
}

/** Whether the seeds come with each value of a column, as those of a grid do and measured ones do not. */
function isCrossed(rows: readonly Row[], name: string): boolean {
  return [...Map.groupBy(rows, ({ model }) => model).values()].every((own) => {
    const seeds = new Set(own.map(({ seed }) => seed))
    const values = [...Map.groupBy(own, ({ cells }) => cells[name]).values()]
    const shares = values.map((at) => new Set(at.map(({ seed }) => seed)).size / seeds.size)
    return shares.reduce((total, share) => total + share, 0) / shares.length > 0.6
  })
}

function* subsets(names: readonly string[], size: number, from = 0): Generator<string[]> {
  if (size === 0) yield []
  else
    for (let i = from; i <= names.length - size; i++)
      for (const rest of subsets(names, size - 1, i + 1)) yield [names[i], ...rest]
}

/** A tidy table of results of any origin: one row per model, point of a grid and seed, one column per metric. */
import { canonical } from '../grid/identity.ts'
import type { Direction } from '../shapes/catalog.ts'
import { decimalComma } from '../shapes/decimals.ts'
import { StudioError } from '../shapes/errors.ts'
import type { Point } from '../shapes/point.ts'
import { trialStatuses, type CellResult, type TrialStatus } from '../shapes/run.ts'
import { isMissing, notANumber, tableRows } from '../text/read.ts'
import { measured as measuredValue } from './measured.ts'

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

/**
 * Read a table with the columns model and seed. What the options leave open of the others is told by the
 * table: text is of the grid, and so are the fewest columns of numbers that are crossed with the seeds and tell apart
 * the rows of one model and seed.
 * @throws StudioError bad-file that names line and column
 */
export function readTidyCsv(text: string, { file, ...told }: TidyOptions): TidyResults {
  const refuse = (message: string, field?: string): never => {
    throw new StudioError('bad-file', message, { file, ...(field !== undefined && { field }) })
  }
  const [head, ...body] = tableRows(text, { file })
  const columns = (head?.cells ?? []).map((name) => name.trim())
  for (const name of ['model', 'seed'])
    if (!columns.includes(name))
      refuse(`The column ${name} is missing; a table of results has model, seed and a column per metric.`, name)
  const own = columns[0] === 'run_id' && columns.includes('kind') && columns.includes('status')
  if (own && columns.includes('metric'))
    refuse(
      'This is the long table of a run, one number a row; compare its table of trials (NAME.trials.csv) or its JSON.'
    )
  // A table of trials as this studio writes it says what each of its columns is.
  const metrics =
    told.metrics ??
    (own ? columns.slice(columns.indexOf('backend') + 1).filter((name) => !name.startsWith('param.')) : undefined)
  const grid = told.grid ?? (own ? columns.slice(columns.indexOf('kind') + 1, columns.indexOf('seed')) : undefined)
  const twice = columns.find((name, i) => columns.indexOf(name) !== i)
  if (twice !== undefined) refuse(`The column ${twice} comes twice.`, twice)
  for (const name of [...(metrics ?? []), ...(grid ?? [])])
    if (!columns.includes(name)) refuse(`There is no column "${name}"; there are ${columns.join(', ')}.`, name)
  const rows = body.map(({ line, cells }): Row => {
    if (cells.length !== columns.length)
      refuse(`Line ${line}: there are ${cells.length} cells under ${columns.length} names.`)
    const row = Object.fromEntries(columns.map((name, i) => [name, cells[i].trim()]))
    const seed = Number(row.seed)
    if (row.seed === '' || !Number.isInteger(seed))
      refuse(`Line ${line}, column seed: "${row.seed}" is not a whole number.`, 'seed')
    if (row.model === '') refuse(`Line ${line}, column model: the cell is empty.`, 'model')
    return { line, model: row.model, seed, cells: row }
  })
  if (!rows.length) refuse('There is no row in this table.')
  const asked = [...(metrics ?? []), ...(grid ?? [])]
  const others = columns.filter((name) => name !== 'model' && name !== 'seed' && (!own || asked.includes(name)))
  const faults = new Map(others.map((name) => [name, rows.find(({ cells }) => valueIn(cells[name]) === undefined)]))
  const numeric = others.filter((name) => !faults.get(name))
  const open = (names: readonly string[]): string[] => names.filter((name) => !metrics?.includes(name))
  const places = grid ?? gridOf(rows, open(others), open(numeric))
  const measured = others.filter(
    (name) => metrics?.includes(name) || (numeric.includes(name) && !places.includes(name))
  )
  for (const [name, fault] of faults)
    if (fault && (measured.includes(name) || (!grid && decimalComma(fault.cells[name]))))
      refuse(`Line ${fault.line}, column ${name}: ${notANumber(fault.cells[name])}.`, name)
  if (!measured.length) refuse('No column holds a metric: numbers beside model and seed.')
  // Versions like 1.1 and 1.10 are two, which as numbers are one.
  const isText = (name: string): boolean =>
    new Set(rows.map(({ cells }) => cells[name])).size !== new Set(rows.map(({ cells }) => placeOf(cells[name]))).size
  const texts = new Set(places.filter(isText))
  const groups = new Map<string, { model: string; point: Point; trials: Map<number, Record<string, string>> }>()
  for (const { line, model, seed, cells } of rows) {
    const point = Object.fromEntries(places.map((name) => [name, texts.has(name) ? cells[name] : placeOf(cells[name])]))
    const key = canonical([model, point])
    const group = groups.get(key) ?? { model, point, trials: new Map() }
    groups.set(key, group)
    if (group.trials.has(seed))
      refuse(
        `Line ${line}: model ${model} has seed ${seed} twice${places.length ? ' at one point' : ''}; name the columns of the grid, or the metrics.`,
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
      statuses: [...trials.values()].map(({ status }) => (own ? statusOf(status) : 'done')),
      metrics: Object.fromEntries(
        measured.map((name) => [name, [...trials.values()].map((cells) => valueIn(cells[name]) ?? null)])
      ),
      elapsedMs: [...trials.keys()].map(() => null)
    }))
  }
}

const statusOf = (text: string): TrialStatus => trialStatuses.find((known) => known === text) ?? 'failed'

/** What a cell says: a finite number, null for what is missing or not finite, undefined for text. */
function valueIn(cell: string): number | null | undefined {
  if (isMissing(cell) || cell === '-') return null
  const value = measuredValue(cell)
  return value === undefined ? undefined : Number.isFinite(value) ? value : null
}

/** A place on the grid; whatever is written as a finite number is one. */
const placeOf = (cell: string): Point[string] => (cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell)

interface Row {
  /** In the file. */
  line: number
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

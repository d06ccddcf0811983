/**
 * A file of runs with all their numbers, `engram-results/1`: what the JSON export writes, what a report embeds, and what
 * another studio takes in. A trial is named by its cell and seed, its identity by its hash. Traces stay at home.
 */
import { z } from 'zod'
import type { Cell, TuningGrid } from '../grid/cell.ts'
import { runSchema, trialStatuses, type Run } from '../shapes/run.ts'
import { limits } from '../shapes/experiment.ts'
import { tuningTrialSchema, type TuningTrial } from '../shapes/tuning.ts'
import { errorSchema, StudioError } from '../shapes/errors.ts'
import { complaint } from '../shapes/issues.ts'
import { parseJson } from '../shapes/json.ts'

export const resultsFormat = 'engram-results/1'

/** The largest file that is read, as text. */
export const resultsBytes = 512 * 1024 * 1024

const name = z.string().max(200)
/** Trackers allow long names, which differ at their ends. */
const longName = z.string().max(500)
const values = z.record(longName, z.json())
const finite = z.number()

const cellSchema = z.object({
  modelIndex: z.int().min(0).max(1000),
  label: name,
  kind: name,
  params: values,
  taskParams: values,
  point: z.record(z.string().max(200), z.union([z.number(), z.boolean(), z.string().max(1000)])),
  weights: z.string().max(1000).optional(),
  tuned: z.array(name).max(100).optional()
})

const trialSchema = z.object({
  /** Index into `cells`. */
  cell: z.int().min(0),
  model: name,
  kind: name,
  point: cellSchema.shape.point,
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  /** SHA-256 of everything the trial's result depends on; the same hash means the same numbers. */
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'A trial’s hash is 64 hexadecimal digits'),
  status: z.enum(trialStatuses),
  error: errorSchema.nullable(),
  metrics: z.record(longName, finite),
  elapsedMs: z.number().min(0),
  backend: z.string().max(100)
})

/** Curves of the trials of a cell that share their x: `y[seed][x]`, null where a value is not finite. */
const seriesSchema = z.object({
  cell: z.int().min(0),
  name: longName,
  x: z.array(finite).max(1_000_000),
  seeds: z.array(z.int().min(0)),
  y: z.array(z.array(finite.nullable()))
})

/** What was tried before the report seeds ran. Its cells stand behind those of the run. */
const tuningRecordSchema = z.object({
  metric: name,
  direction: z.enum(['higher', 'lower']),
  seeds: z.array(z.int().min(0)).max(limits.seeds),
  cells: z.array(cellSchema.extend({ for: z.int().min(0), values: cellSchema.shape.point })).max(limits.trials),
  trials: z.array(tuningTrialSchema).max(limits.trials)
})

/**
 * The names that a file has for things are those that its readers know: in a trial `model` is the label and `kind` the
 * model's id, in a cell `kind` is the model and `modelIndex` its place in the experiment, in a run `models` are labels.
 * `runSchema` bounds no text, since it also answers; what comes from outside is bounded here.
 */
const recordSchema = runSchema.omit({ labels: true }).extend({
  id: z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'A run’s id is letters and digits'),
  name: z.string().trim().min(1).max(200),
  task: name,
  models: z.array(name).max(1000),
  best: z.object({ model: z.string(), metric: z.string(), mean: z.number() }).nullable(),
  tags: z.array(longName).max(1000),
  notes: z.string().max(100_000),
  created: z.iso.datetime(),
  ended: z.iso.datetime().nullable(),
  backend: z.string().max(200),
  cells: z.array(cellSchema).max(1_000_000),
  results: z.array(trialSchema).max(1_000_000),
  series: z.array(seriesSchema),
  tuning: tuningRecordSchema.optional()
})

export const resultsFileSchema = z.object({
  format: z.literal(resultsFormat),
  version: z.string().max(100),
  created: z.iso.datetime(),
  runs: z.array(recordSchema).min(1).max(10_000)
})

export type RunRecord = z.infer<typeof recordSchema>
export type CellRecord = RunRecord['cells'][number]
export type TrialRecord = RunRecord['results'][number]
export type SeriesRecord = RunRecord['series'][number]
export type ResultsFile = z.infer<typeof resultsFileSchema>

/** A stored run in the file's words. */
export function runRecord(
  { labels, best, ...run }: Run,
  cells: readonly Cell[],
  results: TrialRecord[],
  series: SeriesRecord[],
  tuning?: TuningTried
): RunRecord {
  return {
    ...run,
    models: labels,
    best: best && { model: best.label, metric: best.metric, mean: best.mean },
    cells: cells.map(recordOf),
    results,
    series,
    ...(tuning && {
      tuning: {
        metric: tuning.metric,
        direction: tuning.direction,
        seeds: tuning.seeds,
        cells: tuning.cells.map(({ for: report, values, ...cell }) => ({ ...recordOf(cell), for: report, values })),
        trials: tuning.trials
      }
    })
  }
}

const recordOf = ({ use, model, params, taskParams, tuned, ...cell }: Cell): CellRecord => ({
  modelIndex: use,
  kind: model,
  // What a grid is made of came through JSON.
  params: params as CellRecord['params'],
  taskParams: taskParams as CellRecord['taskParams'],
  ...cell,
  ...(tuned && { tuned: [...tuned] })
})

/** What a run's tuning tried and found. */
export type TuningTried = Omit<TuningGrid, 'trials'> & { trials: TuningTrial[] }

/** The same of a file. */
export const tuningOfRecord = ({ tuning }: Pick<RunRecord, 'tuning'>): TuningTried | undefined =>
  tuning && {
    ...tuning,
    cells: tuning.cells.map(({ for: report, values, ...cell }) => ({ ...cellOf(cell), for: report, values }))
  }

/** A file's cell in the studio's words. */
export const cellOf = ({ modelIndex, kind, params, taskParams, ...cell }: CellRecord): Cell => ({
  use: modelIndex,
  model: kind,
  params: params as Cell['params'],
  taskParams: taskParams as Cell['taskParams'],
  ...cell
})

export const bestOf = ({ best }: Pick<RunRecord, 'best'>): Run['best'] =>
  best && { label: best.model, metric: best.metric, mean: best.mean }

/**
 * Read a results file, or the data that an HTML report of this studio embeds.
 * @throws StudioError too-large, bad-file for what is no JSON or no report, bad-input that names the field
 */
export function parseResults(text: string, file?: string): ResultsFile {
  const about = file === undefined ? {} : { file }
  if (text.length > resultsBytes)
    throw new StudioError('too-large', `A results file may hold at most ${resultsBytes / 2 ** 20} MiB.`, about)
  const json = parseJson(
    /^\s*<!doctype html/i.test(text) ? embedded(text) : text,
    about,
    'This is neither JSON nor a report'
  )
  const parsed = resultsFileSchema.safeParse(json)
  if (!parsed.success) {
    const { message, ...where } = complaint(parsed.error, json)
    throw new StudioError('bad-input', message, { ...about, ...where })
  }
  for (const [i, run] of parsed.data.runs.entries()) checkRecord(run, `runs.${i}`, about)
  return parsed.data
}

const embedded = (html: string): string =>
  /<script type="application\/json" id="engram-data">([^<]*)<\/script>/.exec(html)?.[1] ?? ''

/** What the schema cannot say: indices that lead somewhere, one trial per place, rows as long as their axis. */
function checkRecord(run: RunRecord, at: string, about: { file?: string }): void {
  const refuse = (field: string, message: string): never => {
    throw new StudioError('bad-input', message, { ...about, field: `${at}.${field}` })
  }
  if (run.task !== run.experiment.task.kind) refuse('task', 'The task is not the one of the experiment.')
  for (const [i, { cell, seed }] of run.results.entries())
    if (cell >= run.cells.length) refuse(`results.${i}.cell`, `There is no cell ${cell} (seed ${seed}).`)
  const places = new Set(run.results.map(({ cell, seed }) => `${cell} ${seed}`))
  if (places.size < run.results.length) refuse('results', 'A trial occurs twice.')
  const { tuning } = run
  for (const [i, { for: report }] of (tuning?.cells ?? []).entries())
    if (report >= run.cells.length) refuse(`tuning.cells.${i}.for`, `There is no cell ${report}.`)
  for (const [i, { cell }] of (tuning?.trials ?? []).entries())
    if (cell < run.cells.length || cell >= run.cells.length + tuning!.cells.length)
      refuse(`tuning.trials.${i}.cell`, `There is no tuning cell ${cell}.`)
  for (const [i, { cell, x, y, seeds }] of run.series.entries()) {
    if (y.length !== seeds.length || y.some((row) => row.length !== x.length))
      refuse(`series.${i}.y`, 'Its rows do not fit its seeds and x.')
    if (seeds.some((seed) => !places.has(`${cell} ${seed}`))) refuse(`series.${i}`, 'It belongs to no trial.')
  }
}

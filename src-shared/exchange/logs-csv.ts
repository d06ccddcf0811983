/**
 * CSV logs of training as their tools write them: TensorBoard's download (`Wall time, Step, Value`), a table of many runs
 * (`run, tag, step, value`), W&B's export of a chart, Keras' CSVLogger and Lightning's metrics.csv (a column per metric).
 */
import { StudioError } from '../shapes/errors.ts'
import { contentHash } from '../grid/identity.ts'
import { isMissing, notANumber, tableRows, type TableRow } from '../text/read.ts'
import { finalValue, measured } from './measured.ts'
import type { ReferenceRun } from './reference.ts'

export const logLimits = { rows: 2_000_000, runs: 10_000, name: 500 } as const

interface Curve {
  x: number[]
  y: number[]
}
interface Log {
  /** Unix seconds. */
  from: number | undefined
  to: number | undefined
  tags: Map<string, Curve>
}

const plain = (name: string): string => name.trim().toLowerCase().replace(/[ _]/g, '')

/** Columns that count: where a curve stands, not what was measured. In this order of preference. */
const counters = ['step', 'globalstep', 'trainer/globalstep', 'epoch', 'iteration', 'iter', 'batch']
const clocks = ['walltime', 'timestamp', 'runtime', 'relativetime(process)', 'relativetime(wall)', 'createdat', 'time']

const isLong = (head: readonly string[]): boolean =>
  head.includes('step') && head.includes('value') && (head.includes('walltime') || head.includes('tag'))
const isWide = (names: readonly string[]): boolean => {
  const head = names.map(plain)
  const others = names.filter((_, i) => !counters.includes(head[i]) && !clocks.includes(head[i]))
  return head.some((name) => counters.includes(name)) && others.some((name) => /\p{L}/u.test(name))
}

/** Whether a first line is that of a log. */
export const isLog = (names: readonly string[]): boolean => isLong(names.map(plain)) || isWide(names)

/**
 * Every run of the file, each tag as a series and its last value as a metric. Rows may stand in any order.
 * @throws StudioError too-large, bad-file for other columns, bad-input that names the line
 */
export function readLogs(text: string, file: string): ReferenceRun[] {
  const rows = tableRows(text, { file })
  if (rows.length - 1 > logLimits.rows)
    throw new StudioError('too-large', `At most ${logLimits.rows} rows of scalars can be taken in at once.`, { file })
  const names = rows[0]?.cells ?? []
  const reader = new LogReader(file)
  if (isLong(names.map(plain))) reader.long(rows)
  else if (isWide(names)) reader.wide(rows)
  else
    throw new StudioError(
      'bad-file',
      'These are no scalars: the first line must name Wall time, Step and Value; or run, tag, step and value; or step or epoch and a column per metric.',
      { file }
    )
  const runs = reader.runs
  if (!runs.size) throw new StudioError('bad-file', 'This file holds no scalars.', { file })
  if (runs.size > logLimits.runs)
    throw new StudioError('too-large', `At most ${logLimits.runs} runs can be taken in at once.`, { file })
  return [...runs].map(([name, log]) => referenceOf(name, log, reader))
}

class LogReader {
  readonly runs = new Map<string, Log>()
  tool = 'TensorBoard'
  /** The file holds one tag of a run of which other files hold more. */
  part = false
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  long([{ cells: names }, ...rows]: TableRow[]): void {
    const head = names.map(plain)
    const [run, tag, time, step, value] = ['run', 'tag', 'walltime', 'step', 'value'].map((name) => head.indexOf(name))
    const stem = this.#stem
    // TensorBoard's download is named run-NAME-tag-TAG.csv.
    const download = tag < 0 ? /^run[-_](.+)[-_]tag[-_](.+)$/.exec(stem) : null
    this.part = download !== null
    for (const row of rows) {
      const text = (column: number): string => (column < 0 ? '' : (row.cells[column] ?? '').trim())
      const log = this.#log(text(run) || (download?.[1] ?? stem))
      const at = time < 0 ? undefined : this.#number(row, time, 'wall time')
      if (at !== undefined && !Number.isFinite(at)) this.#refuse(`"${text(time)}" is no time`, row, 'wall time')
      this.#add(log, text(tag) || (download?.[2] ?? 'value'), row, {
        x: this.#number(row, step, 'step'),
        y: this.#number(row, value, 'value'),
        ...(at !== undefined && { at })
      })
    }
  }

  wide([{ line, cells: names }, ...rows]: TableRow[]): void {
    const head = names.map(plain)
    const twice = names.find((name, i) => name.trim() !== '' && names.indexOf(name) !== i)
    if (twice !== undefined)
      this.#refuse(`the column ${twice.trim()} comes twice`, { line, cells: names }, twice.trim())
    const step = counters.map((name) => head.indexOf(name)).find((column) => column >= 0)!
    const columns = names.flatMap((name, column) => {
      const counts = counters.includes(head[column]) || clocks.includes(head[column])
      // W&B's chart exports come with the band of each curve.
      const band = /^(.*)__(MIN|MAX)$/.exec(name)
      return counts || (band && names.includes(band[1])) || name.trim() === '' ? [] : [{ name: name.trim(), column }]
    })
    const stem = this.#stem
    const several = columns.some(({ name }) => name.includes(' - '))
    this.tool = several ? 'W&B' : head.includes('step') && head.includes('epoch') ? 'Lightning' : 'CSV log'
    for (const row of rows) {
      if (row.cells.length > names.length && row.cells.slice(names.length).some((cell) => cell.trim() !== ''))
        this.#refuse(`there are ${row.cells.length} cells under ${names.length} names`, row, 'columns')
      const x = this.#number(row, step, names[step].trim())
      for (const { name, column } of columns) {
        const cell = (row.cells[column] ?? '').trim()
        if (cell === '' || (isMissing(cell) && measured(cell) === undefined)) continue
        const split = several ? /^(.*) - (.*?)$/.exec(name) : null
        const [run, tag] = split ? [split[1], split[2]] : [stem, name]
        this.#add(this.#log(run), tag, row, { x, y: this.#number(row, column, name) })
      }
    }
  }

  /** Its name without what a browser adds to that of a second download. */
  get #stem(): string {
    return this.#file.replace(/\.csv$/i, '').replace(/ ?\(\d+\)$/, '')
  }

  #log(name: string): Log {
    const log = this.runs.get(name) ?? { from: undefined, to: undefined, tags: new Map<string, Curve>() }
    this.runs.set(name, log)
    return log
  }

  #add(log: Log, tag: string, row: TableRow, { x, y, at }: { x: number; y: number; at?: number }): void {
    if (tag.length > logLimits.name)
      this.#refuse(`a name has ${tag.length} characters; at most ${logLimits.name} are kept apart`, row, 'tag')
    if (!Number.isFinite(x)) this.#refuse('a step is a finite number', row, 'step')
    const curve = log.tags.get(tag) ?? { x: [], y: [] }
    log.tags.set(tag, curve)
    curve.x.push(x)
    curve.y.push(y)
    if (at === undefined) return
    log.from = Math.min(log.from ?? at, at)
    log.to = Math.max(log.to ?? at, at)
  }

  #number(row: TableRow, column: number, name: string): number {
    const text = (row.cells[column] ?? '').trim()
    return measured(text) ?? this.#refuse(notANumber(text), row, name)
  }

  #refuse(message: string, { line }: TableRow, column: string): never {
    throw new StudioError('bad-input', `Line ${line}: ${message}.`, {
      file: this.#file,
      field: `line ${line}, ${column}`
    })
  }
}

function referenceOf(name: string, { from, to, tags }: Log, { tool, part }: LogReader): ReferenceRun {
  const series = [...tags].map(([tag, curve]) => ({ name: tag, ...inOrder(curve) }))
  // A part is known by its run's name alone: the other parts find it.
  const known = part ? { part: name } : { name, series }
  return {
    id: `TB${contentHash(known).slice(0, 24).toUpperCase()}`,
    name,
    tool,
    created: iso(from) ?? '1970-01-01T00:00:00.000Z',
    ended: iso(to) ?? null,
    params: {},
    seed: 0,
    metrics: Object.fromEntries(
      series.flatMap(({ name: tag, y }) => {
        const last = finalValue(y)
        return last === undefined ? [] : [[tag, last]]
      })
    ),
    series,
    tags: [],
    notes: '',
    status: 'done',
    elapsedMs: from === undefined || to === undefined ? 0 : (to - from) * 1000
  }
}

/** Steps rising; of a step that was logged twice the later value counts. */
function inOrder({ x, y }: Curve): Curve {
  const byStep = new Map(x.map((step, i) => [step, y[i]]))
  const steps = [...byStep.keys()].sort((a, b) => a - b)
  return { x: steps, y: steps.map((step) => byStep.get(step)!) }
}

function iso(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? NaN) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

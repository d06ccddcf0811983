/** CSV scalars as TensorBoard saves them (`Wall time, Step, Value`), or of many runs (`run, tag, step, value`). */
import Papa from 'papaparse'
import { StudioError } from '../shapes/errors.ts'
import { contentHash } from '../grid/identity.ts'
import type { ReferenceRun } from './reference.ts'

export const scalarLimits = { rows: 2_000_000, runs: 10_000 } as const

interface Scalars {
  /** Unix seconds. */
  from: number | undefined
  to: number | undefined
  tags: Map<string, { x: number[]; y: number[] }>
}

/**
 * Every run of the file, each tag as a series and its last value as a metric. Rows may stand in any order.
 * @throws StudioError too-large, bad-file for other columns, bad-input that names the line
 */
export function readScalars(text: string, file: string): ReferenceRun[] {
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\ufeff/, ''), { skipEmptyLines: 'greedy' })
  if (errors.length) {
    const { message, row } = errors[0]
    throw new StudioError('bad-file', `${message}.`, { file, field: `line ${(row ?? 0) + 1}` })
  }
  if (data.length - 1 > scalarLimits.rows)
    throw new StudioError('too-large', `At most ${scalarLimits.rows} rows of scalars can be taken in at once.`, {
      file
    })
  const head = (data[0] ?? []).map((name) => name.trim().toLowerCase().replace(/[ _]/g, ''))
  const [run, tag, time, step, value] = ['run', 'tag', 'walltime', 'step', 'value'].map((name) => head.indexOf(name))
  if (step < 0 || value < 0 || (time < 0 && tag < 0))
    throw new StudioError(
      'bad-file',
      'These are no scalars: the first line must name Wall time, Step and Value, or run, tag, step and value.',
      { file }
    )
  const stem = file.replace(/\.csv$/i, '')
  const runs = new Map<string, Scalars>()
  for (const [i, row] of data.slice(1).entries()) {
    const number = (column: number, name: string): number => {
      const text = (row[column] ?? '').trim()
      const read =
        /^[+-]?inf(inity)?$/i.test(text) || /^nan$/i.test(text) ? NaN : text === '' ? undefined : Number(text)
      if (read === undefined || (Number.isNaN(read) && !/^[+-]?(inf(inity)?|nan)$/i.test(text)))
        throw new StudioError('bad-input', `"${text}" is no number.`, { file, field: `line ${i + 2}, ${name}` })
      return read
    }
    const name = (run < 0 ? '' : (row[run] ?? '').trim()) || stem
    const own = runs.get(name) ?? { from: undefined, to: undefined, tags: new Map() }
    runs.set(name, own)
    const series = (tag < 0 ? '' : (row[tag] ?? '').trim()).slice(0, 200) || 'value'
    const curve = own.tags.get(series) ?? { x: [], y: [] }
    own.tags.set(series, curve)
    const x = number(step, 'step')
    if (!Number.isFinite(x))
      throw new StudioError('bad-input', 'A step is a number.', { file, field: `line ${i + 2}, step` })
    curve.x.push(x)
    curve.y.push(number(value, 'value'))
    if (time >= 0) {
      const at = number(time, 'wall time')
      own.from = Math.min(own.from ?? at, at)
      own.to = Math.max(own.to ?? at, at)
    }
  }
  if (!runs.size) throw new StudioError('bad-file', 'This file holds no scalars.', { file })
  if (runs.size > scalarLimits.runs)
    throw new StudioError('too-large', `At most ${scalarLimits.runs} runs can be taken in at once.`, { file })
  return [...runs].map(([name, { from, to, tags }]) => {
    const series = [...tags].map(([tagName, curve]) => ({ name: tagName, ...inOrder(curve) }))
    return {
      id: `TB${contentHash({ name, series }).slice(0, 24).toUpperCase()}`,
      name,
      tool: 'TensorBoard',
      created: iso(from) ?? '1970-01-01T00:00:00.000Z',
      ended: iso(to) ?? null,
      params: {},
      seed: 0,
      metrics: Object.fromEntries(
        series.flatMap(({ name: tagName, y }) => {
          const last = y.findLast((v) => Number.isFinite(v))
          return last === undefined ? [] : [[tagName, last]]
        })
      ),
      series,
      tags: [],
      notes: '',
      ok: true,
      elapsedMs: from === undefined || to === undefined ? 0 : (to - from) * 1000
    }
  })
}

/** Steps rising; of a step that was logged twice the later value counts. */
function inOrder({ x, y }: { x: number[]; y: number[] }): { x: number[]; y: number[] } {
  const byStep = new Map(x.map((step, i) => [step, y[i]]))
  const steps = [...byStep.keys()].sort((a, b) => a - b)
  return { x: steps, y: steps.map((step) => byStep.get(step)!) }
}

function iso(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? NaN) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

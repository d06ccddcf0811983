/** Trials as they come in, merged with what the store already had. Nothing is changed in place: figures compare by identity. */
import type { CellResult, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { EventData } from '../../../src-shared/contract/index.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import { canonical } from '../../../src-shared/grid/identity.ts'

export type LiveCurve = EventData<'run.points'>['curves'][number]
export type LiveTrial = EventData<'run.trials'>['trials'][number]

const keys = new WeakMap<object, string>()
function keyOf(result: { label: string; point: Point }): string {
  let key = keys.get(result)
  if (key === undefined) keys.set(result, (key = `${result.label} ${canonical(result.point)}`))
  return key
}

/**
 * The cells with these trials in their place. A trial that is already there stays as it was, so that a message and a
 * query that both hold it count it once. A trial without numbers keeps its status and gets none.
 */
export function mergeTrials(
  cells: readonly CellResult[],
  runId: string,
  trials: readonly LiveTrial[]
): readonly CellResult[] {
  if (!trials.length) return cells
  const next = [...cells]
  const index = new Map(next.map((cell, i) => [keyOf(cell), i]))
  const fresh = new Set<number>()
  for (const trial of trials) {
    const key = keyOf(trial)
    let at = index.get(key)
    if (at === undefined) {
      at = next.push(emptyCell(runId, trial)) - 1
      index.set(key, at)
      fresh.add(at)
    }
    const seat = next[at].seeds.indexOf(trial.seed)
    if (seat >= 0 && next[at].statuses[seat] !== 'missing') continue
    if (!fresh.has(at)) {
      next[at] = copyOf(next[at])
      fresh.add(at)
    }
    place(next[at], trial, seat < 0 ? next[at].seeds.length : seat)
  }
  return next
}

const emptyCell = (runId: string, { label, model, point }: LiveTrial): CellResult => ({
  runId,
  label,
  model,
  params: {},
  point,
  seeds: [],
  statuses: [],
  metrics: {},
  elapsedMs: []
})

const copyOf = (cell: CellResult): CellResult => ({
  ...cell,
  seeds: [...cell.seeds],
  statuses: [...cell.statuses],
  metrics: Object.fromEntries(Object.entries(cell.metrics).map(([name, values]) => [name, [...values]])),
  elapsedMs: [...cell.elapsedMs]
})

function place(cell: CellResult, trial: LiveTrial, seat: number): void {
  cell.seeds[seat] = trial.seed
  cell.statuses[seat] = trial.status
  cell.elapsedMs[seat] ??= null
  for (const name of new Set([...Object.keys(cell.metrics), ...Object.keys(trial.metrics)])) {
    const values = (cell.metrics[name] ??= [])
    while (values.length < seat) values.push(null)
    values[seat] = trial.status === 'done' ? (trial.metrics[name] ?? null) : null
  }
}

/** The same for the curves of one series. Only finished trials have a curve. */
export function mergeSeries(
  results: readonly SeriesResult[],
  runId: string,
  name: string,
  trials: readonly LiveTrial[]
): readonly SeriesResult[] {
  const next = [...results]
  const index = new Map(next.map((result, i) => [keyOf(result), i]))
  let changed = false
  for (const trial of trials) {
    const curve = trial.status === 'done' ? trial.series?.[name] : undefined
    if (!curve) continue
    const { label, model, point, seed } = trial
    const at = index.get(keyOf(trial))
    if (at === undefined) {
      index.set(keyOf(trial), next.length)
      next.push({ runId, label, model, point, name, x: curve.x, seeds: [seed], y: [curve.y] })
    } else {
      const known = next[at]
      if (known.seeds.includes(seed)) continue
      next[at] = {
        ...known,
        x: curve.x.length > known.x.length ? curve.x : known.x,
        seeds: [...known.seeds, seed],
        y: [...known.y, curve.y]
      }
    }
    changed = true
  }
  return changed ? next : results
}

/** Curves of trials under way, with the points that came in. A curve is known by model, point, series and seed. */
export function addPoints(
  live: readonly SeriesResult[],
  runId: string,
  curves: readonly LiveCurve[]
): readonly SeriesResult[] {
  const next = [...live]
  for (const { label, model, point, seed, name, x, y } of curves) {
    const at = next.findIndex((result) => result.name === name && keyOf(result) === keyOf({ label, point }))
    const known = next[at] ?? { runId, label, model, point, name, x: [], seeds: [], y: [] }
    const seat = known.seeds.indexOf(seed)
    const all = [...new Set([...known.x, ...x])].sort((a, b) => a - b)
    const row = (values: readonly (number | null)[], own: readonly number[]): Map<number, number | null> =>
      new Map(own.map((value, i) => [value, values[i] ?? null]))
    const rows = known.y.map((values) => row(values, known.x))
    const fresh = new Map([...(seat < 0 ? [] : rows[seat]), ...row(y, x)])
    if (seat < 0) rows.push(fresh)
    else rows[seat] = fresh
    const result = {
      ...known,
      x: all,
      seeds: seat < 0 ? [...known.seeds, seed] : known.seeds,
      y: rows.map((values) => all.map((value) => values.get(value) ?? null))
    }
    if (at < 0) next.push(result)
    else next[at] = result
  }
  return next
}

/** The curves under way without those of trials that have ended: what is stored of these is read when it is looked at. */
export function withoutEnded(live: readonly SeriesResult[], trials: readonly LiveTrial[]): readonly SeriesResult[] {
  const ended = new Set(trials.map((trial) => `${keyOf(trial)} ${trial.seed}`))
  return live.flatMap((result) => {
    const open = result.seeds.map((seed) => !ended.has(`${keyOf(result)} ${seed}`))
    if (!open.includes(false)) return [result]
    const kept = <T>(all: readonly T[]): T[] => all.filter((_, i) => open[i])
    return open.includes(true) ? [{ ...result, seeds: kept(result.seeds), y: kept(result.y) }] : []
  })
}

/** The stored curves of a series with those of trials that are still under way. */
export function withLive(
  stored: readonly SeriesResult[],
  live: readonly SeriesResult[],
  name: string | undefined
): readonly SeriesResult[] {
  const points = live.filter((result) => result.name === name)
  if (!points.length) return stored
  const curves = (results: readonly SeriesResult[]): LiveCurve[] =>
    results.flatMap(({ label, model, point, name, x, seeds, y }) =>
      seeds.map((seed, i) => ({ label, model, point, seed, name, x, y: y[i] }))
    )
  const ended = new Set(curves(stored).map((curve) => `${keyOf(curve)} ${curve.seed}`))
  const open = curves(points).filter((curve) => !ended.has(`${keyOf(curve)} ${curve.seed}`))
  return open.length ? addPoints(stored, points[0].runId, open) : stored
}

/** How the trials of a run stand. */
export function countTrials(cells: readonly CellResult[]): Record<CellResult['statuses'][number], number> {
  const counts = { done: 0, diverged: 0, failed: 0, damaged: 0, missing: 0 }
  for (const cell of cells) for (const status of cell.statuses) counts[status]++
  return counts
}

/** Trials as they come in, merged with what the store already had. Nothing is changed in place: figures compare by identity. */
import type { CellResult, EventData, SeriesResult } from '../../../src-shared/contract.ts'
import { canonical, type Point } from '../../../src-shared/experiment.ts'

export type LiveTrial = EventData<'run.trials'>['trials'][number]

const keys = new WeakMap<object, string>()
function keyOf(result: { model: string; point: Point }): string {
  let key = keys.get(result)
  if (key === undefined) keys.set(result, (key = `${result.model} ${canonical(result.point)}`))
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

const emptyCell = (runId: string, { model, kind, point }: LiveTrial): CellResult => ({
  runId,
  model,
  kind,
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
    const { model, kind, point, seed } = trial
    const at = index.get(keyOf(trial))
    if (at === undefined) {
      index.set(keyOf(trial), next.length)
      next.push({ runId, model, kind, point, name, x: curve.x, seeds: [seed], y: [curve.y] })
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

/** How the trials of a run stand. */
export function countTrials(cells: readonly CellResult[]): Record<CellResult['statuses'][number], number> {
  const counts = { done: 0, diverged: 0, failed: 0, missing: 0 }
  for (const cell of cells) for (const status of cell.statuses) counts[status]++
  return counts
}

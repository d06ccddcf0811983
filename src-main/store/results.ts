/** A run's numbers by model, point and seed: a few column-wise queries for a run, whatever its size. */
import type { CellResult, RunRow, SeriesResult, TrialStatus } from '../../src-shared/shapes/run.ts'
import { seedsOf, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { unpackDoubles, unpackFloats } from './blobs.ts'
import type { Database } from './port.ts'
import { damagedRun, unknownRun } from './runs.ts'
import { addPair, rowSum, sound, soundTrial } from './sums.ts'

export type ResultsReader = ReturnType<typeof resultsReader>

interface Head {
  key: number
  seeds: number[]
  /** Trials that have ended. */
  ended: number
}

interface CellRow {
  cell: number
  label: string
  model: string
  params: string
  point: string
  sound: 0 | 1
}

type TrialRow = [
  id: number,
  sum: number,
  run: number,
  cell: number,
  seed: number,
  hash: string,
  status: TrialStatus,
  error: string | null,
  elapsed: number,
  backend: string,
  curves: number,
  pictures: number
]

/** A trial as it was written, or damaged and without any number. */
interface StoredTrial {
  cell: number
  seed: number
  status: TrialStatus | 'damaged'
  elapsed: number
  metrics: (readonly [name: string, value: number])[]
}

export function resultsReader(database: Database) {
  const experimentOf = database.prepare<[string], { key: number; json: string; ended: number; known: 0 | 1 }>(
    `SELECT runs.key, experiments.json, done + diverged + failed AS ended,
       ${sound('runs')} AND ${sound('run_details')} AND ${sound('experiments')} AS known FROM runs JOIN run_details ON run_details.run = runs.key
     JOIN experiments ON experiments.hash = run_details.experiment WHERE runs.id = ?`
  )
  const cells = database.prepare<[number], CellRow>(
    `SELECT cell, label, model, params, point, ${sound('cells')} AS sound FROM cells WHERE run = ? ORDER BY cell`
  )
  const trials = database
    .prepare(
      `SELECT id, sum, run, cell, seed, hash, status, error, elapsed_ms, backend, curves, pictures
       FROM trials WHERE run = ? ORDER BY id`
    )
    .raw()
  const metrics = database
    .prepare(
      `SELECT trial, name, value FROM trials JOIN metrics ON metrics.trial = trials.id WHERE run = ? ORDER BY trials.id`
    )
    .raw()
  const curves = database
    .prepare(
      `SELECT cell, seed, x, y FROM trials JOIN series ON series.trial = trials.id
       WHERE run = ? AND name = ? AND status = 'done' AND ${soundTrial} AND ${sound('series')} ORDER BY cell`
    )
    .raw()
  const broken = database
    .prepare(
      `SELECT cell, seed FROM trials WHERE run = ? AND NOT (${soundTrial} AND
         curves = (SELECT count(*) FROM series WHERE series.trial = trials.id AND ${sound('series')}))`
    )
    .raw()

  const head = (id: string): Head => {
    const found = experimentOf.get(id)
    if (!found) throw unknownRun(id)
    if (!found.known) throw damagedRun(id, 'its experiment')
    return { key: found.key, seeds: seedsOf(JSON.parse(found.json) as Experiment), ended: found.ended }
  }
  const cellsOf = (id: string, key: number): CellRow[] => {
    const rows = cells.all(key)
    if (rows.some((row, i) => !row.sound || row.cell !== i)) throw damagedRun(id, 'its grid')
    return rows
  }
  /** Every trial of a run, held against its sum: two passes in the order of the trials, whatever their number. */
  function* storedTrials(key: number): Generator<StoredTrial> {
    const rest = metrics.iterate(key) as IterableIterator<[number, string, number]>
    let next = rest.next()
    for (const [id, sum, ...row] of trials.all(key) as TrialRow[]) {
      const own: [string, number][] = []
      while (!next.done && next.value[0] <= id) {
        if (next.value[0] === id) own.push([next.value[1], next.value[2]])
        next = rest.next()
      }
      const pairs = own.reduce((total, [name, value]) => addPair(total, name, value), 0)
      const whole = rowSum(...row, pairs) === sum
      const [, cell, seed, , status, , elapsed] = row
      yield { cell, seed, elapsed, status: whole ? status : 'damaged', metrics: whole ? own : [] }
    }
  }
  const rank = (seeds: readonly number[]): Map<number, number> => new Map(seeds.map((seed, i) => [seed, i]))

  return {
    /** Every cell of the run with its metrics by seed; null where a trial has none. */
    results(id: string): CellResult[] {
      const { key, seeds, ended } = head(id)
      const at = rank(seeds)
      const empty = (): null[] => new Array<null>(seeds.length).fill(null)
      const out: CellResult[] = cellsOf(id, key).map((cell) => ({
        runId: id,
        label: cell.label,
        model: cell.model,
        params: JSON.parse(cell.params) as CellResult['params'],
        point: JSON.parse(cell.point) as CellResult['point'],
        seeds,
        statuses: new Array<'missing'>(seeds.length).fill('missing'),
        metrics: {},
        elapsedMs: empty()
      }))
      const names = new Set<string>()
      let found = 0
      for (const { cell, seed, status, elapsed, metrics } of storedTrials(key)) {
        const i = at.get(seed)
        const result = out[cell] as CellResult | undefined
        if (i === undefined || !result) continue
        found++
        // Two rows that claim one place: one of them is not what was written.
        const taken = result.statuses[i] !== 'missing'
        result.statuses[i] = taken ? 'damaged' : status
        result.elapsedMs[i] = taken || status === 'damaged' ? null : elapsed
        for (const values of Object.values(result.metrics)) if (taken) values[i] = null
        if (taken || status !== 'done') continue
        for (const [name, value] of metrics) {
          names.add(name)
          ;(result.metrics[name] ??= empty())[i] = value
        }
      }
      for (const cell of out) {
        cell.metrics = Object.fromEntries([...names].sort().map((name) => [name, cell.metrics[name] ?? empty()]))
        // A trial that was counted and is not there is lost, not missing.
        if (found < ended) cell.statuses = cell.statuses.map((status) => (status === 'missing' ? 'damaged' : status))
      }
      return out
    },

    /** Curves of one series, one entry a cell that has any; where trials differ in x, all x are joined. */
    series(id: string, name: string): SeriesResult[] {
      const { key, seeds } = head(id)
      const at = rank(seeds)
      const cellRows = cellsOf(id, key)
      const byCell = new Map<number, { seed: number; x: Buffer; y: Buffer }[]>()
      for (const [cell, seed, x, y] of curves.all(key, name) as [number, number, Buffer, Buffer][]) {
        const list = byCell.get(cell)
        if (list) list.push({ seed, x, y })
        else byCell.set(cell, [{ seed, x, y }])
      }
      const damaged = new Map<number, number[]>()
      for (const [cell, seed] of broken.all(key) as [number, number][]) {
        damaged.set(cell, [...(damaged.get(cell) ?? []), seed])
        if (!byCell.has(cell) && cellRows[cell]) byCell.set(cell, [])
      }
      return [...byCell].map(([cell, list]) => {
        const { label, model, point } = cellRows[cell]
        const alike = list.every((curve) => curve.x.equals(list[0].x))
        const x = !list.length
          ? []
          : alike
            ? unpackDoubles(list[0].x)
            : [...new Set(list.flatMap((curve) => unpackDoubles(curve.x)))].sort((a, b) => a - b)
        const place = alike ? undefined : rank(x)
        const ordered = list
          .filter(({ seed }) => at.has(seed))
          .sort((a, b) => (at.get(a.seed) as number) - (at.get(b.seed) as number))
        return {
          runId: id,
          label,
          model,
          point: JSON.parse(point) as SeriesResult['point'],
          name,
          x,
          seeds: ordered.map(({ seed }) => seed),
          ...(damaged.has(cell) && { damaged: damaged.get(cell) }),
          y: ordered.map((curve) => {
            const y = unpackFloats(curve.y)
            if (!place) return y
            const row = new Array<number | null>(x.length).fill(null)
            unpackDoubles(curve.x).forEach((value, i) => (row[place.get(value) as number] = y[i]))
            return row
          })
        }
      })
    },

    /** The model with the best mean of a metric over all its done trials. */
    bestModel(id: string, metric: string, direction: 'higher' | 'lower' | 'none'): RunRow['best'] {
      const { key } = head(id)
      const rows = cellsOf(id, key)
      const sums = new Map<string, { n: number; total: number }>()
      for (const { cell, status, metrics } of storedTrials(key)) {
        const value = status === 'done' ? metrics.find(([name]) => name === metric)?.[1] : undefined
        if (value === undefined || !rows[cell]) continue
        const { label } = rows[cell]
        const { n, total } = sums.get(label) ?? { n: 0, total: 0 }
        sums.set(label, { n: n + 1, total: total + value })
      }
      const list = [...sums].map(([label, { n, total }]) => ({ label, mean: total / n }))
      if (!list.length || direction === 'none') return null
      const best = list.reduce((a, b) => ((direction === 'higher' ? b.mean > a.mean : b.mean < a.mean) ? b : a))
      return { label: best.label, metric, mean: best.mean }
    }
  }
}

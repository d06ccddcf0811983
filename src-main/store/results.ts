/** A run's numbers by model, point and seed: a few column-wise queries for a run, whatever its size. */
import type { CellResult, RunRow, SeriesResult, TrialStatus } from '../../src-shared/shapes/run.ts'
import { seedsOf, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { unpackDoubles, unpackValues } from './blobs.ts'
import type { Database } from './port.ts'
import { damagedRun, unknownRun } from './runs.ts'
import { addPair, rowSum, sound } from './sums.ts'

export type ResultsReader = ReturnType<typeof resultsReader>

/** Some of the cells of a run's grid. */
export interface CellRange {
  from: number
  count: number
}

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
  id: number
  cell: number
  seed: number
  status: TrialStatus | 'damaged'
  elapsed: number
  /** How many curves it was stored with. */
  curves: number
  metrics: (readonly [name: string, value: number])[]
}

/** Another tracker's run that diverged has its curves all the same: they are what is known of it. */
const ofReference = "(SELECT task FROM runs WHERE key = trials.run) = 'reference'"

/** Trials read at once. */
const stretch = 5000
/** Behind the last cell of any run. */
const everyCell = Number.MAX_SAFE_INTEGER

export function resultsReader(database: Database) {
  const experimentOf = database.prepare<[string], { key: number; json: string; ended: number; known: 0 | 1 }>(
    `SELECT runs.key, experiments.json, done + diverged + failed AS ended,
       ${sound('runs')} AND ${sound('run_details')} AND ${sound('experiments')} AS known FROM runs JOIN run_details ON run_details.run = runs.key
     JOIN experiments ON experiments.hash = run_details.experiment WHERE runs.id = ?`
  )
  const cells = database.prepare<[number], CellRow>(
    `SELECT cell, label, model, params, point, ${sound('cells')} AS sound FROM cells WHERE run = ? ORDER BY cell`
  )
  const ids = database.prepare('SELECT id FROM trials WHERE run = ? AND cell >= ? AND cell < ? ORDER BY id').pluck()
  const places = database.prepare('SELECT cell, seed FROM trials WHERE run = ?').raw()
  // By stretches of ids: the plus keeps SQLite from going through the run's index once for each.
  const trials = database
    .prepare(
      `SELECT id, sum, run, cell, seed, hash, status, error, elapsed_ms, backend, curves, pictures
       FROM trials WHERE id BETWEEN ? AND ? AND +run = ? AND cell >= ? AND cell < ? ORDER BY id`
    )
    .raw()
  const metrics = database
    .prepare('SELECT trial, name, value FROM metrics WHERE trial BETWEEN ? AND ? ORDER BY trial')
    .raw()
  const curveCounts = database
    .prepare(
      `SELECT trial, count(*) FROM trials JOIN series ON series.trial = trials.id
       WHERE run = ? AND cell >= ? AND cell < ? GROUP BY trial`
    )
    .raw()
  const curves = database
    .prepare(
      `SELECT trial, name, x, y, series.sum FROM trials JOIN series ON series.trial = trials.id
       WHERE run = ? AND cell >= ? AND cell < ? AND name = ? AND (status = 'done' OR ${ofReference})`
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
  /** Every trial of a run, held against its sum, a stretch at a time. */
  function* storedTrials(key: number, low = 0, high = everyCell): Generator<StoredTrial> {
    const all = ids.all(key, low, high) as number[]
    for (let from = 0; from < all.length; from += stretch) {
      const [first, last] = [all[from], all[Math.min(from + stretch, all.length) - 1]]
      const rest = metrics.all(first, last) as [number, string, number][]
      let next = 0
      for (const [id, sum, ...row] of trials.all(first, last, key, low, high) as TrialRow[]) {
        const own: [string, number][] = []
        let pairs = 0
        for (; next < rest.length && rest[next][0] <= id; next++) {
          const [trial, name, value] = rest[next]
          if (trial !== id) continue
          own.push([name, value])
          pairs = addPair(pairs, name, value)
        }
        const [, cell, seed, , status, , elapsed, , curves] = row
        const whole = rowSum(...row, pairs) === sum
        yield { id, cell, seed, elapsed, curves, status: whole ? status : 'damaged', metrics: whole ? own : [] }
      }
    }
  }
  /** Trials of the whole grid that there are. */
  const foundIn = (key: number, cells: number, seeds: ReadonlyMap<number, number>): number =>
    (places.all(key) as [number, number][]).filter(([cell, seed]) => cell < cells && seeds.has(seed)).length
  const boundsOf = (range?: CellRange): [low: number, high: number] =>
    range ? [range.from, range.from + range.count] : [0, everyCell]
  const rank = (seeds: readonly number[]): Map<number, number> => new Map(seeds.map((seed, i) => [seed, i]))

  return {
    /** How many cells a run's grid has, and how many seeds each. */
    size(id: string): { cells: number; seeds: number } {
      const { key, seeds } = head(id)
      return { cells: cellsOf(id, key).length, seeds: seeds.length }
    },

    /** Every cell of the run, or some of them, with its metrics by seed; null where a trial has none. */
    results(id: string, range?: CellRange): CellResult[] {
      const { key, seeds, ended } = head(id)
      const [low, high] = boundsOf(range)
      const at = rank(seeds)
      const grid = cellsOf(id, key)
      const empty = (): null[] => new Array<null>(seeds.length).fill(null)
      const out: CellResult[] = grid.slice(low, high).map((cell) => ({
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
      for (const { cell, seed, status, elapsed, metrics } of storedTrials(key, low, high)) {
        const i = at.get(seed)
        const result = out[cell - low] as CellResult | undefined
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
      const lost = (range ? foundIn(key, grid.length, at) : found) < ended
      for (const cell of out) {
        cell.metrics = Object.fromEntries([...names].sort().map((name) => [name, cell.metrics[name] ?? empty()]))
        // A trial that was counted and is not there is lost, not missing.
        if (lost) cell.statuses = cell.statuses.map((status) => (status === 'missing' ? 'damaged' : status))
      }
      return out
    },

    /** Curves of one series, one entry a cell that has any; where trials differ in x, all x are joined. */
    series(id: string, name: string, range?: CellRange): SeriesResult[] {
      const { key, seeds } = head(id)
      const [low, high] = boundsOf(range)
      const at = rank(seeds)
      const cellRows = cellsOf(id, key)
      const counts = new Map(curveCounts.all(key, low, high) as [number, number][])
      const byCell = new Map<number, { seed: number; x: Buffer; y: Buffer }[]>()
      const damaged = new Map<number, number[]>()
      const spoil = (cell: number, seed: number): void => {
        if (!cellRows[cell]) return
        const own = damaged.get(cell)
        if (own) own.push(seed)
        else damaged.set(cell, [seed])
        if (!byCell.has(cell)) byCell.set(cell, [])
      }
      const places = new Map<number, StoredTrial>()
      for (const trial of storedTrials(key, low, high)) {
        if (trial.status === 'damaged' || trial.curves !== (counts.get(trial.id) ?? 0)) spoil(trial.cell, trial.seed)
        if (trial.status !== 'damaged') places.set(trial.id, trial)
      }
      for (const [id, called, x, y, sum] of curves.all(key, low, high, name) as [
        number,
        string,
        Buffer,
        Buffer,
        number
      ][]) {
        const place = places.get(id)
        if (!place || !cellRows[place.cell]) continue
        const { cell, seed } = place
        if (rowSum(id, called, x, y) !== sum) {
          spoil(cell, seed)
          continue
        }
        const list = byCell.get(cell)
        if (list) list.push({ seed, x, y })
        else byCell.set(cell, [{ seed, x, y }])
      }
      return [...byCell]
        .sort(([a], [b]) => a - b)
        .map(([cell, list]) => {
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
              const own = place ? unpackDoubles(curve.x) : x
              const y = unpackValues(curve.y, own.length)
              if (!place) return y
              const row = new Array<number | null>(x.length).fill(null)
              own.forEach((value, i) => (row[place.get(value) as number] = y[i]))
              return row
            })
          }
        })
    },

    /** Whether trials of a run are damaged or lost. @throws StudioError not-found */
    hasDamage(id: string): boolean {
      const { key, ended } = head(id)
      let found = 0
      for (const { status } of storedTrials(key)) {
        if (status === 'damaged') return true
        found++
      }
      return found < ended
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

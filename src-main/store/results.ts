/** A run's numbers by model, point and seed: a few column-wise queries for a run, whatever its size. */
import type { CellResult, RunRow, SeriesResult, TrialStatus } from '../../src-shared/shapes/run.ts'
import { seedsOf, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { unpackDoubles, unpackFloats } from './blobs.ts'
import type { Database } from './port.ts'
import { unknownRun } from './runs.ts'

export type ResultsReader = ReturnType<typeof resultsReader>

interface Head {
  key: number
  seeds: number[]
}

/** Another tracker's run that diverged has its curves all the same: they are what is known of it. */
const ofReference = "(SELECT task FROM runs WHERE key = trials.run) = 'reference'"

export function resultsReader(database: Database) {
  const experimentOf = database.prepare<[string], { key: number; json: string }>(
    `SELECT runs.key, experiments.json FROM runs JOIN run_details ON run_details.run = runs.key
     JOIN experiments ON experiments.hash = run_details.experiment WHERE runs.id = ?`
  )
  const cells = database.prepare<[number], { label: string; model: string; params: string; point: string }>(
    'SELECT label, model, params, point FROM cells WHERE run = ? ORDER BY cell'
  )
  const trials = database.prepare('SELECT cell, seed, status, elapsed_ms FROM trials WHERE run = ?').raw()
  const names = database
    .prepare('SELECT DISTINCT name FROM trials JOIN metrics ON metrics.trial = trials.id WHERE run = ? ORDER BY name')
    .pluck()
  const values = database
    .prepare(
      `SELECT cell, seed, value FROM trials JOIN metrics ON metrics.trial = trials.id
       WHERE run = ? AND name = ? AND status = 'done'`
    )
    .raw()
  const curves = database
    .prepare(
      `SELECT cell, seed, x, y FROM trials JOIN series ON series.trial = trials.id
       WHERE run = ? AND name = ? AND (status = 'done' OR ${ofReference}) ORDER BY cell`
    )
    .raw()
  const means = database.prepare<[number, string], { label: string; mean: number }>(
    `SELECT cells.label AS label, avg(value) AS mean FROM trials
     JOIN metrics ON metrics.trial = trials.id
     JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
     WHERE trials.run = ? AND metrics.name = ? AND trials.status = 'done' GROUP BY cells.use`
  )

  const head = (id: string): Head => {
    const found = experimentOf.get(id)
    if (!found) throw unknownRun(id)
    return { key: found.key, seeds: seedsOf(JSON.parse(found.json) as Experiment) }
  }
  const rank = (seeds: readonly number[]): Map<number, number> => new Map(seeds.map((seed, i) => [seed, i]))

  return {
    /** Every cell of the run with its metrics by seed; null where a trial has none. */
    results(id: string): CellResult[] {
      const { key, seeds } = head(id)
      const at = rank(seeds)
      const empty = (): null[] => new Array<null>(seeds.length).fill(null)
      const out: CellResult[] = cells.all(key).map((cell) => ({
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
      for (const [cell, seed, status, elapsed] of trials.all(key) as [number, number, TrialStatus, number][]) {
        const i = at.get(seed)
        if (i === undefined || !out[cell]) continue
        out[cell].statuses[i] = status
        out[cell].elapsedMs[i] = elapsed
      }
      for (const name of names.all(key) as string[]) {
        for (const cell of out) cell.metrics[name] = empty()
        for (const [cell, seed, value] of values.all(key, name) as [number, number, number][]) {
          const i = at.get(seed)
          if (i !== undefined && out[cell]) out[cell].metrics[name][i] = value
        }
      }
      return out
    },

    /** Curves of one series, one entry a cell that has any; where trials differ in x, all x are joined. */
    series(id: string, name: string): SeriesResult[] {
      const { key, seeds } = head(id)
      const at = rank(seeds)
      const cellRows = cells.all(key)
      const byCell = new Map<number, { seed: number; x: Buffer; y: Buffer }[]>()
      for (const [cell, seed, x, y] of curves.all(key, name) as [number, number, Buffer, Buffer][]) {
        const list = byCell.get(cell)
        if (list) list.push({ seed, x, y })
        else byCell.set(cell, [{ seed, x, y }])
      }
      return [...byCell].map(([cell, list]) => {
        const { label, model, point } = cellRows[cell]
        const alike = list.every((curve) => curve.x.equals(list[0].x))
        const x = alike
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
      const list = means.all(head(id).key, metric)
      if (!list.length || direction === 'none') return null
      const best = list.reduce((a, b) => ((direction === 'higher' ? b.mean > a.mean : b.mean < a.mean) ? b : a))
      return { label: best.label, metric, mean: best.mean }
    }
  }
}

/** Runs as records that another studio reads, runs taken in from records, and checks of runs. */
import { isReference } from '../../src-shared/exchange/reference.ts'
import type { RerunCheck } from '../../src-shared/exchange/rerun.ts'
import {
  bestOf,
  cellOf,
  runRecord,
  tuningOfRecord,
  type RunRecord,
  type SeriesRecord,
  type TrialRecord
} from '../../src-shared/exchange/results-file.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import { seedsOf } from '../../src-shared/shapes/experiment.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { unpackDoubles, unpackValues } from './blobs.ts'
import type { Database } from './port.ts'
import { damagedRun, runsReader, runsWriter, unknownRun } from './runs.ts'
import { documentOf, sound, soundTrial, type Document } from './sums.ts'
import { tuningReader, tuningWriter } from './tuning.ts'
import { damagedTrial, trialsWriter } from './trials.ts'

export type ExchangeReader = ReturnType<typeof exchangeReader>
export type ExchangeWriter = ReturnType<typeof exchangeWriter>

interface TrialRow {
  cell: number
  label: string
  model: string
  point: string
  seed: number
  hash: string
  status: TrialRecord['status']
  error: string | null
  metrics: string
  elapsed_ms: number
  backend: string
  sound: 0 | 1
  /** Its cell is sound. */
  whole: 0 | 1
}

/** A stored trial that computes the same as one in a file. */
export interface KnownTrial extends Pick<TrialRecord, 'hash' | 'status' | 'metrics' | 'backend' | 'cell' | 'seed'> {
  runId: string
}

export function exchangeReader(database: Database) {
  const runs = runsReader(database)
  const tuning = tuningReader(database)
  const exists = database.prepare<[string], number>('SELECT 1 FROM runs WHERE id = ?').pluck()
  const trials = database.prepare<[string], TrialRow>(
    `SELECT trials.cell, label, model, point, seed, hash, status, error, elapsed_ms, backend,
       (SELECT json_group_object(name, value) FROM metrics WHERE trial = trials.id) AS metrics,
       ${soundTrial} AS sound, ${sound('cells')} AS whole
     FROM trials JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
     WHERE trials.run = (SELECT key FROM runs WHERE id = ?) ORDER BY trials.cell, seed`
  )
  const curves = database.prepare<[string], { cell: number; seed: number; name: string; x: Buffer; y: Buffer }>(
    `SELECT cell, seed, name, x, y FROM trials JOIN series ON series.trial = trials.id
     WHERE trials.run = (SELECT key FROM runs WHERE id = ?) AND ${sound('series')}
     ORDER BY cell, name, seed`
  )
  const known = database.prepare<[string], Omit<KnownTrial, 'metrics'> & { metrics: string }>(
    `SELECT runs.id AS runId, hash, cell, seed, trials.status AS status, trials.backend AS backend,
       (SELECT json_group_object(name, value) FROM metrics WHERE trial = trials.id) AS metrics
     FROM trials JOIN runs ON runs.key = trials.run
     WHERE hash = ? AND ${soundTrial}`
  )
  const checks = database.prepare<[string], Document>(
    `SELECT json, ${sound('rerun_checks')} AS sound FROM rerun_checks
     WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY id DESC`
  )
  const trialRecords = (id: string): TrialRecord[] => {
    const rows = trials.all(id)
    if (rows.some(({ whole }) => !whole)) throw damagedRun(id, 'its grid')
    return rows.map((t) => ({
      cell: t.cell,
      model: t.label,
      kind: t.model,
      point: JSON.parse(t.point) as TrialRecord['point'],
      seed: t.seed,
      hash: t.hash,
      // The file has no word for damage: such a trial has no numbers, and says why.
      ...(t.sound
        ? {
            status: t.status,
            error: t.error === null ? null : (JSON.parse(t.error) as ErrorData),
            metrics: JSON.parse(t.metrics) as TrialRecord['metrics']
          }
        : { status: 'failed' as const, error: damagedTrial, metrics: {} }),
      elapsedMs: t.elapsed_ms,
      backend: t.backend
    }))
  }
  return {
    hasRun: (id: string): boolean => exists.get(id) !== undefined,
    /** A run's trials with their cells and identities. @throws StudioError store-corrupt when its grid is damaged */
    trialRecords,
    /** A run with all its numbers. @throws StudioError not-found */
    record(id: string): RunRecord {
      const trials = trialRecords(id)
      const damaged = new Set(
        trials.flatMap(({ cell, seed, error }) => (error === damagedTrial ? [`${cell} ${seed}`] : []))
      )
      const series = new Map<string, SeriesRecord>()
      for (const { cell, seed, name, x, y } of curves.all(id)) {
        if (damaged.has(`${cell} ${seed}`)) continue
        const key = `${cell} ${name} ${x.toString('base64')}`
        const same: SeriesRecord = series.get(key) ?? { cell, name, x: unpackDoubles(x), seeds: [], y: [] }
        series.set(key, same)
        same.seeds.push(seed)
        same.y.push(unpackValues(y, same.x.length))
      }
      return runRecord(runs.run(id), runs.cells(id), trials, [...series.values()], tuning.tuning(id))
    },
    /** Every stored trial with this identity, in whatever run. */
    knownTrials: (hash: string): KnownTrial[] =>
      known.all(hash).map((row) => ({ ...row, metrics: JSON.parse(row.metrics) as KnownTrial['metrics'] })),
    /** Newest first. */
    rerunChecks: (id: string): RerunCheck[] =>
      checks.all(id).map((row) => documentOf(row, 'A check of this run') as RerunCheck)
  }
}

export function exchangeWriter(database: Database) {
  const { addRun, changeRun, editRuns, trashRuns } = runsWriter(database)
  const runs = runsReader(database)
  const drop = database.prepare('DELETE FROM runs WHERE id = ?')
  const { addTrials } = trialsWriter(database)
  const { addTuning } = tuningWriter(database)
  const exists = database.prepare<[string], number>('SELECT 1 FROM runs WHERE id = ?').pluck()
  const setOrigin = database.prepare('UPDATE runs SET origin = ? WHERE id = ?')
  const elapsed = database.prepare<[string], { elapsed_ms: number; backend: string }>(
    'SELECT elapsed_ms, backend FROM runs WHERE id = ?'
  )
  const putCheck = database.prepare(
    'INSERT INTO rerun_checks (id, run, json) VALUES (?, (SELECT key FROM runs WHERE id = ?), ?)'
  )
  const dropOlder = database.prepare('DELETE FROM runs WHERE origin = ? AND id <> ?')
  /**
   * Take in runs, all or none. A run that is here already gets the trials it lacks and nothing else; what is here is
   * never changed. A run that was not over where it comes from is interrupted here. A run of another tracker is replaced
   * by its newer state; what the user wrote to it stays.
   * @returns for every run how many trials were new
   */
  const importRuns = database.transaction((records: readonly RunRecord[], origin: string): number[] =>
    records.map((run) => {
      const cells = run.cells.map(cellOf)
      const before = exists.get(run.id) !== undefined && isReference(run) ? runs.run(run.id) : undefined
      if (before) drop.run(run.id)
      const there = !before && exists.get(run.id) !== undefined
      if (!there) {
        const { id, name, created, experiment, provenance } = run
        addRun({ id, name, created, experiment, cells, seeds: seedsOf(experiment).length, provenance })
        const tried = tuningOfRecord(run)
        if (tried) addTuning(id, { ...tried, first: cells.length })
        setOrigin.run(origin, id)
      }
      const so = there ? elapsed.get(run.id)! : { elapsed_ms: run.elapsedMs, backend: run.backend }
      const added = addTrials(run.id, outcomesOf(run), so.elapsed_ms, so.backend)
      if (!there) {
        const over = run.status === 'done' || run.status === 'failed' || run.status === 'cancelled' || isReference(run)
        changeRun(run.id, {
          status: over ? run.status : 'interrupted',
          ended: run.ended,
          error: run.error,
          best: bestOf(run)
        })
        const renamed = before && before.name !== before.experiment.name
        editRuns([run.id], {
          notes: before?.notes || run.notes,
          addTags: [...(before?.tags ?? []), ...run.tags],
          ...(renamed && { name: before.name })
        })
        if (before?.trashed) trashRuns([run.id], before.trashed)
      }
      return added.length
    })
  )
  return {
    importRuns,

    /**
     * Take in a run that ships with the studio; an older one of the same origin goes.
     * @returns whether it was not there yet
     */
    takeReady: database.transaction((record: RunRecord, origin: string): boolean => {
      dropOlder.run(origin, record.id)
      if (exists.get(record.id) !== undefined) return false
      importRuns([record], origin)
      return true
    }),

    /** @throws StudioError not-found */
    addRerunCheck(check: RerunCheck): void {
      if (exists.get(check.runId) === undefined) throw unknownRun(check.runId)
      putCheck.run(check.id, check.runId, JSON.stringify(check))
    }
  }
}

/** The trials of a record as the engine would report them. */
function outcomesOf({ results, series }: RunRecord): TrialOutcome[] {
  const curves = new Map<string, TrialOutcome['series']>()
  for (const { cell, name, x, seeds, y } of series)
    for (const [i, seed] of seeds.entries()) {
      const own = curves.get(`${cell} ${seed}`) ?? {}
      curves.set(`${cell} ${seed}`, own)
      own[name] = { x, y: y[i].map((value) => value ?? NaN) }
    }
  return results.map(({ cell, seed, hash, status, error, metrics, elapsedMs, backend }) => ({
    cell,
    seed,
    hash,
    status,
    error,
    metrics,
    series: curves.get(`${cell} ${seed}`) ?? {},
    traces: [],
    elapsedMs,
    backend
  }))
}

/** Trials as they come from the engine: written in one transaction, whole or not at all. */
import type { TrialRow, TrialStatus } from '../../src-shared/shapes/run.ts'
import { machineCodes, StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type { StoredTrace, TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { packDoubles, packValues } from './blobs.ts'
import { driftKeeper } from './drifts.ts'
import type { Database } from './port.ts'
import { addPair, rowSum, sound, soundTrial, wayBack } from './sums.ts'
import { unknownRun } from './runs.ts'

export type TrialsReader = ReturnType<typeof trialsReader>
export type TrialsWriter = ReturnType<typeof trialsWriter>

interface TrialRecord {
  id: number
  seed: number
  status: TrialStatus
  error: string | null
  elapsed_ms: number
  backend: string
  label: string
  model: string
  params: string
  point: string
  metrics: string
  sound: 0 | 1
  /** Its cell is sound. */
  whole: 0 | 1
}

export interface Counts {
  done: number
  diverged: number
  failed: number
}

/** What is said of a trial that is not as it was written. */
export const damagedTrial: ErrorData = {
  code: 'store-corrupt',
  message: `This trial is damaged in the data file; ${wayBack}, and resuming the run computes it again.`
}

/** Trials of a run that failed for a reason that lies in the machine: no results. */
const machineFailures = `trials WHERE run = (SELECT key FROM runs WHERE id = ?) AND status = 'failed'
  AND json_valid(error) AND json_extract(error, '$.code') IN (${machineCodes.map((code) => `'${code}'`).join(', ')})`

export function trialsReader(database: Database) {
  const failures = database.prepare<[string], number>(`SELECT count(*) FROM ${machineFailures}`).pluck()
  const seedsDone = database.prepare<[string], [number, number]>(
    'SELECT cell, seed FROM trials WHERE run = (SELECT key FROM runs WHERE id = ?)'
  )
  const hashes = database.prepare<[string], { use: number; cell: number; seed: number; hash: string }>(
    `SELECT cells.use, trials.cell, trials.seed, trials.hash FROM trials
     JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
     WHERE trials.run = (SELECT key FROM runs WHERE id = ?) AND ${soundTrial} GROUP BY cells.use`
  )
  const place = database.prepare<[number, string], { cell: number; seed: number }>(
    'SELECT cell, seed FROM trials WHERE id = ? AND run = (SELECT key FROM runs WHERE id = ?)'
  )
  const where = 'trials.run = (SELECT key FROM runs WHERE id = ?) AND (? IS NULL OR trials.status = ?)'
  type Selection = [string, TrialStatus | null, TrialStatus | null]
  const page = database.prepare<[...Selection, number, number], TrialRecord>(
    `SELECT trials.id, seed, status, error, elapsed_ms, backend, label, model, params, point,
       (SELECT json_group_object(name, value) FROM metrics WHERE trial = trials.id) AS metrics,
       ${soundTrial} AND ${sound('cells')} AS sound, ${sound('cells')} AS whole
     FROM trials JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
     WHERE trials.id IN (SELECT id FROM trials WHERE ${where} ORDER BY id LIMIT ? OFFSET ?) ORDER BY trials.id`
  )
  const count = database.prepare<Selection, number>(`SELECT count(*) FROM trials WHERE ${where}`).pluck()
  const traces = database
    .prepare<[number, string], string | null>(
      `SELECT iif(${sound('traces')} AND ${soundTrial} AND trials.pictures = (SELECT count(*) FROM traces WHERE trial = trials.id), json, NULL)
       FROM traces JOIN trials ON trials.id = traces.trial
       WHERE trial = ? AND trials.run = (SELECT key FROM runs WHERE id = ?) ORDER BY position`
    )
    .pluck()
  return {
    /** The (cell, seed) pairs that are stored already, as `cell -> seeds`. */
    seedsStored(id: string): Map<number, Set<number>> {
      const stored = new Map<number, Set<number>>()
      for (const [cell, seed] of seedsDone.raw().all(id) as unknown as [number, number][]) {
        const seeds = stored.get(cell)
        if (seeds) seeds.add(seed)
        else stored.set(cell, new Set([seed]))
      }
      return stored
    },
    /** How many trials of a run failed because of the machine. */
    machineFailures: (id: string) => failures.get(id) as unknown as number,
    /** One stored trial of each model of a run, with its identity. */
    sampleHashes: (id: string) => hashes.all(id),
    trials(
      id: string,
      status: TrialStatus | undefined,
      offset: number,
      limit: number
    ): { rows: TrialRow[]; total: number } {
      const only = status ?? null
      return {
        rows: page.all(id, only, only, limit, offset).map((r) => ({
          id: r.id,
          label: r.label,
          model: r.model,
          params: r.whole ? (JSON.parse(r.params) as TrialRow['params']) : {},
          point: r.whole ? (JSON.parse(r.point) as TrialRow['point']) : {},
          seed: r.seed,
          ...(r.sound
            ? {
                status: r.status,
                error: r.error === null ? null : (JSON.parse(r.error) as ErrorData),
                metrics: JSON.parse(r.metrics) as Record<string, number>
              }
            : { status: 'damaged' as const, error: damagedTrial, metrics: {} }),
          elapsedMs: r.elapsed_ms,
          backend: r.backend
        })),
        total: count.get(id, only, only) as unknown as number
      }
    },
    /** The cell and seed of one trial of a run; undefined when the run has no such trial. */
    placeOf: (id: string, trial: number) => place.get(trial, id),
    traces: (id: string, trial: number): StoredTrace[] =>
      (traces.all(trial, id) as unknown as (string | null)[]).map((json) => {
        if (json === null) throw new StudioError('store-corrupt', `The traces of this trial are damaged; ${wayBack}.`)
        return JSON.parse(json) as StoredTrace
      })
  }
}

export function trialsWriter(database: Database) {
  const keyOf = database.prepare<[string], number>('SELECT key FROM runs WHERE id = ?').pluck()
  const putTrial = database.prepare(
    `INSERT INTO trials (run, cell, seed, hash, status, error, elapsed_ms, backend, curves, pictures, sum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
  )
  const putMetric = database.prepare('INSERT INTO metrics (trial, name, value) VALUES (?, ?, ?)')
  const putSeries = database.prepare('INSERT INTO series (trial, name, x, y, sum) VALUES (?, ?, ?, ?, ?)')
  const putTrace = database.prepare('INSERT INTO traces (trial, position, json, sum) VALUES (?, ?, ?, ?)')
  const useOf = database.prepare<[number, number], number>('SELECT use FROM cells WHERE run = ? AND cell = ?').pluck()
  const addMetric = database.prepare(
    `INSERT INTO run_metrics (name, run, use, n, total) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET n = n + excluded.n, total = total + excluded.total`
  )
  const addCounts = database.prepare(
    `UPDATE runs SET done = done + ?, diverged = diverged + ?, failed = failed + ?, elapsed_ms = ?, backend = ?
     WHERE key = ?`
  )
  const keepDrift = driftKeeper(database)
  const dropFailures = database.prepare<[string]>(`DELETE FROM ${machineFailures}`)
  const lessFailed = database.prepare<[number, string]>('UPDATE runs SET failed = failed - ? WHERE id = ?')
  return {
    /** Remove what failed because of the machine, so that it is missing. @returns how many trials that were */
    dropMachineFailures: database.transaction((id: string): number => {
      const { changes } = dropFailures.run(id)
      if (changes > 0) lessFailed.run(changes, id)
      return changes
    }),
    /**
     * Store the trials of one message of the engine in one transaction, and count them.
     * A trial that is there already is left as it is; an answer that does not agree with it is kept beside it. A metric that is not finite is left out: the trial has none.
     * @returns the trials that were new
     */
    addTrials: database.transaction(
      (id: string, outcomes: readonly TrialOutcome[], elapsedMs: number, backend: string): TrialOutcome[] => {
        const run = keyOf.get(id) as unknown as number | undefined
        if (run === undefined) throw unknownRun(id)
        const counts: Counts = { done: 0, diverged: 0, failed: 0 }
        const sums = new Map<number, Map<string, { n: number; total: number }>>()
        const added: TrialOutcome[] = []
        for (const outcome of outcomes) {
          const { cell, seed, hash, status, error } = outcome
          const finite = Object.entries(outcome.metrics).filter(([, value]) => Number.isFinite(value))
          const own = finite.reduce((sum, [name, value]) => addPair(sum, name, value), 0)
          const why = error && JSON.stringify(error)
          const parts = [Object.keys(outcome.series).length, outcome.traces.length] as const
          const row = [run, cell, seed, hash, status, why, outcome.elapsedMs, outcome.backend, ...parts] as const
          const made = putTrial.run(...row, rowSum(...row, own))
          if (made.changes === 0) {
            keepDrift(run, outcome)
            continue
          }
          const trial = Number(made.lastInsertRowid)
          const totals = sums.get(cell) ?? new Map<string, { n: number; total: number }>()
          sums.set(cell, totals)
          for (const [name, value] of finite) {
            putMetric.run(trial, name, value)
            const { n, total } = totals.get(name) ?? { n: 0, total: 0 }
            if (status === 'done') totals.set(name, { n: n + 1, total: total + value })
          }
          for (const [name, { x, y }] of Object.entries(outcome.series)) {
            const curve = [trial, name, packDoubles(x), packValues(y)] as const
            putSeries.run(...curve, rowSum(...curve))
          }
          for (const [i, trace] of outcome.traces.entries()) {
            const picture = [trial, i, JSON.stringify(trace)] as const
            putTrace.run(...picture, rowSum(...picture))
          }
          counts[status]++
          added.push(outcome)
        }
        for (const [cell, totals] of sums)
          for (const [name, { n, total }] of totals) addMetric.run(name, run, useOf.get(run, cell), n, total)
        addCounts.run(counts.done, counts.diverged, counts.failed, elapsedMs, backend, run)
        return added
      }
    )
  }
}

/** Second answers for trials that are stored: what does not agree with the first is kept beside it. */
import { canonical } from '../../src-shared/grid/identity.ts'
import { compareOutcomes } from '../../src-shared/exchange/agreement.ts'
import type { Drift } from '../../src-shared/exchange/drift.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { TrialStatus } from '../../src-shared/shapes/run.ts'
import type { Database } from './port.ts'
import { documentOf, sound, soundTrial, type Document } from './sums.ts'

export type DriftsReader = ReturnType<typeof driftsReader>

export function driftsReader(database: Database) {
  const all = database.prepare<[string], Document>(
    `SELECT json, ${sound('drifts')} AS sound FROM drifts WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY id`
  )
  return {
    /** In the order in which they were found. @throws StudioError store-corrupt */
    drifts: (id: string): Drift[] => all.all(id).map((row) => documentOf(row, 'A drifted trial') as Drift)
  }
}

interface StoredTrial {
  status: TrialStatus
  backend: string
  label: string
  point: string
  metrics: string
}

/** @returns what holds an answer for a trial that is there to the one that is stored */
export function driftKeeper(database: Database): (run: number, outcome: TrialOutcome) => void {
  const stored = database.prepare<[number, number, number], StoredTrial>(
    `SELECT status, backend, label, point,
       (SELECT json_group_object(name, value) FROM metrics WHERE trial = trials.id) AS metrics
     FROM trials JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
     WHERE trials.run = ? AND trials.cell = ? AND seed = ? AND ${soundTrial} AND ${sound('cells')}`
  )
  const known = database.prepare<[number], string>('SELECT json FROM drifts WHERE run = ?').pluck()
  const told = ({ label, point, seed, other }: Drift): string => canonical({ label, point, seed, other })
  const put = database.prepare('INSERT INTO drifts (run, json) VALUES (?, ?)')
  return (run, { cell, seed, status, metrics: all, backend }) => {
    const found = stored.get(run, cell, seed)
    if (!found) return
    const before = { status: found.status, metrics: JSON.parse(found.metrics) as Record<string, number> }
    const metrics = Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value)))
    const { agreement, worst } = compareOutcomes(before, { status, metrics })
    if (agreement !== 'drifted') return
    const drift: Drift = {
      label: found.label,
      point: JSON.parse(found.point) as Drift['point'],
      seed,
      time: new Date().toISOString(),
      stored: { ...before, backend: found.backend },
      other: { status, metrics, backend },
      worst
    }
    // The same answer may come again.
    const same = (known.all(run) as unknown as string[]).some((json) => told(JSON.parse(json) as Drift) === told(drift))
    if (!same) put.run(run, JSON.stringify(drift))
  }
}

/** The way back of what is damaged: from the backups, or by computing it again. */
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { listBackups } from './backup.ts'
import { unpackDoubles, unpackValues } from './blobs.ts'
import { brokenTrials, damages, ownTables, shortRuns, wholeTrial, type Damage, type Mended, type Row } from './check.ts'
import { pragmaNumber, schemaStands } from './migrate.ts'
import type { Database, StorePort } from './port.ts'
import { sound, summed, type SummedName, type SummedTable } from './sums.ts'
import { trialsWriter } from './trials.ts'

/**
 * Put back from the newest backup that has it whole whatever is damaged; take out the trials that no backup has, so that
 * resuming their run computes them; count anew what is counted.
 */
export function mend(port: StorePort, database: Database, folder: string): Mended {
  const found = damages(database)
  const missing = new Map<string, number>()
  const left: Damage[] = []
  let restored = 0
  if (found.length === 0) return { restored, missing: [], left }
  const version = pragmaNumber(database, 'user_version')
  const backups = listBackups(port, folder).flatMap(({ path }) => {
    const backup = port.connect(path, { readonly: true, mustExist: true })
    if (readable(backup, version)) return [backup]
    backup.close()
    return []
  })
  try {
    const apply = database.transaction(() => {
      // Runs first: trials are found by the run they belong to.
      for (const name of ownTables) {
        const rows = mendTable(database, backups, name)
        restored += rows.restored
        left.push(...rows.left)
      }
      const short = shortRuns(database)
      for (const { id, run, cell, seed } of brokenTrials(database)) {
        const outcome = run === null ? undefined : firstOf(backups, (backup) => trialIn(backup, run, cell, seed))
        database.prepare('DELETE FROM trials WHERE id = ?').run(id)
        if (run === null) continue
        if (outcome) {
          addTrials(run, [outcome], elapsedOf(run), backendOf(run))
          restored++
        } else missing.set(run, (missing.get(run) ?? 0) + 1)
      }
      for (const { id, counted, found: there } of short)
        if (there < counted) {
          const back = trialsOf(backups, id).filter((outcome) => !has(id, outcome))
          restored += addTrials(id, back, elapsedOf(id), backendOf(id)).length
          const lost = counted - there - back.length
          if (lost > 0) missing.set(id, (missing.get(id) ?? 0) + lost)
        }
      countAnew(database)
    })
    const { addTrials } = trialsWriter(database)
    const elapsed = database.prepare<[string], number>('SELECT elapsed_ms FROM runs WHERE id = ?').pluck()
    const backend = database.prepare<[string], string>('SELECT backend FROM runs WHERE id = ?').pluck()
    const elapsedOf = (id: string): number => elapsed.get(id) as unknown as number
    const backendOf = (id: string): string => backend.get(id) as unknown as string
    const stored = database.prepare(
      'SELECT 1 FROM trials WHERE run = (SELECT key FROM runs WHERE id = ?) AND cell = ? AND seed = ?'
    )
    const has = (id: string, { cell, seed }: TrialOutcome): boolean => stored.get(id, cell, seed) !== undefined
    apply.immediate()
  } finally {
    for (const backup of backups) backup.close()
  }
  return { restored, missing: [...missing].map(([run, trials]) => ({ run, trials })), left }
}

function readable(backup: Database, version: number): boolean {
  try {
    return pragmaNumber(backup, 'user_version') === version && schemaStands(backup, version)
  } catch {
    return false
  }
}

/** A backup may be damaged too: what cannot be read in it is not there. */
function firstOf<T>(backups: readonly Database[], read: (backup: Database) => T | undefined): T | undefined {
  for (const backup of backups)
    try {
      const found = read(backup)
      if (found !== undefined) return found
    } catch {
      continue
    }
  return undefined
}

function mendTable(
  database: Database,
  backups: readonly Database[],
  name: SummedName
): { restored: number; left: Damage[] } {
  const { key, columns, called, run }: SummedTable = summed[name]
  const rows = database
    .prepare(`SELECT ${key.join(', ')}, ${run ?? 'NULL'} AS ofRun FROM ${name} WHERE NOT ${sound(name)}`)
    .all() as Row[]
  const same = key.map((column) => `${column} = ?`).join(' AND ')
  let restored = 0
  const left: Damage[] = []
  for (const { ofRun, ...keys } of rows) {
    const values = Object.values(keys)
    const good = firstOf(
      backups,
      (backup) =>
        backup
          .prepare(`SELECT ${[...columns, 'sum'].join(', ')} FROM ${name} WHERE ${same} AND ${sound(name)}`)
          .get(...values) as Row | undefined
    )
    if (!good) {
      left.push({ what: called, run: (ofRun as string | null) ?? null, where: `${name} ${values.join(' ')}` })
      continue
    }
    // The sum is written last and by itself: no trigger looks at it.
    const set = columns.map((column) => `${column} = ?`).join(', ')
    if (columns.length)
      database
        .prepare(`UPDATE ${name} SET ${set} WHERE ${same}`)
        .run(...columns.map((column) => good[column]), ...values)
    database.prepare(`UPDATE ${name} SET sum = ? WHERE ${same}`).run(good.sum, ...values)
    restored++
  }
  return { restored, left }
}

/** A trial of a run as a backup has it, when it is whole there. */
function trialIn(backup: Database, run: string, cell: number, seed: number): TrialOutcome | undefined {
  const row = backup
    .prepare(
      `SELECT trials.id, cell, seed, hash, status, error, elapsed_ms, backend FROM trials
       WHERE trials.run = (SELECT key FROM runs WHERE runs.id = ?) AND cell = ? AND seed = ? AND ${wholeTrial}`
    )
    .get(run, cell, seed) as TrialRecord | undefined
  return row && outcomeOf(backup, row)
}

/** The whole trials of a run in the newest backup that has any. */
function trialsOf(backups: readonly Database[], run: string): TrialOutcome[] {
  const found = firstOf(backups, (backup) => {
    const rows = backup
      .prepare(
        `SELECT trials.id, cell, seed, hash, status, error, elapsed_ms, backend FROM trials
         WHERE trials.run = (SELECT key FROM runs WHERE runs.id = ?) AND ${wholeTrial}`
      )
      .all(run) as TrialRecord[]
    return rows.length ? rows.map((row) => outcomeOf(backup, row)) : undefined
  })
  return found ?? []
}

interface TrialRecord {
  id: number
  cell: number
  seed: number
  hash: string
  status: TrialOutcome['status']
  error: string | null
  elapsed_ms: number
  backend: string
}

function outcomeOf(database: Database, row: TrialRecord): TrialOutcome {
  const { id, cell, seed, hash, status, error, elapsed_ms: elapsedMs, backend } = row
  const metrics = database.prepare('SELECT name, value FROM metrics WHERE trial = ?').raw().all(id) as [
    string,
    number
  ][]
  const series = database.prepare('SELECT name, x, y FROM series WHERE trial = ?').raw().all(id) as [
    string,
    Buffer,
    Buffer
  ][]
  const traces = database
    .prepare('SELECT json FROM traces WHERE trial = ? ORDER BY position')
    .pluck()
    .all(id) as string[]
  return {
    ...{ cell, seed, hash, status, elapsedMs, backend },
    error: error === null ? null : (JSON.parse(error) as TrialOutcome['error']),
    metrics: Object.fromEntries(metrics),
    series: Object.fromEntries(
      series.map(([name, xs, y]) => {
        const x = unpackDoubles(xs)
        return [name, { x, y: unpackValues(y, x.length).map((value) => value ?? NaN) }]
      })
    ),
    traces: traces.map((json) => JSON.parse(json) as TrialOutcome['traces'][number])
  }
}

/** Counts of trials and sums of metrics, from the trials that are there. */
function countAnew(database: Database): void {
  const counted = (status: string): string =>
    `(SELECT count(*) FROM trials WHERE trials.run = runs.key AND trials.status = '${status}')`
  database.exec(`
UPDATE runs SET done = ${counted('done')}, diverged = ${counted('diverged')}, failed = ${counted('failed')}
  WHERE done <> ${counted('done')} OR diverged <> ${counted('diverged')} OR failed <> ${counted('failed')};
UPDATE runs SET status = 'interrupted' WHERE status = 'done' AND done + diverged + failed < trials;
DELETE FROM run_metrics;
INSERT INTO run_metrics (name, run, use, n, total)
  SELECT metrics.name, trials.run, cells.use, count(*), sum(value) FROM trials
  JOIN metrics ON metrics.trial = trials.id
  JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
  WHERE trials.status = 'done' GROUP BY 1, 2, 3;`)
}

/** A walk over everything that is stored: what is not as it was written. */
import type { Database } from './port.ts'
import { sound, soundTrial, summed, type SummedName, type SummedTable } from './sums.ts'

/** One thing that is not as it was written. */
export interface Damage {
  /** `a trial`, `a report`, ... */
  what: string
  /** The run it belongs to, where it does and that is known. */
  run: string | null
  /** Where it stands: table and key, for whoever looks into the file. */
  where: string
}

/** What was done about damage. */
export interface Mended {
  /** Of those, this many were put back as they were from a backup. */
  restored: number
  /** Trials in no backup, taken out: resuming their run computes them again. */
  missing: { run: string; trials: number }[]
  /** In no backup, and nothing that can be computed. */
  left: Damage[]
}

interface BrokenTrial {
  id: number
  run: string | null
  cell: number
  seed: number
}

export type Row = Record<string, string | number | null | Buffer>

/** The tables that stand for themselves; curves and traces go with their trials. */
export const ownTables = (Object.keys(summed) as SummedName[]).filter((name) => name !== 'series' && name !== 'traces')

/** A trial with its metrics, its curves and its traces, all as they were written. */
export const wholeTrial = `(${soundTrial}
  AND trials.curves = (SELECT count(*) FROM series WHERE series.trial = trials.id AND ${sound('series')})
  AND trials.pictures = (SELECT count(*) FROM traces WHERE traces.trial = trials.id AND ${sound('traces')}))`

export const brokenTrials = (database: Database): BrokenTrial[] =>
  database
    .prepare(
      `SELECT trials.id, runs.id AS run, cell, seed FROM trials LEFT JOIN runs ON runs.key = trials.run
       WHERE NOT ${wholeTrial} ORDER BY trials.id`
    )
    .all() as BrokenTrial[]

/** Runs whose count of ended trials is not that of the trials there are: some were lost whole. */
export const shortRuns = (database: Database): { id: string; counted: number; found: number }[] =>
  database
    .prepare(
      `SELECT id, done + diverged + failed AS counted, (SELECT count(*) FROM trials WHERE run = key) AS found FROM runs
       WHERE counted <> found`
    )
    .all() as { id: string; counted: number; found: number }[]

/** What is derived from the trials and cells, to be found by: names of what differs. */
const derived: readonly [what: string, sql: string][] = [
  [
    'the sums of metrics that runs are found by',
    `SELECT 1 FROM (SELECT name, run, use, n, total FROM run_metrics) AS a FULL JOIN
       (SELECT metrics.name, trials.run, cells.use, count(*) AS n, sum(value) AS total FROM trials
        JOIN metrics ON metrics.trial = trials.id JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
        WHERE trials.status = 'done' GROUP BY 1, 2, 3) AS b
       ON a.name = b.name AND a.run = b.run AND a.use = b.use
     WHERE a.n IS NOT b.n OR abs(a.total - b.total) > 1e-9 * (1 + abs(b.total)) OR a.name IS NULL OR b.name IS NULL LIMIT 1`
  ],
  ['the references between tables', 'SELECT 1 FROM pragma_foreign_key_check LIMIT 1']
]

/** Everything that is damaged, whatever it is. */
export function damages(database: Database): Damage[] {
  const out: Damage[] = []
  for (const name of ownTables) {
    const { key, called, run }: SummedTable = summed[name]
    const rows = database
      .prepare(`SELECT ${key.join(', ')}, ${run ?? 'NULL'} AS ofRun FROM ${name} WHERE NOT ${sound(name)}`)
      .all() as Row[]
    for (const { ofRun, ...keys } of rows)
      out.push({
        what: called,
        run: (ofRun as string | null) ?? null,
        where: `${name} ${Object.values(keys).join(' ')}`
      })
  }
  for (const { id, run, cell, seed } of brokenTrials(database))
    out.push({ what: 'a trial', run, where: `trials ${id}, cell ${cell}, seed ${seed}` })
  for (const { id, counted, found } of shortRuns(database))
    out.push({ what: `trials: ${counted} were counted, ${found} are there`, run: id, where: 'trials' })
  if (out.length === 0)
    for (const [what, sql] of derived)
      if (database.prepare(sql).get() !== undefined) out.push({ what, run: null, where: 'derived' })
  return out
}

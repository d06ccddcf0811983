/** Runs: one experiment executed once, with where its numbers come from. */
import type { Provenance, Run, RunRow, RunStatus } from '../../src-shared/shapes/run.ts'
import type { ErrorData } from '../../src-shared/shapes/errors.ts'
import { mostLogLines } from '../../src-shared/contract/runs.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { Experiment } from '../../src-shared/shapes/experiment.ts'
import { modelLabels } from '../../src-shared/shapes/experiment.ts'
import { contentHash, seedless } from '../../src-shared/grid/identity.ts'
import { folded } from './filter-sql.ts'
import { runColumns, toRow, type RunRecord } from './history.ts'
import type { Database } from './port.ts'
import { sound, wayBack } from './sums.ts'
import { registerPredictions } from './predictions.ts'
import { flatParams } from '../../src-shared/shapes/flat-params.ts'

export type RunsReader = ReturnType<typeof runsReader>
export type RunsWriter = ReturnType<typeof runsWriter>

export interface NewRun {
  id: string
  name: string
  created: string
  experiment: Experiment
  cells: readonly Cell[]
  seeds: number
  provenance: Provenance
}

/** What changes while a run goes on and when it ends; fields left out stay. */
export interface RunChange {
  status?: RunStatus
  ended?: string | null
  elapsedMs?: number
  backend?: string
  error?: ErrorData | null
  provenance?: Provenance
  best?: RunRow['best']
}

/** What the user may change. */
export interface RunEdit {
  name?: string
  notes?: string
  addTags?: readonly string[]
  removeTags?: readonly string[]
}

export const unknownRun = (id: string): StudioError =>
  new StudioError('not-found', `There is no run "${id}" in this data folder.`)

/** Numbers that are not what was written are not shown. */
export const damagedRun = (id: string, what: string): StudioError =>
  new StudioError('store-corrupt', `What is stored of run ${id} (${what}) is damaged; ${wayBack}.`)

/** SQL: whether a run is computed by other computers, with or without this studio. */
const elsewhere = "json_valid(provenance) AND coalesce(json_extract(provenance, '$.place'), 'here') <> 'here'"

export function runsReader(database: Database) {
  const one = database.prepare<
    [string],
    RunRecord & { experiment: string; provenance: string; error: string | null; known: 0 | 1 }
  >(
    `SELECT ${runColumns}, experiments.json AS experiment, provenance, error,
       ${sound('run_details')} AND ${sound('experiments')} AS known FROM runs
     JOIN run_details ON run_details.run = key JOIN experiments ON experiments.hash = run_details.experiment
     WHERE id = ?`
  )
  const cellRows = database.prepare<[string], CellRecord>(
    `SELECT cells.*, ${sound('cells')} AS sound FROM cells JOIN runs ON runs.key = cells.run
     WHERE runs.id = ? ORDER BY cell`
  )
  const byStatus = database.prepare<[string], string>('SELECT id FROM runs WHERE status = ? ORDER BY key').pluck()
  const away = database
    .prepare<[], string>(
      `SELECT id FROM runs JOIN run_details ON run = key WHERE status IN ('queued', 'running') AND ${elsewhere} ORDER BY key`
    )
    .pluck()
  const logLines = database.prepare<[string, number], { time: string; text: string }>(
    `SELECT time, iif(${sound('log')}, text, 'This line is damaged.') AS text FROM log JOIN runs ON runs.key = log.run
     WHERE runs.id = ? ORDER BY log.id DESC LIMIT ?`
  )
  const matching = database
    .prepare<[string, string], string>(
      "SELECT id FROM runs WHERE id LIKE ? || '%' OR name = ? ORDER BY key DESC LIMIT 2"
    )
    .pluck()
  return {
    /** @throws StudioError not-found */
    run(id: string): Run {
      const found = one.get(id)
      if (!found) throw unknownRun(id)
      if (!found.known) throw damagedRun(id, 'where it comes from')
      return {
        ...toRow(found),
        experiment: JSON.parse(found.experiment) as Experiment,
        provenance: JSON.parse(found.provenance) as Provenance,
        error: found.error === null ? null : (JSON.parse(found.error) as ErrorData)
      }
    },
    /** The grid as it was expanded when the run was made. */
    cells(id: string): Cell[] {
      const rows = cellRows.all(id)
      if (rows.some((row, i) => !row.sound || row.cell !== i)) throw damagedRun(id, 'its grid')
      return rows.map(toCell)
    },
    /** Runs that other computers go on with. */
    runsElsewhere: (): string[] => away.all() as unknown as string[],
    runsWithStatus: (status: RunStatus): string[] => byStatus.all(status) as unknown as string[],
    /** The ids that a word on the command line may mean: the start of an id, or a name; at most two. */
    runsNamed: (text: string): string[] =>
      matching.all(text.replace(/[^0-9A-Za-z]/g, '?').toUpperCase(), text) as unknown as string[],
    /** The last lines of its log, in their order. */
    log: (id: string, limit = mostLogLines): { time: string; text: string }[] => logLines.all(id, limit).reverse()
  }
}

interface CellRecord {
  cell: number
  use: number
  label: string
  model: string
  params: string
  task_params: string
  point: string
  weights: string | null
  tuned: string | null
  sound: 0 | 1
}

const toCell = (row: CellRecord): Cell => ({
  use: row.use,
  label: row.label,
  model: row.model,
  params: JSON.parse(row.params) as Cell['params'],
  taskParams: JSON.parse(row.task_params) as Cell['taskParams'],
  point: JSON.parse(row.point) as Cell['point'],
  ...(row.weights !== null && { weights: row.weights }),
  ...(row.tuned !== null && { tuned: JSON.parse(row.tuned) as string[] })
})

export function runsWriter(database: Database) {
  const putExperiment = database.prepare('INSERT INTO experiments (hash, json) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const putRun = database.prepare(
    `INSERT INTO runs (id, name, task, labels, status, created, trials, seeds, variant, search)
     VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, '')`
  )
  const putDetails = database.prepare('INSERT INTO run_details (run, experiment, provenance) VALUES (?, ?, ?)')
  const putModel = database.prepare('INSERT INTO run_models (run, position, label, model) VALUES (?, ?, ?, ?)')
  const putCell = database.prepare(
    `INSERT INTO cells (run, cell, use, label, model, params, task_params, point, weights, tuned)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
  const putParam = database.prepare('INSERT INTO run_params (name, run, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const keyOf = database.prepare<[string], number>('SELECT key FROM runs WHERE id = ?').pluck()
  const searched = database.prepare<
    [number],
    { name: string; notes: string; task: string; labels: string; tags: string; sound: 0 | 1 }
  >(
    `SELECT name, notes, task, labels, ${sound('runs')} AS sound,
       (SELECT group_concat(tag, ' ') FROM run_tags WHERE run = key) AS tags FROM runs WHERE key = ?`
  )
  const setSearch = database.prepare('UPDATE runs SET search = ? WHERE key = ?')
  const putTag = database.prepare('INSERT INTO run_tags (run, tag) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const dropTag = database.prepare('DELETE FROM run_tags WHERE run = ? AND tag = ?')
  const register = registerPredictions(database)
  const putLog = database.prepare('INSERT INTO log (run, time, text) VALUES (?, ?, ?)')

  const key = (id: string): number => {
    const found = keyOf.get(id) as number | undefined
    if (found === undefined) throw unknownRun(id)
    return found
  }
  const index = (run: number): void => {
    const found = searched.get(run)
    if (!found) return
    // A damaged line is found by its other words.
    const labels = found.sound ? (JSON.parse(found.labels) as string[]).join(' ') : ''
    setSearch.run(folded([found.name, found.notes, found.tags ?? '', found.task, labels].join('\n')), run)
  }
  const eachOf =
    (change: (run: number) => void) =>
    (ids: readonly string[]): void =>
      ids.forEach((id) => change(key(id)))

  return {
    addRun: database.transaction((run: NewRun): void => {
      const { experiment } = run
      const hash = contentHash(experiment)
      putExperiment.run(hash, JSON.stringify(experiment))
      const labels = modelLabels(experiment.models)
      const total = run.cells.length * run.seeds
      const made = putRun.run(
        run.id,
        run.name,
        experiment.task.kind,
        JSON.stringify(labels),
        run.created,
        total,
        run.seeds,
        seedless(experiment)
      )
      const row = Number(made.lastInsertRowid)
      putDetails.run(row, hash, JSON.stringify(run.provenance))
      experiment.models.forEach((model, i) => putModel.run(row, i, labels[i], model.kind))
      run.cells.forEach((cell, i) =>
        putCell.run(
          row,
          i,
          cell.use,
          cell.label,
          cell.model,
          JSON.stringify(cell.params),
          JSON.stringify(cell.taskParams),
          JSON.stringify(cell.point),
          cell.weights ?? null,
          cell.tuned ? JSON.stringify(cell.tuned) : null
        )
      )
      for (const { params, taskParams } of run.cells)
        for (const [name, value] of [...flatParams(params), ...flatParams(taskParams)]) putParam.run(name, row, value)
      register(row, experiment.predictions ?? [], run.created)
      index(row)
    }),

    changeRun: database.transaction((id: string, change: RunChange): void => {
      const row = key(id)
      const set = (sql: string, ...values: unknown[]): void => void database.prepare(sql).run(...values, row)
      if (change.status !== undefined) set('UPDATE runs SET status = ? WHERE key = ?', change.status)
      if (change.ended !== undefined) set('UPDATE runs SET ended = ? WHERE key = ?', change.ended)
      if (change.elapsedMs !== undefined) set('UPDATE runs SET elapsed_ms = ? WHERE key = ?', change.elapsedMs)
      if (change.backend !== undefined) set('UPDATE runs SET backend = ? WHERE key = ?', change.backend)
      if (change.best !== undefined) {
        const { label = null, metric = null, mean = null } = change.best ?? {}
        set('UPDATE runs SET best_label = ?, best_metric = ?, best_mean = ? WHERE key = ?', label, metric, mean)
      }
      if (change.error !== undefined)
        set('UPDATE run_details SET error = ? WHERE run = ?', change.error && JSON.stringify(change.error))
      if (change.provenance !== undefined)
        set('UPDATE run_details SET provenance = ? WHERE run = ?', JSON.stringify(change.provenance))
    }),

    /** The same run with another list of seeds; its trials stay. */
    extendRun: database.transaction((id: string, experiment: Experiment, seeds: number, trials: number): void => {
      const row = key(id)
      const hash = contentHash(experiment)
      putExperiment.run(hash, JSON.stringify(experiment))
      database.prepare('UPDATE run_details SET experiment = ? WHERE run = ?').run(hash, row)
      database.prepare('UPDATE runs SET seeds = ?, trials = ? WHERE key = ?').run(seeds, trials, row)
    }),

    /** All of the runs or none. @throws StudioError not-found */
    editRuns: database.transaction((ids: readonly string[], edit: RunEdit): void =>
      eachOf((run) => {
        if (edit.name !== undefined) database.prepare('UPDATE runs SET name = ? WHERE key = ?').run(edit.name, run)
        if (edit.notes !== undefined) database.prepare('UPDATE runs SET notes = ? WHERE key = ?').run(edit.notes, run)
        for (const tag of edit.addTags ?? []) putTag.run(run, tag)
        for (const tag of edit.removeTags ?? []) dropTag.run(run, tag)
        index(run)
      })(ids)
    ),

    trashRuns: database.transaction((ids: readonly string[], time: string): void =>
      eachOf((run) => void database.prepare('UPDATE runs SET trashed = ? WHERE key = ?').run(time, run))(ids)
    ),

    restoreRuns: database.transaction((ids: readonly string[]): void =>
      eachOf((run) => void database.prepare('UPDATE runs SET trashed = NULL WHERE key = ?').run(run))(ids)
    ),

    /** Delete for good what lies in the trash. @throws StudioError conflict for a run that does not */
    purgeRuns: database.transaction((ids: readonly string[]): void => {
      eachOf((run) => {
        const { changes } = database.prepare('DELETE FROM runs WHERE key = ? AND trashed IS NOT NULL').run(run)
        if (changes === 0)
          throw new StudioError('conflict', 'Only runs in the trash can be deleted for good; move them there first.')
      })(ids)
      database.exec('DELETE FROM experiments WHERE hash NOT IN (SELECT experiment FROM run_details)')
    }),

    addLog: (id: string, time: string, text: string): void => void putLog.run(key(id), time, text),

    /** Runs that a crash left unfinished; what other computers go on with is not among them. @returns their ids */
    sweepUnfinished: database.transaction((time: string, error: ErrorData): string[] => {
      const left = database
        .prepare(
          `SELECT id FROM runs WHERE status IN ('queued', 'running', 'paused') AND task <> 'reference'
             AND key NOT IN (SELECT run FROM run_details WHERE ${elsewhere}) ORDER BY key`
        )
        .pluck()
        .all() as string[]
      eachOf((run) => {
        database
          .prepare("UPDATE runs SET status = 'interrupted', ended = coalesce(ended, ?) WHERE key = ?")
          .run(time, run)
        database.prepare('UPDATE run_details SET error = ? WHERE run = ?').run(JSON.stringify(error), run)
        putLog.run(run, time, error.message)
      })(left)
      return left
    })
  }
}

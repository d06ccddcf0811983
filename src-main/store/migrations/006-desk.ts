import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Migration } from './migration.ts'

/**
 * What the history filters and groups by: the experiment less its seeds, the parameters of a run, and the sums of each
 * metric by model, from which a mean is one division.
 */
export const desk: Migration = {
  version: 6,
  up(database) {
    database.exec(`
ALTER TABLE runs ADD COLUMN variant TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_variant ON runs (variant, created) WHERE trashed IS NULL;

CREATE TABLE run_params (
  name TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  value ANY NOT NULL,
  PRIMARY KEY (name, run, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_params_run ON run_params (run);

CREATE TABLE run_metrics (
  name TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  model INTEGER NOT NULL,
  n INTEGER NOT NULL,
  total REAL NOT NULL,
  PRIMARY KEY (name, run, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_metrics_run ON run_metrics (run);

INSERT INTO run_metrics (name, run, model, n, total)
  SELECT metrics.name, trials.run, cells.model, count(*), sum(value) FROM trials
  JOIN metrics ON metrics.trial = trials.id
  JOIN cells ON cells.run = trials.run AND cells.cell = trials.cell
  WHERE trials.status = 'done' GROUP BY 1, 2, 3;
`)
    const experiments = database.prepare<[], { run: number; json: string }>(
      'SELECT run, json FROM run_details JOIN experiments ON experiments.hash = run_details.experiment'
    )
    const setVariant = database.prepare('UPDATE runs SET variant = ? WHERE key = ?')
    for (const { run, json } of experiments.all())
      setVariant.run(seedless(JSON.parse(json) as Record<string, unknown>), run)
    const cells = database.prepare<[], { run: number; params: string; task_params: string }>(
      'SELECT run, params, task_params FROM cells'
    )
    const putParam = database.prepare(
      'INSERT INTO run_params (name, run, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
    )
    for (const { run, params, task_params } of cells.all())
      for (const json of [params, task_params])
        for (const [name, value] of flatParams(JSON.parse(json) as Record<string, unknown>))
          putParam.run(name, run, value)
  }
}

/** JSON with sorted keys, as it was written when this migration was made. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`)
      .join(',')}}`
  return JSON.stringify(value)
}

function seedless({ task, models, sweep, search, generator }: Record<string, unknown>): string {
  const text = canonical({ task, models, sweep, search, generator })
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 16)
}

function flatParams(params: Record<string, unknown>, prefix = ''): [string, number | string][] {
  return Object.entries(params).flatMap(([name, value]): [string, number | string][] => {
    if (typeof value === 'number') return Number.isFinite(value) ? [[prefix + name, value]] : []
    if (typeof value === 'string' || typeof value === 'boolean') return [[prefix + name, String(value)]]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return flatParams(value as Record<string, unknown>, `${prefix}${name}.`)
  })
}

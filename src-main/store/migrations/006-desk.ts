import { seedless } from '../../../src-shared/grid/identity.ts'
import { flatParams } from '../../../src-shared/shapes/flat-params.ts'
import type { Migration } from './index.ts'

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
      setVariant.run(seedless(JSON.parse(json) as Parameters<typeof seedless>[0]), run)
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

import type { Migration } from './migration.ts'

/**
 * The first schema. `runs` holds what the history lists and filters by, and nothing large; experiment, provenance and
 * error lie beside it. A trial's metrics, series and traces hang on the trial and go with it.
 */
export const first: Migration = {
  version: 1,
  up: (database) =>
    database.exec(`
CREATE TABLE experiments (
  hash TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  task TEXT NOT NULL,
  models TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted')),
  created TEXT NOT NULL,
  ended TEXT,
  trials INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  diverged INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  seeds INTEGER NOT NULL,
  elapsed_ms REAL NOT NULL DEFAULT 0,
  backend TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '',
  trashed TEXT,
  best_model TEXT,
  best_metric TEXT,
  best_mean REAL,
  search TEXT NOT NULL
) STRICT;
CREATE INDEX runs_created ON runs (created);
CREATE INDEX runs_task ON runs (task, created);
CREATE INDEX runs_status ON runs (status, created);
CREATE INDEX runs_trashed ON runs (trashed) WHERE trashed IS NOT NULL;

CREATE TABLE run_details (
  run INTEGER PRIMARY KEY REFERENCES runs (key) ON DELETE CASCADE,
  experiment TEXT NOT NULL REFERENCES experiments (hash),
  provenance TEXT NOT NULL,
  error TEXT
) STRICT;
CREATE INDEX run_details_experiment ON run_details (experiment);

CREATE TABLE run_models (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_models_kind ON run_models (kind);

CREATE TABLE run_tags (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tags_tag ON run_tags (tag);

CREATE TABLE cells (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  model INTEGER NOT NULL,
  label TEXT NOT NULL,
  kind TEXT NOT NULL,
  params TEXT NOT NULL,
  task_params TEXT NOT NULL,
  point TEXT NOT NULL,
  weights TEXT,
  PRIMARY KEY (run, cell)
) STRICT;

CREATE TABLE trials (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  hash TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('done', 'diverged', 'failed')),
  error TEXT,
  elapsed_ms REAL NOT NULL,
  backend TEXT NOT NULL,
  UNIQUE (run, cell, seed)
) STRICT;
CREATE INDEX trials_status ON trials (run, status);

CREATE TABLE metrics (
  trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (trial, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
  trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  x BLOB NOT NULL,
  y BLOB NOT NULL,
  PRIMARY KEY (trial, name)
) STRICT;

CREATE TABLE traces (
  trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (trial, position)
) STRICT;

CREATE TABLE log (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  time TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX log_run ON log (run);

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;
`)
}

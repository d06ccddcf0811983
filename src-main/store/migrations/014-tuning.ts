import type { Migration } from './migration.ts'

/**
 * Tuning: what is tried lies beside the grid, never in it, so that nothing that reads results can meet it. A cell whose
 * parameters tuning has set says which of its task's they are.
 */
export const tuning: Migration = {
  version: 14,
  up: (database) =>
    database.exec(`
ALTER TABLE cells ADD COLUMN tuned TEXT;

CREATE TABLE tunings (
  run INTEGER PRIMARY KEY REFERENCES runs (key) ON DELETE CASCADE,
  first INTEGER NOT NULL,
  metric TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('higher', 'lower')),
  seeds TEXT NOT NULL
) STRICT;

CREATE TABLE tuning_cells (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (run, cell)
) STRICT, WITHOUT ROWID;

CREATE TABLE tuning_trials (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  hash TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('done', 'diverged', 'failed')),
  value REAL,
  elapsed_ms REAL NOT NULL,
  backend TEXT NOT NULL,
  PRIMARY KEY (run, cell, seed)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tuning_trial_ends_training AFTER INSERT ON tuning_trials BEGIN
  DELETE FROM checkpoints WHERE run = NEW.run AND cell = NEW.cell AND seed = NEW.seed;
END;
`)
}

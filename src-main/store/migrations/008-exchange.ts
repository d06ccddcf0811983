import type { Migration } from './migration.ts'

/**
 * Where a run was taken in from, trials found by what they compute, checks of runs against a second computation, and
 * reports, each kept as one document.
 */
export const exchange: Migration = {
  version: 8,
  up: (database) =>
    database.exec(`
ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT '';
CREATE INDEX trials_hash ON trials (hash);

CREATE TABLE rerun_checks (
  id TEXT PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX rerun_checks_run ON rerun_checks (run);

CREATE TABLE reports (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  created TEXT NOT NULL,
  changed TEXT NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0,
  json TEXT NOT NULL
) STRICT;
`)
}

import type { Migration } from './migration.ts'

/**
 * Filters by a parameter, a metric or the best mean read one stretch of an index in the order of its values. The history keeps which
 * runs there are in memory; `roster.revision` says whether that has changed.
 */
export const roster: Migration = {
  version: 10,
  up: (database) =>
    database.exec(`
CREATE TABLE sorted_params (
  name TEXT NOT NULL,
  value ANY NOT NULL,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  PRIMARY KEY (name, value, run)
) STRICT, WITHOUT ROWID;
INSERT INTO sorted_params (name, value, run) SELECT name, value, run FROM run_params ORDER BY name, value, run;
DROP TABLE run_params;
ALTER TABLE sorted_params RENAME TO run_params;
CREATE INDEX run_params_run ON run_params (run);
CREATE INDEX run_metrics_mean ON run_metrics (name, total / n, run);
CREATE INDEX runs_best ON runs (best_mean);

CREATE TABLE roster (revision INTEGER NOT NULL) STRICT;
INSERT INTO roster (revision) VALUES (0);
CREATE TRIGGER roster_run_added AFTER INSERT ON runs BEGIN
  UPDATE roster SET revision = revision + 1;
END;
CREATE TRIGGER roster_run_deleted AFTER DELETE ON runs BEGIN
  UPDATE roster SET revision = revision + 1;
END;
CREATE TRIGGER roster_run_changed AFTER UPDATE OF key, created, seeds, variant, trashed ON runs BEGIN
  UPDATE roster SET revision = revision + 1;
END;
`)
}

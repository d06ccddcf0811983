import type { Migration } from './migration.ts'

/**
 * Filters over 100,000 runs within a blink: the words of a run by their trigrams, and narrow indexes that hold what a
 * filter looks at, so that a scan does not read whole rows.
 */
export const search: Migration = {
  version: 9,
  up: (database) =>
    database.exec(`
CREATE VIRTUAL TABLE run_search USING fts5 (text, content = '', contentless_delete = 1,
  tokenize = 'trigram case_sensitive 1');
UPDATE runs SET search = replace(search, char(0), ' ');
INSERT INTO run_search (rowid, text) SELECT key, search FROM runs;
CREATE TRIGGER runs_searched AFTER UPDATE OF search ON runs BEGIN
  INSERT OR REPLACE INTO run_search (rowid, text) VALUES (new.key, new.search);
END;
CREATE TRIGGER runs_unsearched AFTER DELETE ON runs BEGIN
  DELETE FROM run_search WHERE rowid = old.key;
END;

DROP INDEX runs_variant;
CREATE INDEX runs_variant ON runs (variant, created, seeds) WHERE trashed IS NULL;
CREATE INDEX runs_desk ON runs (created, task, status, backend, trials, done, diverged, failed, seeds, elapsed_ms,
  best_mean, ended, variant) WHERE trashed IS NULL;
`)
}

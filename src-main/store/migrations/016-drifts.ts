import type { Migration } from './migration.ts'

const sum = 'row_sum(NEW.id, NEW.run, NEW.json)'

/** Second answers for trials that are stored, where they do not agree with the first. */
export const drifts: Migration = {
  version: 16,
  up(database) {
    database.exec(`
CREATE TABLE drifts (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  json TEXT NOT NULL,
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX drifts_by_run ON drifts (run);
CREATE TRIGGER drifts_added AFTER INSERT ON drifts BEGIN
  UPDATE drifts SET sum = ${sum} WHERE id IS NEW.id;
END;`)
  }
}

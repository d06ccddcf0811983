import type { Migration } from './migration.ts'

/**
 * What was predicted of a run, registered in the transaction that makes the run. The text and its time can never be
 * changed; a judgement is written once, and stays whatever trials come later.
 */
export const predictions: Migration = {
  version: 7,
  up: (database) =>
    database.exec(`
CREATE TABLE predictions (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  json TEXT NOT NULL,
  hash TEXT NOT NULL,
  registered TEXT NOT NULL,
  judged TEXT,
  judgement TEXT,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER predictions_stand BEFORE UPDATE ON predictions
WHEN OLD.judgement IS NOT NULL OR NEW.json IS NOT OLD.json OR NEW.hash IS NOT OLD.hash
  OR NEW.registered IS NOT OLD.registered OR NEW.run IS NOT OLD.run OR NEW.position IS NOT OLD.position
BEGIN SELECT RAISE(ABORT, 'A registered prediction cannot be changed.'); END;
`)
}

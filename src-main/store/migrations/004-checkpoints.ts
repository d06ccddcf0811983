import type { Migration } from './migration.ts'

/** What a model in training has learned so far; gone as soon as its trial is stored. */
export const checkpoints: Migration = {
  version: 4,
  up: (database) =>
    database.exec(`
CREATE TABLE checkpoints (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (run, cell, seed)
) STRICT;

CREATE TRIGGER trial_ends_training AFTER INSERT ON trials BEGIN
  DELETE FROM checkpoints WHERE run = NEW.run AND cell = NEW.cell AND seed = NEW.seed;
END;
`)
}

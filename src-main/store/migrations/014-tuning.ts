import type { Migration } from './migration.ts'

const cells = ['run', 'cell', 'use', 'label', 'model', 'params', 'task_params', 'point', 'weights']
const tables: Record<string, { key: string[]; columns: string[] }> = {
  tunings: { key: ['run'], columns: ['first', 'metric', 'direction', 'seeds'] },
  tuning_cells: { key: ['run', 'cell'], columns: ['json'] },
  tuning_trials: {
    key: ['run', 'cell', 'seed'],
    columns: ['hash', 'status', 'value', 'elapsed_ms', 'backend']
  }
}
const sum = (columns: readonly string[], row = ''): string =>
  `row_sum(${columns.map((name) => `${row}${name}`).join(', ')})`

/**
 * Tuning: what is tried lies beside the grid, never in it, so that nothing that reads results can meet it. A cell whose
 * parameters tuning has set says which of its task's they are. All of it carries sums, as every table does.
 */
export const tuning: Migration = {
  version: 14,
  up(database) {
    const tuned = [...cells, 'tuned']
    database.exec(`
DROP TRIGGER cells_added;
DROP TRIGGER cells_changed;
ALTER TABLE cells ADD COLUMN tuned TEXT;
UPDATE cells SET sum = ${sum(tuned)} WHERE sum IS ${sum(cells)};
CREATE TRIGGER cells_added AFTER INSERT ON cells BEGIN
  UPDATE cells SET sum = ${sum(tuned, 'NEW.')} WHERE run IS NEW.run AND cell IS NEW.cell;
END;
CREATE TRIGGER cells_changed AFTER UPDATE OF ${tuned.join(', ')} ON cells WHEN OLD.sum IS ${sum(tuned, 'OLD.')} BEGIN
  UPDATE cells SET sum = ${sum(tuned, 'NEW.')} WHERE run IS NEW.run AND cell IS NEW.cell;
END;

CREATE TABLE tunings (
  run INTEGER PRIMARY KEY REFERENCES runs (key) ON DELETE CASCADE,
  first INTEGER NOT NULL,
  metric TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('higher', 'lower')),
  seeds TEXT NOT NULL,
  sum INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE tuning_cells (
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  cell INTEGER NOT NULL,
  json TEXT NOT NULL,
  sum INTEGER NOT NULL DEFAULT 0,
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
  sum INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, cell, seed)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tuning_trial_ends_training AFTER INSERT ON tuning_trials BEGIN
  DELETE FROM checkpoints WHERE run = NEW.run AND cell = NEW.cell AND seed = NEW.seed;
END;
`)
    for (const [table, { key, columns }] of Object.entries(tables)) {
      const all = [...key, ...columns]
      const same = key.map((name) => `${name} IS NEW.${name}`).join(' AND ')
      database.exec(`
CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} BEGIN
  UPDATE ${table} SET sum = ${sum(all, 'NEW.')} WHERE ${same};
END;`)
    }
  }
}

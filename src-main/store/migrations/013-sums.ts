import type { Migration } from './migration.ts'

/**
 * A sum with everything that is stored, written by triggers so that no writer can forget it. A row that is damaged stays
 * so when a part of it changes; one whose content is written anew is sound again. A trial's sum covers its metrics and how
 * many curves and traces it has. `holder` is the process that has the store open; `schema_sum` covers the schema's text.
 */
export const sums: Migration = {
  version: 13,
  up(database) {
    database.exec('DROP TRIGGER predictions_stand')
    for (const [table, { key, columns, anew }] of Object.entries(tables)) {
      const all = [...key, ...columns]
      const sum = (row: string): string => `row_sum(${all.map((name) => `${row}${name}`).join(', ')})`
      const same = key.map((name) => `${name} IS NEW.${name}`).join(' AND ')
      const kept = all.filter((name) => name !== anew)
      database.exec(`ALTER TABLE ${table} ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
UPDATE ${table} SET sum = ${sum('')};`)
      // Many and never changed: whoever writes them writes their sum with them.
      if (table === 'series' || table === 'traces') continue
      database.exec(`CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} BEGIN
  UPDATE ${table} SET sum = ${sum('NEW.')} WHERE ${same};
END;
CREATE TRIGGER ${table}_changed AFTER UPDATE OF ${kept.join(', ')} ON ${table} WHEN OLD.sum IS ${sum('OLD.')} BEGIN
  UPDATE ${table} SET sum = ${sum('NEW.')} WHERE ${same};
END;`)
      if (anew)
        database.exec(`CREATE TRIGGER ${table}_anew AFTER UPDATE OF ${anew} ON ${table} BEGIN
  UPDATE ${table} SET sum = ${sum('NEW.')} WHERE ${same};
END;`)
    }
    database.exec(`
CREATE TRIGGER predictions_stand BEFORE UPDATE OF run, position, json, hash, registered, judged, judgement ON predictions
WHEN OLD.judgement IS NOT NULL OR NEW.json IS NOT OLD.json OR NEW.hash IS NOT OLD.hash
  OR NEW.registered IS NOT OLD.registered OR NEW.run IS NOT OLD.run OR NEW.position IS NOT OLD.position
BEGIN SELECT RAISE(ABORT, 'A registered prediction cannot be changed.'); END;

ALTER TABLE trials ADD COLUMN curves INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trials ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trials ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
UPDATE trials SET curves = (SELECT count(*) FROM series WHERE trial = id),
  pictures = (SELECT count(*) FROM traces WHERE trial = id);
UPDATE trials SET sum = row_sum(run, cell, seed, hash, status, error, elapsed_ms, backend, curves, pictures,
  coalesce((SELECT pair_sum(name, value) FROM metrics WHERE trial = trials.id), 0));

CREATE TABLE holder (host TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL) STRICT;
CREATE TABLE schema_sum (sum INTEGER NOT NULL) STRICT;
INSERT INTO schema_sum (sum) VALUES (0);
`)
  }
}

interface Table {
  key: string[]
  columns: string[]
  /** The column whose writing gives a row new content. */
  anew?: string
}

const tables: Record<string, Table> = {
  experiments: { key: ['hash'], columns: ['json'] },
  runs: {
    key: ['key'],
    columns: [
      ...['id', 'name', 'task', 'labels', 'status', 'created', 'ended', 'trials', 'done', 'diverged', 'failed'],
      ...['seeds', 'elapsed_ms', 'backend', 'notes', 'trashed', 'best_label', 'best_metric', 'best_mean'],
      ...['variant', 'origin']
    ]
  },
  run_details: { key: ['run'], columns: ['experiment', 'provenance', 'error'] },
  run_tags: { key: ['run', 'tag'], columns: [] },
  cells: {
    key: ['run', 'cell'],
    columns: ['use', 'label', 'model', 'params', 'task_params', 'point', 'weights']
  },
  series: { key: ['trial', 'name'], columns: ['x', 'y'] },
  traces: { key: ['trial', 'position'], columns: ['json'] },
  predictions: { key: ['run', 'position'], columns: ['json', 'hash', 'registered', 'judged', 'judgement'] },
  log: { key: ['id'], columns: ['run', 'time', 'text'] },
  settings: { key: ['name'], columns: ['json'], anew: 'json' },
  reports: { key: ['id'], columns: ['title', 'created', 'changed', 'trashed', 'json'], anew: 'json' },
  measurements: { key: ['id'], columns: ['json', 'trashed'], anew: 'json' },
  rerun_checks: { key: ['id'], columns: ['run', 'json'] },
  recall_datasets: {
    key: ['id'],
    columns: ['name', 'file', 'imported', 'subjects', 'lists', 'lengths', 'trashed']
  },
  recall_lists: { key: ['dataset'], columns: ['json'] },
  recall_similarities: { key: ['dataset'], columns: ['file', 'text', 'trashed'], anew: 'text' },
  recall_fits: { key: ['id'], columns: ['dataset', 'json', 'trashed'], anew: 'json' },
  checkpoints: { key: ['run', 'cell', 'seed'], columns: ['state'], anew: 'state' }
}

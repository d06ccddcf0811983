import Sqlite from 'better-sqlite3'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The tables as MLflow's own migrations make them (only what matters here of their other columns). */
export function mlflowFile(change: (database: Sqlite.Database) => void = () => {}, wal = false): Buffer {
  // Browser tests make one, too, and know nothing of the unit tests' folders.
  const folder = mkdtempSync(join(tmpdir(), 'engram-mlflow-'))
  const path = join(folder, 'mlflow.db')
  const database = new Sqlite(path)
  if (wal) database.pragma('journal_mode = WAL')
  database.exec(`
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256), artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32));
CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20), user_id VARCHAR(256),
  status VARCHAR(9), start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER);
CREATE TABLE metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32), step BIGINT DEFAULT 0, is_nan BOOLEAN DEFAULT 0);
CREATE TABLE latest_metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, step BIGINT, is_nan BOOLEAN, run_uuid VARCHAR(32));
CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
CREATE TABLE tags (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
INSERT INTO experiments VALUES (1, 'Recall', '', 'active');
INSERT INTO runs VALUES ('aa11', 'swift-owl', '', '', 'FINISHED', 1700000000000, 1700000060000, 'active', '', 1);
INSERT INTO runs VALUES ('bb22', NULL, '', '', 'RUNNING', NULL, NULL, 'active', '', 1);
INSERT INTO runs VALUES ('cc33', 'gone', '', '', 'FINISHED', 1, 2, 'deleted', '', 1);
INSERT INTO metrics VALUES ('loss', 2.5, 1, 'aa11', 0, 0), ('loss', 0.0, 3, 'aa11', 2, 1), ('loss', 1.5, 2, 'aa11', 1, 0),
  ('acc', 0.75, 1, 'aa11', 0, 0), ('acc', 0.8, 2, 'aa11', 0, 0);
INSERT INTO params VALUES ('lr', '0.001', 'aa11'), ('seed', '7', 'aa11'), ('optimizer', '=adam', 'aa11');
INSERT INTO tags VALUES ('team', '<b>', 'aa11'), ('mlflow.note.content', 'Note', 'aa11'), ('mlflow.runName', 'second', 'bb22');
`)
  change(database)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  const bytes = readFileSync(path)
  rmSync(folder, { recursive: true, force: true })
  return bytes
}

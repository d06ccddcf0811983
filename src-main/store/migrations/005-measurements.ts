import type { Migration } from './migration.ts'

/**
 * Measurements of the cost model. They have no task, cells or seeds, so they are no runs; each is read and drawn as a
 * whole, so it is kept as one document.
 */
export const measurements: Migration = {
  version: 5,
  up: (database) =>
    database.exec(`
CREATE TABLE measurements (
  id TEXT PRIMARY KEY,
  json TEXT NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0
) STRICT;
`)
}

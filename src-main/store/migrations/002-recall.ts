import type { Migration } from './migration.ts'

/**
 * Free recall of people: a data set keeps its lists as one document, since they are always read as a whole; what the
 * list of data sets shows stands in columns beside it. A fit is a document too, and goes with its data set.
 */
export const recall: Migration = {
  version: 2,
  up: (database) =>
    database.exec(`
CREATE TABLE recall_datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  file TEXT NOT NULL,
  imported TEXT NOT NULL,
  subjects INTEGER NOT NULL,
  lists INTEGER NOT NULL,
  lengths TEXT NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE recall_lists (
  dataset TEXT PRIMARY KEY REFERENCES recall_datasets (id) ON DELETE CASCADE,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE recall_fits (
  id TEXT PRIMARY KEY,
  dataset TEXT NOT NULL REFERENCES recall_datasets (id) ON DELETE CASCADE,
  json TEXT NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX recall_fits_dataset ON recall_fits (dataset);
`)
}

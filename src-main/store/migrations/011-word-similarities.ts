import type { Migration } from './migration.ts'

/** How alike the words of a data set are: the table as it was imported, since it is always read as a whole. */
export const wordSimilarities: Migration = {
  version: 11,
  up: (database) =>
    database.exec(`
CREATE TABLE recall_similarities (
  dataset TEXT PRIMARY KEY REFERENCES recall_datasets (id) ON DELETE CASCADE,
  file TEXT NOT NULL,
  text TEXT NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0
) STRICT;
`)
}

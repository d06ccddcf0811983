import type { Migration } from './migration.ts'

const before = ['id', 'name', 'file', 'imported', 'subjects', 'lists', 'lengths', 'trashed']
const now = [...before, 'reading']
const sum = (columns: readonly string[], row = ''): string =>
  `row_sum(${columns.map((name) => `${row}${name}`).join(', ')})`

/** How a data set of free recall was read: which column was which, or the file of the presented items. */
export const recallReading: Migration = {
  version: 15,
  up: (database) =>
    database.exec(`
DROP TRIGGER recall_datasets_added;
DROP TRIGGER recall_datasets_changed;
ALTER TABLE recall_datasets ADD COLUMN reading TEXT NOT NULL DEFAULT '{}';
UPDATE recall_datasets SET sum = ${sum(now)} WHERE sum IS ${sum(before)};
CREATE TRIGGER recall_datasets_added AFTER INSERT ON recall_datasets BEGIN
  UPDATE recall_datasets SET sum = ${sum(now, 'NEW.')} WHERE id IS NEW.id;
END;
CREATE TRIGGER recall_datasets_changed AFTER UPDATE OF ${now.join(', ')} ON recall_datasets
WHEN OLD.sum IS ${sum(now, 'OLD.')} BEGIN
  UPDATE recall_datasets SET sum = ${sum(now, 'NEW.')} WHERE id IS NEW.id;
END;
`)
}

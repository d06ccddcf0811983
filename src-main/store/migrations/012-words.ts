import type { Migration } from './migration.ts'

/**
 * Each word means one thing: a model is its id in the catalog, a label its name in a run, and `use` the place of a
 * model in the list of the experiment's models.
 */
export const words: Migration = {
  version: 12,
  up: (database) =>
    database.exec(`
ALTER TABLE cells RENAME COLUMN model TO use;
ALTER TABLE cells RENAME COLUMN kind TO model;
ALTER TABLE run_models RENAME COLUMN kind TO model;
DROP INDEX run_models_kind;
CREATE INDEX run_models_model ON run_models (model);
ALTER TABLE run_metrics RENAME COLUMN model TO use;
ALTER TABLE runs RENAME COLUMN models TO labels;
ALTER TABLE runs RENAME COLUMN best_model TO best_label;
`)
}

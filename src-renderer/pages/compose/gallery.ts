/** Ready experiments as a gallery: in families, found by words. */
import { taskIn, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import { modelLabels, type Experiment } from '../../../src-shared/shapes/experiment.ts'

export interface Example {
  file: string
  experiment: Experiment
}

/** What a card says of an experiment: its first sentence. */
export const firstSentence = (text: string): string => text.split(/(?<=[.?!])\s/, 1)[0]

/** The families of the tasks in the catalog's order, each with its examples that have every word that is sought. */
export function families(
  examples: readonly Example[],
  catalog: Catalog,
  sought: string
): { family: string; examples: Example[] }[] {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean)
  const found = examples.filter(({ experiment }) => {
    const task = taskIn(catalog, experiment.task.kind)
    const text = [
      experiment.name,
      experiment.description,
      task?.title ?? '',
      task?.family ?? '',
      ...modelLabels(experiment.models),
      ...experiment.models.map(({ kind }) => catalog.models.find(({ id }) => id === kind)?.title ?? '')
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const others = 'Others'
  const known = [...new Set(catalog.tasks.map(({ family }) => family)), others]
  const groups = Map.groupBy(found, ({ experiment }) => taskIn(catalog, experiment.task.kind)?.family ?? others)
  return [...groups]
    .map(([family, list]) => ({ family, examples: list }))
    .sort((a, b) => known.indexOf(a.family) - known.indexOf(b.family))
}

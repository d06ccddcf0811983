import type { Catalog } from '../../../src-shared/catalog.ts'
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/errors.ts'
import {
  checkExperiment,
  expandGrid,
  experimentSchema,
  type Experiment,
  type Grid
} from '../../../src-shared/experiment.ts'

export interface Checked {
  /** Present when there is no error. */
  experiment?: Experiment
  grid?: Grid
  errors: ErrorData[]
}

const bad = (field: string, message: string): ErrorData => ({ code: 'bad-input', message, field })

/** Schema messages speak of types; these say what to do. */
const sentences: readonly [RegExp, string][] = [
  [/^name$/, 'Give the experiment a name of at most 200 characters.'],
  [/^models\.\d+\.label$/, 'Give a label of at most 200 characters, or none.'],
  [/^seeds/, 'Give a first seed from 0 and a count from 1 to 10,000, or a list of whole numbers.'],
  [/^sweep\.\d+/, 'Give a list of at most 1000 values, or a range with two ends and 2 to 1000 steps.']
]

/** Every error of an experiment that is being written: by the schema, then by the grid, with the code that runs it. */
export function validate(draft: Experiment, catalog: Catalog): Checked {
  const missing: ErrorData[] = []
  if (!draft.task.kind) missing.push(bad('task.kind', 'Choose a task.'))
  if (draft.models.length === 0) missing.push(bad('models', 'Add at least one model.'))
  const parsed = experimentSchema.safeParse(draft)
  if (!parsed.success)
    for (const issue of parsed.error.issues) {
      const field = issue.path.join('.')
      if (missing.some((error) => field === error.field)) continue
      const sentence = sentences.find(([pattern]) => pattern.test(field))?.[1]
      missing.push(bad(field, sentence ?? `${issue.message}.`.replace('..', '.')))
    }
  if (missing.length || !parsed.success) return { errors: missing }
  try {
    checkExperiment(draft)
  } catch (error) {
    if (error instanceof StudioError) return { errors: [toErrorData(error)] }
    throw error
  }
  const { grid, errors } = expandGrid(parsed.data, catalog)
  return errors.length || !grid ? { errors } : { experiment: parsed.data, grid, errors }
}

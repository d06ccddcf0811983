import { issueText } from '../../../src-shared/shapes/issues.ts'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { checkExperiment, experimentSchema, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import type { Grid } from '../../../src-shared/grid/cell.ts'
import { blank } from './edit.ts'

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
  [/^sweep\.\d+\.when/, 'Choose at least one value for which it is swept.'],
  [/^sweep\.\d+\.probabilities/, 'After @, give a number above zero for each value: 5, 10 @ 0.9, 0.1.'],
  [/^sweep\.\d+/, 'Give a list of at most 1000 values, or a range with two ends and 2 to 1000 steps.']
]

/** What a form lacks before it has begun. */
const missing = [bad('task.kind', 'Choose a task.'), bad('models', 'Add at least one model.')]
export const isMissing = ({ field, message }: ErrorData): boolean =>
  missing.some((known) => known.field === field && known.message === message)

/** Every error of an experiment that is being written: by the schema, and by the grid, with the code that runs it. */
export function validate(draft: Experiment, catalog: Catalog): Checked {
  const errors: ErrorData[] = []
  if (!draft.task.kind) errors.push(missing[0])
  if (draft.models.length === 0) errors.push(missing[1])
  try {
    checkExperiment(draft)
  } catch (error) {
    if (!(error instanceof StudioError)) throw error
    const parsed = experimentSchema.safeParse(draft)
    // What the schema does not see: a key that is not allowed.
    if (parsed.success) return { errors: [toErrorData(error)] }
    for (const issue of parsed.error.issues) {
      const field = issue.path.join('.')
      if (errors.some((known) => known.field === field)) continue
      const sentence = sentences.find(([pattern]) => pattern.test(field))?.[1]
      errors.push(bad(field, sentence ?? `${issueText(issue, draft)}.`))
    }
    return { errors: [...errors, ...parameterErrors(draft, errors, catalog)] }
  }
  const experiment = experimentSchema.parse(draft)
  const expanded = expandGrid(experiment, catalog)
  return expanded.grid ? { experiment, grid: expanded.grid, errors: [] } : { errors: expanded.errors }
}

/** What is wrong with parameters, told even while something around them breaks the schema. */
function parameterErrors(draft: Experiment, known: readonly ErrorData[], catalog: Catalog): ErrorData[] {
  const wrong = (field: string): boolean =>
    known.some((error) => error.field === field || error.field?.startsWith(`${field}.`))
  const rest = experimentSchema.safeParse({
    ...draft,
    name: blank.name,
    description: '',
    seeds: blank.seeds,
    models: draft.models.map(({ label, ...use }, i) => (wrong(`models.${i}.label`) ? use : { label, ...use })),
    sweep: draft.sweep.filter((_, i) => !wrong(`sweep.${i}`))
  })
  if (!rest.success || !draft.task.kind) return []
  return expandGrid(rest.data, catalog).errors.filter(({ field }) => field?.includes('.params.'))
}

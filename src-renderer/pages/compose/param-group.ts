import type { Params } from '../../../src-shared/shapes/params.ts'
import type { Path } from './edit.ts'

/** Parameters that are set together: of the task, of a model, of a model inside one. */
export interface ParamGroup {
  params: Params
  values: Readonly<Record<string, unknown>>
  /** Where the values are in the experiment: errors are told by it. */
  path: Path
  /** `task` or the model's label: whose parameter a sweep names. Nested models cannot be swept. */
  owner?: string | undefined
  /** A value was given, or (undefined) taken back. */
  onset: (name: string, value: unknown) => void
}

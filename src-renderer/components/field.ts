/** What a control takes from the field around it. */
import { getContext, setContext } from 'svelte'

export interface FieldIds {
  readonly id: string
  readonly labelId: string
  /** Of the error or hint below the control. */
  readonly describedby: string | undefined
  readonly invalid: boolean
}

const key = Symbol('field')

export const provideField = (ids: FieldIds): FieldIds => setContext(key, ids)

/** Of no field: a control that stands alone has a name of its own. */
export const fieldAround = (): FieldIds | undefined => getContext(key)

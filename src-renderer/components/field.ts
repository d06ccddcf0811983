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

/** For all controls below this component. @param said the error or the hint as they are now */
export const provideField = (
  id: string,
  said: () => { error?: string | undefined; hint?: string | undefined }
): FieldIds =>
  setContext(key, {
    id,
    labelId: `${id}-label`,
    get describedby() {
      const { error, hint } = said()
      return (error ?? hint) ? `${id}-note` : undefined
    },
    get invalid() {
      return said().error !== undefined
    }
  })

/** Of no field: a control that stands alone has a name of its own. */
export const fieldAround = (): FieldIds | undefined => getContext(key)

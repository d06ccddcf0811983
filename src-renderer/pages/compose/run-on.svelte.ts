import { placeSchema, type PlaceChoice } from '../../../src-shared/shapes/place.ts'
import { settings } from '../../state/settings.svelte.ts'

const remembered = 'run-on'

/** Where the next run is computed, as it was chosen last. */
export const runOn = {
  get choice(): PlaceChoice {
    const read = placeSchema.safeParse(settings.layout(remembered))
    return read.success ? read.data : { kind: 'here' }
  },
  set(choice: PlaceChoice): void {
    settings.remember(remembered, { ...choice })
  }
}

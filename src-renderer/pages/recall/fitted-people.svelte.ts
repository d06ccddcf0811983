/** The people to whom a model was fitted: the lists that the fit saw, whatever the page shows of them. */
import type { Fit } from '../../../src-shared/recall/fit-request.ts'
import { peopleGroup, type Group } from '../../../src-shared/figures/recall.ts'
import { ask } from '../../state/ask.ts'
import { query } from '../../state/query.svelte.ts'
import { peopleStyle } from './desk.svelte.ts'

/** @param condition of the lists; undefined: all of them. Made while a component is. */
export function fittedPeople(
  fit: () => Fit,
  name: () => string,
  condition: () => string | undefined = () => undefined
): { readonly group: Group | undefined } {
  const statistics = query(() => {
    const { dataset, request } = fit()
    const chosen = condition()
    return ask('recall.statistics', {
      id: dataset,
      ...('length' in request && request.length !== undefined && { length: request.length }),
      ...(chosen !== undefined && { condition: chosen })
    })
  })
  return {
    get group() {
      const found = statistics.value
      const label = condition() === undefined ? name() : `${name()}: ${condition()}`
      return found && peopleGroup({ id: fit().dataset, label, style: peopleStyle(0) }, found)
    }
  }
}

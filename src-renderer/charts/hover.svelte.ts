/** Linked hover: the model under the pointer in one figure or table is lit in all that share this. */
import { getContext, setContext } from 'svelte'

const key = Symbol('hover')

export class Hover {
  /** The label that is lit. */
  label = $state<string>()
}

/** For all that is below this component. */
export const setHover = (hover: Hover): Hover => setContext(key, hover)

/** The hover that is shared here; by itself a figure has one of its own. */
export const useHover = (): Hover => getContext<Hover | undefined>(key) ?? new Hover()

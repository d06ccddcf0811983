/** How figures and tables of a page come into a report: the page says how, and each of them has a button for it. */
import { getContext, setContext } from 'svelte'

const key = Symbol('reporting')

/** For all that is below this component. */
export const setReporting = (add: () => void): (() => void) => setContext(key, add)

/** Undefined where nothing can be put into a report. */
export const useReporting = (): (() => void) | undefined => getContext(key)

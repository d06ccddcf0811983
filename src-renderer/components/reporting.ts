/** How figures and tables of a page come into a report: each has a button for it, and the page takes what it offers. */
import { getContext, setContext } from 'svelte'
import type { Kept } from '../../src-shared/shapes/kept.ts'
import type { Point } from '../../src-shared/shapes/point.ts'
import type { RunsKind } from '../../src-shared/shapes/report.ts'

/** What may be put into a report. */
export interface Offer {
  title: string
  /** A block that follows its runs, with the place of a small multiple; else it goes in as it stands. */
  live?: RunsKind
  at?: Point
  kept?: () => Kept[]
}

const key = Symbol('reporting')

/** For all that is below this component. */
export const setReporting = (add: (offer: Offer) => void): ((offer: Offer) => void) => setContext(key, add)

/** Undefined where nothing can be put into a report. */
export const useReporting = (): ((offer: Offer) => void) | undefined => getContext(key)

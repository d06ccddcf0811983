import type { MetricInfo } from '../../src-shared/shapes/catalog.ts'

export interface TextColumn {
  head: string
  number?: boolean
  /** Its definition, formula and source. */
  about?: MetricInfo
}

/** A column whose cells are numbers. */
export const numeric = (head: string): TextColumn => ({ head, number: true })

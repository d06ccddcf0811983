import type { SeriesInfo } from '../shapes/catalog.ts'

/** A series by its name and what it lies over: `Accuracy by position`, `Loss by steps`. */
export function seriesTitle({ label, x }: Pick<SeriesInfo, 'label' | 'x'>): string {
  const over = ` by ${x.label.toLowerCase()}`
  return label.toLowerCase().endsWith(over) || / by [\w ]+$/i.test(label) ? label : label + over
}

/** Numbers that a serial position curve and a lag-CRP are summed up by. null where a subject gives no value. */
import { mean } from '../statistics/numbers.ts'
import type { SubjectValue } from './statistics.ts'

const minus = (a: SubjectValue | undefined, b: SubjectValue | undefined): SubjectValue =>
  typeof a === 'number' && typeof b === 'number' ? a - b : null

/** Recall of the middle third of the list. */
function middle(spc: readonly SubjectValue[]): SubjectValue {
  const third = Math.floor(spc.length / 3)
  const values = spc.slice(third, spc.length - third).filter((v) => v !== null)
  return values.length ? mean(values) : null
}

/** Recall of the first item minus that of the middle third. */
export const primacyOf = (spc: readonly SubjectValue[]): SubjectValue => minus(spc[0], middle(spc))
/** Recall of the last item minus that of the middle third. */
export const recencyOf = (spc: readonly SubjectValue[]): SubjectValue => minus(spc.at(-1), middle(spc))
/** CRP at lag +1. @param lagCrp by lag -(L-1)..L-1 */
export const contiguityOf = (lagCrp: readonly SubjectValue[]): SubjectValue => lagCrp[(lagCrp.length + 1) / 2] ?? null
/** CRP at lag +1 minus that at -1. */
export const asymmetryOf = (lagCrp: readonly SubjectValue[]): SubjectValue =>
  minus(lagCrp[(lagCrp.length + 1) / 2], lagCrp[(lagCrp.length - 3) / 2])

/** Lists by serial positions, and one statistic of them. */
import type { RecallList } from '../../../../src-shared/recall/data.ts'
import { measureRecall, type MeasuringOptions } from '../../../../src-shared/recall/measured.ts'
import type { SubjectValue } from '../../../../src-shared/recall/statistics.ts'

/** Words w1, w2, ... of a list; 0 is an intrusion. */
export const list = (length: number, recalls: readonly number[], extra: Partial<RecallList> = {}): RecallList => ({
  subject: 's',
  list: '1',
  items: Array.from({ length }, (_, i) => `w${i + 1}`),
  recalls: recalls.map((p) => (p ? `w${p}` : 'intrusion')),
  ...extra
})

/** The values of a statistic of the first subject by row and x: `{ '-1': .5 }`, or rows of them. */
export function measure(name: string, lists: readonly RecallList[], options: MeasuringOptions = {}) {
  const { statistics } = measureRecall(lists, options)
  const found = [
    ...statistics,
    ...(statistics.some((own) => own.name === name)
      ? []
      : measureRecall(lists, { ...options, permuted: true }).statistics)
  ].find((own) => own.name === name)!
  const values: readonly SubjectValue[] = found.members[0] ?? found.means.map((value) => value?.mean ?? null)
  const at = (row: string | number, x: string | number): SubjectValue => {
    const [r, c] = [found.rows.indexOf(row), found.x.indexOf(x)]
    if (c < 0 || (found.rows.length > 0 && r < 0)) throw new Error(`${name} has no ${row}, ${x}`)
    return values[Math.max(0, r) * found.x.length + c]
  }
  return { ...found, values, at }
}

/** Subjects with too little data: who they are, and the rule that leaves them out. */
import { quantile } from '../statistics/quantile.ts'
import { plural } from '../text/numbers.ts'
import { correctPositions, type RecallList } from './data.ts'
import type { LeftOut } from './statistics-schema.ts'

/** Shares of what the median subject has. */
const leastShare = { lists: 0.25, recalls: 0.1 }

export interface Least {
  lists?: number | undefined
  recalls?: number | undefined
}

/**
 * Subjects with fewer lists, or fewer correct recalls in all of them, than told; if that is left out, than a quarter of the
 * lists or a tenth of the correct recalls of the median subject.
 * @param lists of one length and one condition: what is analysed
 */
export function leaveOut(
  lists: readonly RecallList[],
  { lists: leastLists, recalls: leastRecalls }: Least = {}
): { kept: RecallList[]; leftOut: LeftOut } {
  const own = [...Map.groupBy(lists, ({ subject }) => subject)].map(([subject, mine]) => ({
    subject,
    lists: mine.length,
    recalls: mine.reduce((sum, list) => sum + correctPositions(list).length, 0)
  }))
  const share = (of: 'lists' | 'recalls'): number => {
    const sorted = own.map((one) => one[of]).sort((a, b) => a - b)
    return sorted.length ? Math.ceil(leastShare[of] * quantile(sorted, 0.5)) : 0
  }
  const least = { lists: leastLists ?? share('lists'), recalls: leastRecalls ?? share('recalls') }
  const subjects = own.flatMap(({ subject, lists: n, recalls }) => {
    if (n < least.lists) return [{ subject, why: plural(n, 'list') }]
    return recalls < least.recalls ? [{ subject, why: plural(recalls, 'correct recall') }] : []
  })
  const out = new Set(subjects.map(({ subject }) => subject))
  const told = (given: number | undefined, share: string): string =>
    given === undefined ? ` (${share} of the median)` : ''
  const rule = `fewer than ${plural(least.lists, 'list')}${told(leastLists, 'a quarter')} or ${plural(least.recalls, 'correct recall')}${told(leastRecalls, 'a tenth')}`
  return { kept: lists.filter(({ subject }) => !out.has(subject)), leftOut: { rule, subjects } }
}

/** Lists of free recall as the statistics see them: positions in place of words, transitions, and what came before. */
import { StudioError } from '../shapes/errors.ts'
import { correctOf, serialPositions, type RecallList } from './data.ts'
import { transitions, type Transition } from './transitions.ts'

export interface ListView {
  list: RecallList
  /** Serial positions (1-based) in the order of recall, 0 for an intrusion. */
  recalled: readonly number[]
  /** The same without intrusions and repeats. */
  correct: readonly number[]
  moves: readonly Transition[]
  /** Place of the list in its session, from 1, among all lists of any length. */
  place: number
  /** For each intrusion, how many lists ago it was studied; undefined where it was on none. */
  intrusions: readonly (number | undefined)[]
}

export interface SubjectView {
  subject: string
  lists: readonly ListView[]
}

/**
 * @param among every list of the sessions, those of other lengths too: what was studied earlier is told by them
 * @throws StudioError bad-input when lists of one analysis differ in length, since positions would not compare
 */
export function viewSubjects(lists: readonly RecallList[], among: readonly RecallList[] = lists): SubjectView[] {
  const length = lists[0]?.items.length ?? 0
  const other = lists.find((l) => l.items.length !== length)
  if (other)
    throw new StudioError(
      'bad-input',
      `List ${other.list} of subject ${other.subject} has ${other.items.length} items, others have ${length}: choose lists of one length.`,
      { field: 'list' }
    )
  const all = Map.groupBy(among, (l) => l.subject)
  return [...Map.groupBy(lists, (l) => l.subject)].map(([subject, own]) => {
    const earlier = earlierLists(own, all.get(subject) ?? own)
    return {
      subject,
      lists: own.map((list) => {
        const recalled = serialPositions(list)
        const { place = 1, intrusions = [] } = earlier.get(list) ?? {}
        return {
          list,
          recalled,
          correct: correctOf(recalled),
          moves: transitions(recalled, length),
          place,
          intrusions
        }
      })
    }
  })
}

type Earlier = Pick<ListView, 'place' | 'intrusions'>

/** Where each of the lists that are asked about stands in its session, and from which list its intrusions come: the latest that had them. */
function earlierLists(lists: readonly RecallList[], all: readonly RecallList[]): Map<RecallList, Earlier> {
  const asked = new Set(lists)
  const found = new Map<RecallList, Earlier>()
  for (const session of Map.groupBy(all, (l) => l.session ?? '').values()) {
    const studiedIn = new Map<string, number>()
    for (const [i, list] of inListOrder(session).entries()) {
      const place = i + 1
      if (asked.has(list)) {
        const studied = new Set(list.items)
        const intrusions: (number | undefined)[] = []
        for (const item of list.recalls)
          if (!studied.has(item)) {
            const before = studiedIn.get(item)
            intrusions.push(before === undefined ? undefined : place - before)
          }
        found.set(list, { place, intrusions })
      }
      for (const item of list.items) studiedIn.set(item, place)
    }
  }
  return found
}

/** By their numbers, whatever the order of the rows; lists that are named otherwise keep that order. */
export function inListOrder(lists: readonly RecallList[]): readonly RecallList[] {
  const numbered = lists.every(({ list }) => list.trim() !== '' && Number.isFinite(Number(list)))
  return numbered ? [...lists].sort((a, b) => Number(a.list) - Number(b.list)) : lists
}

/**
 * Recalls that are spelt otherwise than the word that was studied: found by edit distance, and put right as a step that
 * can be looked at and taken back. The lists themselves are never changed.
 */
import { z } from 'zod'
import { distance } from '../text/nearest.ts'
import type { RecallList } from './data.ts'
import { inListOrder } from './view.ts'

/** A recall, and the word it is taken for. */
export const spellingVariantSchema = z.object({
  recalled: z.string(),
  studied: z.string(),
  /** Letters to add, drop, exchange or swap with the next; 0 where only case or spaces differ. */
  edits: z.int(),
  /** Recalls that it changes. */
  count: z.int()
})
export type SpellingVariant = z.infer<typeof spellingVariantSchema>

/** How spelling is put right: up to so many edits, but for what was undone one by one. */
export const spellingSchema = z.object({
  edits: z.int().min(0).max(3),
  undone: z.array(z.object({ recalled: z.string().max(500), studied: z.string().max(500) })).max(10_000)
})
export type Spelling = z.infer<typeof spellingSchema>

/** Up to so many edits, and never more than a third of the letters: of short words each edit makes another word. */
const mostEdits = (word: string, edits: number): number => Math.min(edits, Math.floor(word.length / 3))

const plain = (word: string): string => word.trim().toLowerCase().replace(/\s+/g, ' ')

/**
 * A recall that is no word of the list, nor one of any other list, is taken for the nearest word of its own list, else
 * for the nearest of the earlier lists of its session; where two are equally near, for none.
 */
export function matchSpelling(
  lists: readonly RecallList[],
  { edits, undone }: Spelling
): { lists: RecallList[]; variants: SpellingVariant[] } {
  const pool = new Set(lists.flatMap(({ items }) => items))
  const left = new Set(undone.map(({ recalled, studied }) => JSON.stringify([recalled, studied])))
  const found = new Map<string, SpellingVariant>()
  const put = new Map<RecallList, RecallList>()
  for (const session of Map.groupBy(lists, ({ subject, session = '' }) =>
    JSON.stringify([subject, session])
  ).values()) {
    const before = new Set<string>()
    for (const list of inListOrder(session)) {
      const recalls = list.recalls.map((recalled) => {
        if (pool.has(recalled)) return recalled
        const match = nearest(recalled, list.items, edits) ?? nearest(recalled, [...before], edits)
        if (!match) return recalled
        const { studied } = match
        const key = JSON.stringify([recalled, studied])
        const variant = found.get(key) ?? { recalled, studied, edits: match.edits, count: 0 }
        found.set(key, { ...variant, count: variant.count + 1 })
        return left.has(key) ? recalled : studied
      })
      put.set(list, recalls.some((item, k) => item !== list.recalls[k]) ? { ...list, recalls } : list)
      for (const item of list.items) before.add(item)
    }
  }
  return {
    lists: lists.map((list) => put.get(list) ?? list),
    variants: [...found.values()].sort(
      (a, b) => a.edits - b.edits || b.count - a.count || a.recalled.localeCompare(b.recalled, 'en')
    )
  }
}

function nearest(
  recalled: string,
  words: readonly string[],
  edits: number
): { studied: string; edits: number } | undefined {
  const wanted = plain(recalled)
  let best: { studied: string; edits: number } | undefined
  let tied = false
  for (const studied of words) {
    const word = plain(studied)
    const most = mostEdits(word, edits)
    if (Math.abs(word.length - wanted.length) > most) continue
    const off = distance(wanted, word)
    if (off > most) continue
    if (best && off === best.edits) tied = true
    if (!best || off < best.edits) [best, tied] = [{ studied, edits: off }, false]
  }
  return tied ? undefined : best
}

/** Lists that a simulated subject recalled, as a trial keeps them: so that every statistic can be taken of them later. */
import type { RecallList } from './data.ts'

/** Rows are lists. */
interface Matrix {
  shape: readonly number[]
  data: readonly number[]
}

/** What of a trial holds its lists, by the names of its traces. */
export interface SimulatedLists {
  /** [lists, outputs]: the number of the word, counted from 1 over all lists of the subject; 0 after the last recall. */
  recalls: Matrix
  /** [lists, outputs]: onsets in seconds, where recall takes time. */
  times?: Matrix | undefined
  /** [lists, items]: the number of the source of each word, where there are several. */
  sources?: Matrix | undefined
}

/** A word of a simulated list by its number over all lists, from 1. */
const wordOf = (number: number): string => `w${number}`

/**
 * @param items words of each list
 * @param recalled words of each list in the order of recall, by their number over all lists
 */
export function simulatedMatrices(
  lists: readonly Pick<RecallList, 'times' | 'sources'>[],
  recalled: readonly (readonly number[])[],
  items: number
): SimulatedLists {
  const outputs = Math.max(1, ...recalled.map((own) => own.length))
  const padded = (rows: readonly (readonly number[])[], width: number): Matrix => ({
    shape: [rows.length, width],
    data: rows.flatMap((row) => Array.from({ length: width }, (_, k) => row[k] ?? 0))
  })
  return {
    recalls: padded(recalled, outputs),
    ...(lists.some(({ times }) => times) && {
      times: padded(
        lists.map(({ times }) => times ?? []),
        outputs
      )
    }),
    ...(lists.some(({ sources }) => sources) && {
      sources: padded(
        lists.map(({ sources }) => (sources ?? []).map(Number)),
        items
      )
    })
  }
}

/** The lists of one trial again. @param subject what it is called: its seed */
export function listsOf({ recalls, times, sources }: SimulatedLists, items: number, subject: string): RecallList[] {
  const [count, outputs] = recalls.shape
  const row = ({ data }: Matrix, l: number, width: number): readonly number[] => data.slice(l * width, (l + 1) * width)
  return Array.from({ length: count }, (_, l) => {
    const own = row(recalls, l, outputs)
    const end = own.indexOf(0) < 0 ? outputs : own.indexOf(0)
    return {
      subject,
      list: String(l + 1),
      items: Array.from({ length: items }, (_, i) => wordOf(l * items + i + 1)),
      recalls: own.slice(0, end).map(wordOf),
      ...(times && end > 0 && { times: row(times, l, outputs).slice(0, end) }),
      ...(sources && { sources: row(sources, l, items).map(String) })
    }
  })
}

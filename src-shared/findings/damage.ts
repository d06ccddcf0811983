/** What is damaged in the data file, in words: it is in no mean and no curve, and that is said where it is missing. */
import type { CellResult, SeriesResult } from '../shapes/run.ts'
import { plural } from '../text/numbers.ts'

/** Models that are named, and seeds of each. */
const most = 8

/** `2 damaged trials are left out (alpha: seeds 3, 7)`; undefined where nothing is damaged. */
export function damagedTrials(cells: readonly CellResult[], labelOf: (cell: CellResult) => string): string | undefined {
  return leftOut(
    'trial',
    cells.map((cell) => ({
      label: labelOf(cell),
      seeds: cell.seeds.filter((_, i) => cell.statuses[i] === 'damaged')
    }))
  )
}

/** The same of curves. */
export function damagedCurves<R extends Pick<SeriesResult, 'damaged'>>(
  results: readonly R[],
  labelOf: (result: R) => string
): string | undefined {
  return leftOut(
    'curve',
    results.map((result) => ({ label: labelOf(result), seeds: result.damaged ?? [] }))
  )
}

function leftOut(what: string, lost: readonly { label: string; seeds: readonly number[] }[]): string | undefined {
  const seedsOf = new Map<string, number[]>()
  for (const { label, seeds } of lost) if (seeds.length) seedsOf.set(label, [...(seedsOf.get(label) ?? []), ...seeds])
  const count = [...seedsOf.values()].reduce((sum, seeds) => sum + seeds.length, 0)
  if (!count) return undefined
  const some = <T>(all: readonly T[]): T[] => all.slice(0, most)
  const end = (all: readonly unknown[]): string => (all.length > most ? ', …' : '')
  const named = some([...seedsOf]).map(([label, seeds]) => {
    const own = [...new Set(seeds)].sort((a, b) => a - b)
    return `${label}: ${own.length === 1 ? 'seed' : 'seeds'} ${some(own).join(', ')}${end(own)}`
  })
  return `${plural(count, `damaged ${what}`)} ${count === 1 ? 'is' : 'are'} left out (${named.join('; ')}${end([...seedsOf])})`
}

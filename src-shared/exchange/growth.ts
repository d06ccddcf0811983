/** A reference run that is known already and comes again: what is newer of it, or what speaks against it. */
import { referenceOf, referenceRecord, type ReferenceRun } from './reference.ts'
import type { RunRecord } from './results-file.ts'

export type Growth =
  | { kind: 'same' }
  /** Longer curves, other curves, another status or name. */
  | { kind: 'grown'; record: RunRecord }
  /** A point of a curve has another value there than here. */
  | { kind: 'contradiction'; reason: string }

type Curve = ReferenceRun['series'][number]

/** What was taken in by an older version was kept as 32 bits; what did not fit them came back as null. */
const equal = (mine: number | null, theirs: number | null): boolean =>
  mine === null ? !Number.isFinite(Math.fround(theirs ?? NaN)) : mine === theirs || mine === Math.fround(theirs ?? NaN)

/** What the same run in two states is: curves only get longer, status and name are those of the file that has more. */
export function growth(here: RunRecord, there: RunRecord): Growth {
  const [mine, theirs] = [referenceOf(here), referenceOf(there)]
  const curves = new Map(mine.series.map((curve) => [curve.name, curve]))
  let [longer, shorter] = [false, false]
  for (const curve of theirs.series) {
    const known = curves.get(curve.name)
    const differs = known && differenceOf(known, curve)
    if (differs !== undefined)
      return { kind: 'contradiction', reason: `${curve.name} at step ${differs} has two values` }
    if (!known || known.x.length < curve.x.length) {
      longer = true
      curves.set(curve.name, curve)
    } else if (known.x.length > curve.x.length) shorter = true
  }
  const spoken = new Set([...theirs.series.map(({ name }) => name), ...Object.keys(theirs.metrics)])
  const other = (key: 'status' | 'name' | 'ended' | 'notes'): boolean => mine[key] !== theirs[key]
  const facts =
    other('status') ||
    other('name') ||
    other('ended') ||
    other('notes') ||
    JSON.stringify([mine.params, mine.tags]) !== JSON.stringify([theirs.params, theirs.tags]) ||
    Object.entries(theirs.metrics).some(([name, value]) => mine.metrics[name] !== value)
  // An older state of the run tells nothing new.
  if (!longer && (shorter || !facts)) return { kind: 'same' }
  const kept = Object.entries(mine.metrics).filter(([name]) => !spoken.has(name))
  return {
    kind: 'grown',
    record: referenceRecord({
      ...theirs,
      metrics: { ...Object.fromEntries(kept), ...theirs.metrics },
      params: { ...mine.params, ...theirs.params },
      tags: [...new Set([...mine.tags, ...theirs.tags])],
      series: [...curves.values()]
    })
  }
}

/** The first step at which both have a value and not the same. */
function differenceOf(mine: Curve, theirs: Curve): number | undefined {
  const at = new Map(mine.x.map((x, i) => [x, mine.y[i]]))
  return theirs.x.find((x, i) => at.has(x) && !equal(at.get(x)!, theirs.y[i]))
}

/** Every statistic of free recall: a new one is its own file, and its line here. */
import * as amount from './amount.ts'
import * as category from './category.ts'
import * as errors from './errors.ts'
import * as fingerprint from './fingerprint.ts'
import * as lag from './lag.ts'
import type { Measure } from './measure.ts'
import * as similarity from './similarity.ts'
import * as timing from './timing.ts'

export const recallMeasures: readonly Measure[] = [
  amount.recalled,
  amount.primacy,
  amount.recency,
  amount.spc,
  ...amount.firstRecalls,
  amount.nthRecall,
  amount.spcByStart,
  amount.spcByQuartile,
  amount.delay,
  lag.contiguity,
  lag.asymmetry,
  lag.lagRank,
  lag.lagRankFrom,
  lag.lagCrp,
  lag.lagCrpFrom,
  lag.lagCrpByOutput,
  lag.compoundLagCrp,
  lag.inputCrp,
  fingerprint.fingerprint,
  fingerprint.correctedFingerprint,
  similarity.semantic,
  similarity.distanceCrp,
  similarity.semanticCrp,
  similarity.shiftedRank,
  similarity.windowRank,
  category.category,
  category.arc,
  category.lbc,
  category.sourceClustering,
  category.lagCrpByCategory,
  category.lagCrpBySource,
  errors.intrusions,
  errors.priorList,
  errors.extraList,
  errors.repeats,
  errors.repeated,
  errors.priorListLag,
  errors.priorListLagRate,
  timing.stopping,
  timing.exitLatencies,
  timing.irt,
  timing.latencyByLag
]

const byName = new Map(recallMeasures.map((measure) => [measure.name, measure]))
if (byName.size !== recallMeasures.length) throw new Error('Two statistics of free recall have one name.')

/** @throws Error for a name that no statistic has */
export function recallMeasure(name: string): Measure {
  const found = byName.get(name)
  if (!found) throw new Error(`There is no statistic "${name}".`)
  return found
}

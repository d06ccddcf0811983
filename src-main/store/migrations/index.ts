/** Every migration, strictly rising. To add one: write its file (`002-what.ts`), add its line, test it from the old state. */
import { first } from './001-first.ts'
import { checkpoints } from './004-checkpoints.ts'
import { recall } from './002-recall.ts'
import { measurements } from './005-measurements.ts'
import { desk } from './006-desk.ts'
import { predictions } from './007-predictions.ts'
import { exchange } from './008-exchange.ts'
import { search } from './009-search.ts'
import { roster } from './010-roster.ts'
import { wordSimilarities } from './011-word-similarities.ts'
import { words } from './012-words.ts'
import { sums } from './013-sums.ts'
import { tuning } from './014-tuning.ts'
import { recallReading } from './015-recall-reading.ts'
import { drifts } from './016-drifts.ts'
import type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = [
  first,
  recall,
  checkpoints,
  measurements,
  desk,
  predictions,
  exchange,
  search,
  roster,
  wordSimilarities,
  words,
  sums,
  tuning,
  recallReading,
  drifts
]

import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { RecallSetup } from './recaller.ts'

/**
 * The pre-experimental part of M^CF: s S c over the item units of temporal context, S_ii = 0, added to `a` [pool].
 * @throws StudioError bad-input for a similarity that is not [pool, pool]
 */
export function semanticCue(
  { pool, similarity }: RecallSetup,
  weight: number
): (c: Float64Array, a: Float64Array) => void {
  if (!similarity || weight === 0) return () => undefined
  checkSimilarity(pool, similarity)
  return (c, a) => {
    for (let i = 0; i < pool; i++) {
      let sum = 0
      for (let j = 0; j < pool; j++) if (j !== i) sum += similarity[i * pool + j] * c[j]
      a[i] += weight * sum
    }
  }
}

function checkSimilarity(pool: number, similarity: ArrayLike<number>): void {
  if (similarity.length !== pool * pool)
    throw new StudioError('bad-input', `The similarity of ${pool} items has ${pool * pool} numbers.`, {
      field: 'similarity'
    })
}

/**
 * Cueing by meaning: the item that was just recalled cues those like it directly, besides context.
 *
 *   a_i += w S_ij,  j the last recalled item
 *
 * Nothing before the first recall. Source: N. W. Morton & S. M. Polyn (2016), A predictive framework for evaluating models
 * of semantic organization in free recall, where item cues are compared with context cues.
 * @throws StudioError bad-input for a similarity that is not [pool, pool]
 */
export function itemCue(
  { pool, similarity }: RecallSetup,
  weight: number
): { recalled(item: number | undefined): void; cue(a: Float64Array): void } {
  if (!similarity || weight === 0) return { recalled: () => undefined, cue: () => undefined }
  checkSimilarity(pool, similarity)
  let last: number | undefined
  return {
    recalled(item) {
      last = item
    },
    cue(a) {
      if (last === undefined) return
      for (let i = 0; i < pool; i++) if (i !== last) a[i] += weight * similarity[i * pool + last]
    }
  }
}

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
  if (similarity.length !== pool * pool)
    throw new StudioError('bad-input', `The similarity of ${pool} items has ${pool * pool} numbers.`, {
      field: 'similarity'
    })
  return (c, a) => {
    for (let i = 0; i < pool; i++) {
      let sum = 0
      for (let j = 0; j < pool; j++) if (j !== i) sum += similarity[i * pool + j] * c[j]
      a[i] += weight * sum
    }
  }
}

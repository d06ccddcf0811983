/** How a stored key is given back as a cue: whole, with noise, or in part. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor3D } from '@tensorflow/tfjs'
import { choice, number } from '../../../src-shared/shapes/params.ts'
import type { TaskContext } from '../task.ts'
import { rows } from './tensors.ts'

export const cueParams = {
  recall: choice('Cue', 'exact', ['exact', 'noisy', 'partial'], {
    help: 'exact: the stored key. noisy: the key plus noise of a given relative size. partial: a share of its entries, the rest zero.'
  }),
  sigma: number('Cue noise', 0.3, {
    help: 'For noisy cues: length of the noise relative to the key, k + sigma |k| n / sqrt(d).',
    needs: { param: 'recall', in: ['noisy'] },
    min: 0,
    max: 10,
    symbol: '\\sigma'
  }),
  share: number('Cue share', 0.5, {
    help: 'For partial cues: the share of entries that is kept, the same random choice for all items of a trial.',
    needs: { param: 'recall', in: ['partial'] },
    min: 0,
    max: 1
  })
}

export interface Cue {
  recall: 'exact' | 'noisy' | 'partial'
  sigma: number
  share: number
}

/** The cues for keys [B, N, d]; for the caller to dispose. */
export function drawCues({ batch, random }: TaskContext, keys: Tensor3D, { recall, sigma, share }: Cue): Tensor3D {
  const [, items, dim] = keys.shape
  switch (recall) {
    case 'exact':
      return keys.clone()
    case 'noisy':
      return tf.tidy(() => noisy(keys, rows(random.normal('cue noise', items * dim), batch, dim), sigma))
    case 'partial': {
      const order = random.permutation('cue mask', dim)
      const mask = new Float32Array(batch * dim)
      for (let b = 0; b < batch; b++)
        for (let i = 0; i < Math.round(share * dim); i++) mask[b * dim + order[b * dim + i]] = 1
      return tf.tidy(() => keys.mul(rows(mask, batch, dim)))
    }
  }
}

/** k + sigma |k| n / sqrt(d), with n standard normal of the same shape. */
export function noisy(keys: Tensor3D, noise: Tensor3D, sigma: number): Tensor3D {
  return tf.tidy(() => {
    const length = keys.square().sum(2, true).sqrt()
    return keys.add(noise.mul(length).mul(sigma / Math.sqrt(keys.shape[2])))
  })
}

/** The ops of tensors/fused-ops.ts that webgpu has. */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { fusedNames, provideFusedOps } from '../../fused-ops.ts'
import { kernelsWanted } from '../load.ts'
import { affine, affineBack } from './affine.ts'
import { attentionBack } from './attention.ts'
import { convolution, convolutionBack } from './convolution.ts'
import { replaceCumulative } from './cumulative.ts'
import { deferred } from './deferred.ts'
import type { WebgpuBackend } from './dispatch.ts'
import { drift, ring } from './drift.ts'
import { writeEpisodes } from './episodes.ts'
import { replaceDeferred } from './expressions.ts'
import { replaceExtremes } from './extremes.ts'
import { writeGraph } from './graph.ts'
import { ask, groups, slotSteps } from './hierarchy.ts'
import { writeJointly } from './joint.ts'
import { maps } from './maps.ts'
import { neighbours } from './neighbours.ts'
import { product, tanhSums } from './product.ts'
import { attention, read } from './read.ts'
import { recurrence, recurrenceBack, writeDelta } from './recurrence.ts'
import { mix, norm, normBack, repeat, repeatBack, shift, shiftBack, silu, siluBack, take, takeBack } from './rows.ts'
import { learnTokensBack } from './titans-back.ts'
import { learnTokens } from './titans.ts'
import { adam, score, step } from './training.ts'

/** Register them, and mend what the package has wrong. Call it once, after the backend's package is imported. */
export function registerWebgpuOps(): void {
  const register = <A>(
    name: keyof typeof fusedNames,
    body: (backend: WebgpuBackend, inputs: TensorInfo[], attrs: A) => TensorInfo[]
  ): void =>
    tf.registerKernel({
      kernelName: fusedNames[name],
      backendName: 'webgpu',
      kernelFunc: ({ inputs, attrs, backend }) =>
        body(backend as WebgpuBackend, Object.values(inputs) as TensorInfo[], attrs as A)
    })
  register('read', read)
  register('delta', writeDelta)
  register('joint', writeJointly)
  register('episodes', writeEpisodes)
  register('step', step)
  register('recurrence', recurrence)
  register('recurrenceBack', recurrenceBack)
  register('convolution', convolution)
  register('convolutionBack', convolutionBack)
  register('attention', attention)
  register('attentionBack', attentionBack)
  register('take', take)
  register('takeBack', takeBack)
  register('repeat', repeat)
  register('repeatBack', repeatBack)
  register('norm', norm)
  register('normBack', normBack)
  register('silu', silu)
  register('siluBack', siluBack)
  register('affine', affine)
  register('affineBack', affineBack)
  register('shift', shift)
  register('shiftBack', shiftBack)
  register('graph', writeGraph)
  register('titans', learnTokens)
  register('titansBack', learnTokensBack)
  register('score', score)
  register('adam', adam)
  register('maps', maps)
  register('product', product)
  register('tanhSums', tanhSums)
  register('drift', drift)
  register('ring', ring)
  register('neighbours', neighbours)
  register('groups', groups)
  register('slotSteps', slotSteps)
  register('ask', ask)
  register('mix', mix)
  replaceCumulative()
  replaceExtremes()
  replaceDeferred()
  provideFusedOps('webgpu', {
    use: kernelsWanted,
    together: (body) => deferred(tf.backend() as unknown as WebgpuBackend, body)
  })
}

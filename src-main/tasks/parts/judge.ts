/**
 * Judging recall. nearest = the stored value with the largest cosine to what was retrieved (the first of equals);
 * accuracy = share of items whose nearest is their own; cosine and mse = means over items against the true value.
 *   cos(a, b) = a.b / (max(|a|, 1e-8) max(|b|, 1e-8))
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { MetricInfo } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Memory, RetrieveInput } from '../../models/model.ts'
import { meanByTrial } from './tensors.ts'

/** Of a metric that is a mean cosine: 1 is the right direction, 0 what an unrelated vector gives. */
export const asCosine = { direction: 'higher', chance: 0, range: [-1, 1] } as const
/** Of a metric that is a share of right answers, or lies between nothing and all as one does. */
export const asShare = { direction: 'higher', range: [0, 1] } as const

/** One number per trial and query, [B * Q], row after row. */
export interface Judged {
  cosine: Float32Array
  mse: Float32Array
  /** Index of the nearest candidate. */
  nearest: Int32Array
}

/** Rows at unit length; rows shorter than 1e-8 are divided by 1e-8. */
export function unit(x: Tensor): Tensor {
  return tf.tidy(() => x.div(x.square().sum(-1, true).sqrt().maximum(1e-8)))
}

/** Cosine of matching rows: [B, Q, d] and [B, Q, d] -> [B, Q]. */
export function cosine(a: Tensor, b: Tensor): Tensor {
  return tf.tidy(() => unit(a).mul(unit(b)).sum(-1))
}

/** Cosine of every row of a with every row of b: [B, Q, d] and [B, N, d] -> [B, Q, N]. */
export function cosines(a: Tensor, b: Tensor): Tensor {
  return tf.tidy(() => tf.matMul(unit(a), unit(b), false, true))
}

/**
 * Compares what was retrieved with the true values, on the device, and reads the outcome back once.
 * @param retrieved [B, Q, d]
 * @param truth [B, Q, d] the value each query should give
 * @param candidates [B, N, d] the values among which the nearest is sought
 */
export async function judge(retrieved: Tensor, truth: Tensor, candidates: Tensor): Promise<Judged> {
  const stacked = tf.tidy(() =>
    tf.stack([
      cosine(retrieved, truth),
      retrieved.sub(truth).square().mean(-1),
      cosines(retrieved, candidates).argMax(-1).toFloat()
    ])
  )
  try {
    const data = (await stacked.data()) as Float32Array
    const size = data.length / 3
    return {
      cosine: data.slice(0, size),
      mse: data.slice(size, 2 * size),
      nearest: Int32Array.from(data.subarray(2 * size))
    }
  } finally {
    stacked.dispose()
  }
}

/** What the stored values are judged as: some memories answer in a space of their own. For the caller to dispose. */
export function targetsOf(memory: Memory, values: Tensor): Tensor {
  return memory.targets?.(values) ?? values.clone()
}

/**
 * For tasks that look at what came back cell by cell.
 * @throws StudioError not-supported for a memory that answers in a space of its own
 */
export function needSameSpace(memory: Memory): void {
  if (memory.targets)
    throw new StudioError(
      'not-supported',
      'This task compares pictures cell by cell, but this memory answers in a space of its own; leave it out here.'
    )
}

/**
 * Retrieves for queries [B, Q, dk], each at the place and time of its item: for memories that have places, in tasks that
 * give none, an item's place and time are its number in the order of storing.
 * @param items the number of each query's item; by default 0, 1, 2 ...
 */
export function retrieve(memory: Memory, input: RetrieveInput, items?: readonly number[]): Tensor {
  return memory.retrieve!(items ? { ...input, positions: items, times: items } : input)
}

/** Which items count as right. */
export interface Rule {
  /** The candidate that belongs to query q of a trial; by default its own index. */
  own?: (query: number) => number
  /** Candidates of one label are one value: a hit on any of them is right. [N], the same for all trials. */
  labels?: readonly number[]
  /** The cosine must exceed this too. */
  threshold?: number
}

/** 1 for a query answered rightly, 0 for one that is not: [B * Q]. */
export function hits(judged: Judged, batch: number, { own = (q) => q, labels, threshold = -1 }: Rule = {}): number[] {
  const queries = judged.nearest.length / batch
  const label = (i: number): number => labels?.[i] ?? i
  return Array.from(judged.nearest, (nearest, i) => {
    if (Number.isNaN(judged.cosine[i])) return NaN
    const right = label(nearest) === label(own(i % queries)) && (threshold <= -1 || judged.cosine[i] > threshold)
    return right ? 1 : 0
  })
}

/** The three scores of a list, [B] each. */
export function scores(
  judged: Judged,
  batch: number,
  rule?: Rule
): { accuracy: number[]; cosine: number[]; mse: number[] } {
  return {
    accuracy: meanByTrial(hits(judged, batch, rule), batch),
    cosine: meanByTrial(judged.cosine, batch),
    mse: meanByTrial(judged.mse, batch)
  }
}

/** How the three scores are described in a catalog. */
export const scoreInfos = {
  accuracy: (chance?: MetricInfo['chance'], of?: MetricInfo['of']): MetricInfo => ({
    name: 'accuracy',
    label: 'Accuracy',
    direction: 'higher',
    tex: '\\frac1N\\sum_i\\left[\\,\\operatorname*{arg\\,max}_j\\cos(r_i,v_j)=i\\,\\right]',
    help: 'Share of items whose recalled vector lies nearest (by cosine) to their own stored value.',
    range: [0, 1],
    ...(chance !== undefined && { chance }),
    ...(of && { of })
  }),
  cosine: {
    name: 'cosine',
    label: 'Cosine',
    direction: 'higher',
    tex: '\\frac1N\\sum_i\\frac{r_i\\cdot v_i}{|r_i|\\,|v_i|}',
    help: 'Mean cosine of what was recalled and the true value. 1 is the right direction, 0 what an unrelated vector gives.',
    chance: 0,
    range: [-1, 1]
  },
  mse: {
    name: 'mse',
    label: 'Squared error',
    direction: 'lower',
    tex: '\\frac1{Nd}\\sum_i|r_i-v_i|^2',
    help: 'Mean squared difference of what was recalled and the true value, over items and entries.',
    positive: true
  }
} satisfies Record<string, MetricInfo | ((chance?: MetricInfo['chance']) => MetricInfo)>

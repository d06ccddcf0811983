import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'

/** Queries whose attention over slots is kept for the trace. */
export const tracedQueries = 64

/** How many slots hold something. */
export function usedTrace(batch: number, used: number): Trace {
  return {
    name: 'slots-used',
    title: 'Slots used',
    kind: 'bars',
    perTrial: Array.from({ length: batch }, () => ({ shape: [1], data: [used], labels: ['slots'] }))
  }
}

/** Where the queries of the last retrieve looked. @param attention [B, Q, u] */
export async function attentionTrace(attention: Tensor): Promise<Trace> {
  const [batch, queries, slots] = attention.shape as [number, number, number]
  const data = await attention.data()
  const size = queries * slots
  return {
    name: 'attention',
    title: 'Attention over slots in the last retrieve',
    kind: 'heatmap',
    axes: ['query', 'slot'],
    perTrial: Array.from({ length: batch }, (_, b) => ({
      shape: [queries, slots],
      data: Array.from(data.slice(b * size, (b + 1) * size))
    }))
  }
}

/** Writes that decide item by item and mostly copy: plain loops over the arrays are all they need. */
import type { RingWrite, RunningSums, SlotKernels } from '../fused-kernels.ts'

export const copying: Pick<SlotKernels, 'runningSums' | 'writeRing'> = {
  runningSums({ batch, items, dim, decay, first, rows }: RunningSums) {
    for (let b = 0; b < batch; b++) {
      const begin = b * items * dim
      for (let j = 0; j < dim; j++) rows[begin + j] += decay * first[b * dim + j]
      for (let at = begin + dim; at < begin + items * dim; at++) rows[at] += decay * rows[at - dim]
    }
  },

  writeRing({ batch, items, slots, dim, threshold, gates, itemKeys, itemValues, keys, values, used, next }: RingWrite) {
    // As tensors compare: in single precision.
    const bound = Math.fround(threshold)
    for (let b = 0; b < batch; b++)
      for (let i = b * items; i < (b + 1) * items; i++) {
        if (!(gates[i] > bound)) continue
        const slot = b * slots + next[b]
        keys.set(itemKeys.subarray(i * dim, (i + 1) * dim), slot * dim)
        values.set(itemValues.subarray(i * dim, (i + 1) * dim), slot * dim)
        used[slot] = 1
        next[b] = (next[b] + 1) % slots
      }
  }
}

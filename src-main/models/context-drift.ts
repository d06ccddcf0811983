import * as tf from '@tensorflow/tfjs'
import { boolean } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { Drift, driftFlops, driftParams, shiftFlops } from './parts/memory/drift.ts'

/**
 * Context drift: no store, only a context that drifts with what it is asked.
 *
 *   retrieve(q): c <- rho c + U mean_rows(q)   (if updateOnRead),   answer q + c W_c^T
 *
 * q: [Q, d]; c: [c], zeros at the start; U: [c, d], W_c: [d, c], n(0.1); rho: decay.
 * Source: ContextDriftMemory of the seed documents, after Howard and Kahana (2002).
 */
export default defineModel({
  id: 'context-drift',
  title: 'Context drift',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'Adds a slowly drifting context to the query; it stores nothing.',
  recall:
    'Cannot recall by construction: storing does nothing, and what comes back is the query with the context added. It serves as the baseline for memories that use this drift.',
  equations: ['c \\leftarrow \\rho\\,c + U\\,\\overline{q}', '\\operatorname{retrieve}(q) = q + c\\,W_c^\\top'],
  symbols: [
    { symbol: 'c', meaning: 'context', shape: '[c]' },
    { symbol: '\\overline{q}', meaning: 'mean of the queries of one call', shape: '[d]' },
    { symbol: 'U, W_c', meaning: 'into and out of the context', shape: '[c, d], [d, c]' },
    { symbol: '\\rho', meaning: 'context decay' }
  ],
  source:
    'ContextDriftMemory of unpublished design notes (2025), after M. W. Howard and M. J. Kahana (2002), A distributed representation of temporal context',
  notes: ['The context is not brought to unit length, unlike that of the temporal context model.'],
  params: {
    dim: dimension,
    ...driftParams,
    updateOnRead: boolean('Drift on read', true, { help: 'Whether a retrieve moves the context' })
  },
  scripted: 2,
  revision: 1,
  create({ dim, contextDim, decay, updateOnRead }, { weight }) {
    const drift = new Drift(weight, '', dim, contextDim, decay)
    return {
      store: () => undefined,
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          if (updateOnRead) {
            // As a product: backends are slow to add up columns.
            const [batch, count] = queries.shape as [number, number, number]
            const shares = tf.tensor(new Float32Array(batch * count).fill(1 / count), [batch, 1, count])
            drift.over(tf.matMul(shares, queries))
          }
          return drift.shift(queries)
        }),
      reset: () => drift.reset(),
      dispose: () => drift.dispose()
    }
  },
  cost: ({ dim, contextDim, updateOnRead }, { queries }) => ({
    retrieveFlops:
      (updateOnRead ? 2 * queries * dim + driftFlops(1, dim, contextDim) : 0) + shiftFlops(queries, dim, contextDim),
    parameters: 2 * dim * contextDim,
    state: contextDim
  })
})

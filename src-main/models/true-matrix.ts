import { integer } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { episodicSlots } from './parts/slots/episodic-core.ts'
import { episodicSymbols, matrixParams } from './parts/slots/episodic-docs.ts'
import { readFlops, stepFlops } from './parts/slots/slot-gradient.ts'

/**
 * True-matrix memory: true-episodic with matrices for keys and values, written one episode at a time.
 *
 *   s_m = <Q, K_m>_F + 1/2 ctx . C_m + 0.3 exp(-timeWeight (now - t_m)),   retrieve(Q, ctx) = softmax(s) V   over used slots
 *   store, for each episode i: mark the next slot used; updateSteps x one Adam step on mean((retrieve(K_i, ctx_i) - V_i)^2);
 *   stamp the slot now; now <- now + 1
 *
 * K, V: [M, rows, columns], held flat as [M, d] with d = rows columns; C: [M, c]; t: [M], zeros at the start.
 * Source: TrueMatrixEpisodicMemory of the seed documents (2025).
 */
export default defineModel({
  id: 'true-matrix',
  title: 'True matrix memory',
  family: 'Slot memories',
  interfaces: ['key-value'],
  summary: 'Slots whose keys and values are matrices, each episode written by a few Adam steps as it comes.',
  recall:
    'A Frobenius product of matrices is the dot product of the flattened vectors, so it reads exactly as the true episodic memory; only its write loop differs (one pass, no orthogonality term). With the defaults its slots hardly leave their start and recall is weak; a larger learning rate favours the newest episodes.',
  equations: [
    's_m = \\langle Q, K_m \\rangle_F + \\tfrac12\\, c \\cdot C_m + 0.3\\, e^{-\\omega (\\mathrm{now} - t_m)}',
    '\\operatorname{retrieve}(Q, c) = \\operatorname{softmax}(s)\\,V \\quad\\text{over used slots}',
    '\\mathcal L_i = \\tfrac1d \\lVert \\operatorname{retrieve}(K_i, c_i) - V_i \\rVert^2'
  ],
  symbols: episodicSymbols,
  source: 'TrueMatrixEpisodicMemory of unpublished design notes (2025)',
  notes: [
    'The contrast to slots of vectors is not the matrix but the write loop; the linear associator is the true contrast.',
    'Recency is not clamped, time stamps are not trained, an empty memory reads zeros.'
  ],
  params: {
    ...matrixParams,
    updateSteps: integer('Update steps', 3, { help: 'Adam steps on each episode', min: 1, max: 100 })
  },
  uses: { contexts: true, places: false },
  capabilities: ['recency'],
  revision: 1,
  create(p, setup) {
    const memory = episodicSlots({ ...p, dim: p.rows * p.columns, orthogonalityWeight: 0 }, setup, [p.rows, p.columns])
    return {
      store: (input) => memory.storeOneByOne(input, p.updateSteps),
      retrieve: (input) => memory.retrieve(input),
      reset: () => memory.reset(),
      traces: () => memory.traces(),
      dispose: () => memory.dispose()
    }
  },
  cost(p, { stored, before, queries, contexts = false }) {
    const d = p.rows * p.columns
    const c = contexts ? p.contextDim : 0
    const step = (u: number): number => stepFlops(u, d, c, false)
    // A step is linear in the used slots, which grow by one an episode until all are used.
    const growing = Math.max(0, Math.min(stored, p.memorySize - before))
    const grown = growing > 0 ? (growing * (step(before + 1) + step(before + growing))) / 2 : 0
    const u = Math.min(before + stored, p.memorySize)
    return {
      storeFlops: p.updateSteps * (grown + (stored - growing) * step(p.memorySize)) + stored * c,
      retrieveFlops: u === 0 ? 0 : queries * (readFlops(u, d, c) + c),
      parameters: 0,
      state: p.memorySize * (3 * (2 * d + p.contextDim) + 1)
    }
  }
})

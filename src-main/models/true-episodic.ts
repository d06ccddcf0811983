import { integer, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { episodicSlots } from './parts/slots/episodic-core.ts'
import { episodicParams, episodicSymbols, orthogonalityWeight, writeMode } from './parts/slots/episodic-docs.ts'
import { readFlops, stepFlops } from './parts/slots/slot-gradient.ts'
import type { Cost, Workload } from '../../src-shared/cost/cost.ts'

const params = {
  ...episodicParams,
  orthogonalityWeight,
  innerSteps: integer('Inner steps', 3, { help: 'Adam steps on an episode before the next one', min: 1, max: 100 }),
  outerSteps: integer('Outer steps', 2, { help: 'Passes over all episodes of one store', min: 1, max: 100 }),
  writeMode
}

/**
 * True-episodic memory: slots with keys, values, contexts and times, written by gradient, one episode after another.
 *
 *   s_m = q . K_m + 1/2 ctx . C_m + 0.3 exp(-timeWeight (now - t_m)),   retrieve(q, ctx) = softmax(s) V   over used slots
 *   store: take N slots round-robin and stamp them now + i; then outerSteps x for each episode i x innerSteps:
 *          one Adam step on mean((retrieve(k_i, ctx_i) - v_i)^2) + lambda ||V V^T - I||_F^2
 *
 * K, V: [M, d]; C: [M, c]; t: [M]; all drawn n(0.1), Adam's state kept between stores. The loop and the gradient are in
 * parts/slots/episodic-core.ts and parts/slots/slot-gradient.ts. While nothing is stored it reads zeros.
 * Source: TrueEpisodicMemory of the seed documents (session notes on autoregressive episodic memories, 2025).
 */
export default defineModel({
  id: 'true-episodic',
  title: 'True episodic memory',
  family: 'Slot memories',
  interfaces: ['key-value'],
  summary: 'Slots with contexts and times, each episode written by a few Adam steps on its own recall error.',
  recall:
    'Recalls the last few episodes well when the learning rate is large enough; with the defaults (rate 0.01, six steps an episode) slots that begin near zero hardly move, and recall stays weak. Nothing ties an episode to the slot it took: later episodes change all used slots, so earlier ones fade. Writing by copy recalls up to M episodes as far as their keys differ.',
  equations: [
    's_m = q \\cdot K_m + \\tfrac12\\, c \\cdot C_m + 0.3\\, e^{-\\omega (\\mathrm{now} - t_m)}',
    '\\operatorname{retrieve}(q, c) = \\operatorname{softmax}(s)\\,V \\quad\\text{over used slots}',
    '\\mathcal L_i = \\tfrac1d \\lVert \\operatorname{retrieve}(k_i, c_i) - v_i \\rVert^2 + \\lambda \\lVert V V^\\top - I \\rVert_F^2'
  ],
  symbols: [...episodicSymbols, { symbol: '\\lambda', meaning: 'weight of the orthogonality term' }],
  source: 'TrueEpisodicMemory of unpublished design notes (2025)',
  notes: [
    'Recency is exp(-timeWeight (now - t)); one version of the source clamps it to 1, which removes it.',
    'Time stamps are not trained.',
    'An empty memory reads zeros, not the noise its slots begin with.',
    'Without contexts the context slots take no step.'
  ],
  params,
  uses: { contexts: true, places: false },
  capabilities: ['recency'],
  revision: 1,
  create(p, setup) {
    const memory = episodicSlots(p, setup)
    const { writeMode } = p
    const steps = writeMode === 'copy' ? undefined : { outer: p.outerSteps, inner: p.innerSteps }
    return {
      store: (input) => memory.storeTogether(input, writeMode !== 'gradient', steps),
      retrieve: (input) => memory.retrieve(input),
      reset: () => memory.reset(),
      traces: () => memory.traces(),
      dispose: () => memory.dispose()
    }
  },
  cost: episodicCost
})

function episodicCost(p: ValuesOf<typeof params>, { stored, before, queries, contexts = false }: Workload): Cost {
  const u = Math.min(before + stored, p.memorySize)
  const c = contexts ? p.contextDim : 0
  const steps = p.writeMode === 'copy' ? 0 : stored * p.outerSteps * p.innerSteps
  return {
    storeFlops: steps * stepFlops(u, p.dim, c, p.orthogonalityWeight > 0) + (steps > 0 ? stored * c : 0),
    retrieveFlops: u === 0 ? 0 : queries * (readFlops(u, p.dim, c) + c),
    parameters: 0,
    state: p.memorySize * (3 * (2 * p.dim + p.contextDim) + 1)
  }
}

import { defineModel } from './model.ts'
import { hierarchy, hierarchyCost, hierarchyParams } from './parts/hierarchy/hierarchy.ts'
import {
  hierarchyEquations,
  hierarchyNotes,
  hierarchySource,
  hierarchySymbols
} from './parts/hierarchy/hierarchy-docs.ts'
import { slotContent, slotContentFlops } from './parts/hierarchy/node-memory.ts'

/** Adam steps of one write of a true-episodic memory with its defaults: two outer times three inner. */
const steps = 6

/**
 * Hierarchical spatio-temporal memory whose nodes write their pair into a true-episodic memory of their own.
 *
 *   retrieve(q, s, t) = softmax_j(cos(e_j, content_j) importance_j) content_j,  content_j = memory_j.retrieve(e_j)
 *
 * with e_j = q + encode(s, t, level_j), over the nodes whose extent contains (s, t). A node's memory is written once, so
 * it holds one slot and answers that slot whatever it is asked: see parts/hierarchy/node-memory.ts. key, value, q: [d].
 * Source: the hierarchical spatio-temporal memory of the seed documents.
 */
export default defineModel({
  id: 'hierarchical-linear',
  title: 'Hierarchical memory, vector nodes',
  family: 'Hierarchical memories',
  interfaces: ['key-value'],
  summary: 'The hierarchical memory with a small true-episodic memory in every node, written by gradient.',
  recall:
    'As the hierarchical memory, but a node learns its value by six Adam steps on a value slot that begins near zero, at rate 0.01: it moves only a little way towards the value, so recall is weak: a cosine of about .3 with the defaults.',
  equations: hierarchyEquations,
  symbols: hierarchySymbols,
  source: hierarchySource,
  notes: [
    ...hierarchyNotes,
    'A node stores one pair, so one slot of its memory is in use: the softmax over it is 1, its key and contexts get no gradient, and the write is closed over its value slot.'
  ],
  params: hierarchyParams,
  uses: { contexts: false, places: true },
  capabilities: ['tree'],
  revision: 1,
  create: (params, setup) =>
    hierarchy(
      params,
      setup,
      slotContent(setup.weight, {
        dims: [params.dim],
        memorySize: params.memorySize,
        contextDim: params.contextDim,
        steps
      })
    ),
  cost: (params, workload) => hierarchyCost(params, workload, (nodes) => slotContentFlops(nodes, params.dim, steps))
})

import { defineModel } from './model.ts'
import { hierarchy, hierarchyCost, hierarchyParams } from './parts/hierarchy/hierarchy.ts'
import {
  hierarchyEquations,
  hierarchyNotes,
  hierarchySource,
  hierarchySymbols
} from './parts/hierarchy/hierarchy-docs.ts'
import { plainContent } from './parts/hierarchy/node-memory.ts'

/**
 * Hierarchical spatio-temporal memory whose nodes keep their key and value vectors.
 *
 *   retrieve(q, s, t) = softmax_j(cos(q + encode(s, t, level_j), key_j) importance_j) value_j
 *
 * over the nodes whose extent contains (s, t). How the tree grows is in parts/hierarchy/hierarchy-tree.ts, how contents are made
 * and asked in parts/hierarchy/hierarchy.ts. key, value, q: [d].
 * Source: the hierarchical spatio-temporal memory of the seed documents.
 */
export default defineModel({
  id: 'hierarchical',
  title: 'Hierarchical memory',
  family: 'Hierarchical memories',
  interfaces: ['key-value'],
  summary:
    'A tree over places and times: items are leaves, neighbours are composed into parents, queries ask what contains them.',
  recall:
    'Finds an item by its place and time and returns its value with the place code added, blended with the untrained parents above it. The key matters little: the place selects. Asked at a wrong place it returns another item or zeros.',
  equations: hierarchyEquations,
  symbols: hierarchySymbols,
  source: hierarchySource,
  notes: [...hierarchyNotes, 'Its nodes have no memory of their own: contextDim and memorySize have no effect here.'],
  params: hierarchyParams,
  uses: { contexts: false, places: true },
  capabilities: ['tree'],
  revision: 1,
  create: (params, setup) => hierarchy(params, setup, plainContent),
  cost: (params, workload) => hierarchyCost(params, workload, () => 0)
})

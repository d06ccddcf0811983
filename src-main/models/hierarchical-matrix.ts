import { StudioError } from '../../src-shared/shapes/errors.ts'
import { integer } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { hierarchy, hierarchyCost, hierarchyParams } from './parts/hierarchy/hierarchy.ts'
import {
  hierarchyEquations,
  hierarchyNotes,
  hierarchySource,
  hierarchySymbols
} from './parts/hierarchy/hierarchy-docs.ts'
import { slotContent, slotContentFlops } from './parts/hierarchy/node-memory.ts'

/** Adam steps of one write of a true-matrix memory with updateSteps 1. */
const steps = 1

/**
 * Hierarchical spatio-temporal memory whose nodes write their pair into a true-matrix memory of their own.
 *
 *   retrieve(q, s, t) = softmax_j(cos(e_j, content_j) importance_j) content_j,  content_j = memory_j.retrieve(e_j)
 *
 * with e_j = q + encode(s, t, level_j), over the nodes whose extent contains (s, t). A node's memory is written once, so
 * it holds one slot and answers that slot whatever it is asked: see parts/hierarchy/node-memory.ts. key, value, q: [d].
 * Source: the hierarchical spatio-temporal memory of the seed documents.
 */
export default defineModel({
  id: 'hierarchical-matrix',
  title: 'Hierarchical memory, matrix nodes',
  family: 'Hierarchical memories',
  interfaces: ['key-value'],
  summary: 'The hierarchical memory with a small true-matrix memory in every node, written by gradient.',
  recall:
    'As the hierarchical memory, but a node learns its value by one Adam step on a value slot that begins near zero, at rate 0.01: it moves only a little way towards the value, so recall is weak, and near chance with the defaults.',
  equations: hierarchyEquations,
  symbols: hierarchySymbols,
  source: hierarchySource,
  notes: [
    ...hierarchyNotes,
    'A node stores one pair, so one slot of its memory is in use: the softmax over it is 1, its key and contexts get no gradient, and the write is closed over its value slot.'
  ],
  params: {
    ...hierarchyParams,
    rows: integer('Rows', 8, { help: 'Rows of a key seen as a matrix', min: 1, max: 4096, from: 'rows' }),
    columns: integer('Columns', 8, {
      help: 'Columns; rows times columns is the dimension',
      min: 1,
      max: 4096,
      from: 'columns'
    })
  },
  uses: { contexts: false, places: true },
  capabilities: ['tree'],
  revision: 1,
  create(params, setup) {
    const { dim, rows, columns, memorySize, contextDim } = params
    if (rows * columns !== dim)
      throw new StudioError(
        'bad-input',
        `Rows times columns must be the dimension: ${rows} x ${columns} is not ${dim}.`,
        { field: 'rows' }
      )
    return hierarchy(params, setup, slotContent(setup.weight, { dims: [rows, columns], memorySize, contextDim, steps }))
  },
  cost: (params, workload) => hierarchyCost(params, workload, (nodes) => slotContentFlops(nodes, params.dim, steps))
})

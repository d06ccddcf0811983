import { boolean, integer } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { keyValue, tracesOf } from './parts/memory/inner.ts'

/**
 * Stacked memory: blocks of one kind; the answer of one is the query of the next.
 *
 *   q_0 = q,   q_i = retrieve_i(q_(i-1))   (+ q_(i-1) if residual),   retrieve(q) = q_n;   store goes to every block
 *
 * Weights: `blocks.i.*`. Source: the stacked memories of the seed documents.
 */
export default defineModel({
  id: 'stacked',
  title: 'Stacked memory',
  family: 'Combinations',
  interfaces: ['key-value'],
  summary: 'The same kind of memory several times over, each block queried with the answer of the one before.',
  recall:
    'All blocks store the same pairs, so the second block is asked with a value where its items have keys: unless keys and values are alike (auto-association, sequences) stacking makes recall worse. In a chain n blocks walk n steps along it. With residual the query stays part of the answer.',
  equations: [
    'q_0 = q,\\qquad q_i = \\operatorname{retrieve}_i(q_{i-1})\\ (+\\,q_{i-1}\\text{ if residual})',
    '\\operatorname{retrieve}(q) = q_n'
  ],
  symbols: [
    { symbol: 'n', meaning: 'blocks' },
    { symbol: 'q', meaning: 'query', shape: '[d]' }
  ],
  source: 'The stacked memories of unpublished design notes (2025)',
  notes: ['Contexts, places and times reach every block.'],
  params: {
    memory: {
      type: 'model',
      label: 'Memory',
      help: 'The kind of every block, with its parameters',
      default: { kind: 'hopfield', params: {} }
    },
    blocks: integer('Blocks', 2, { help: 'How many follow one another', min: 1, max: 4, symbol: 'n' }),
    residual: boolean('Residual', false, { help: 'Add each block’s query to its answer' })
  },
  uses: { contexts: true, places: true },
  revision: 1,
  create({ memory, blocks: count, residual }, setup) {
    const blocks = Array.from({ length: count }, (_, i) => keyValue(setup, memory, `blocks.${i}.`, 'memory'))
    const { targets } = blocks[count - 1]
    return {
      store: (input) => blocks.forEach((block) => block.store(input)),
      retrieve(input) {
        // Not in one tidy: a block may hold on to what it made while it answered.
        let queries = input.queries
        for (const block of blocks) {
          const answer = block.retrieve({ ...input, queries })
          const next = residual ? answer.add(queries) : answer
          if (residual) answer.dispose()
          if (queries !== input.queries) queries.dispose()
          queries = next
        }
        return queries
      },
      ...(targets && { targets }),
      reset: () => blocks.forEach((block) => block.reset()),
      traces: () => tracesOf(blocks, 'blocks', 'Block'),
      dispose: () => blocks.forEach((block) => block.dispose())
    }
  },
  cost({ memory, blocks, residual }, workload, costOf) {
    const one = costOf(memory.kind, memory.params, workload)
    const dim = typeof memory.params.dim === 'number' ? memory.params.dim : 0
    return {
      storeFlops: blocks * one.storeFlops,
      retrieveFlops: blocks * (one.retrieveFlops + (residual ? workload.queries * dim : 0)),
      parameters: blocks * one.parameters,
      state: blocks * one.state
    }
  }
})

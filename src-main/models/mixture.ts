import * as tf from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { choice, integer } from '../../src-shared/shapes/params.ts'
import { defineModel, type RetrieveInput, type Trace } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { keyValue, tracesOf } from './parts/memory/inner.ts'
import { applyMlp, mlp, mlpFlops, mlpParameters } from './parts/memory/linear.ts'
import { State } from './parts/memory/state.ts'

/**
 * Mixture of memories: a router weighs the answers of several experts for every query.
 *
 *   p = softmax(net([q; ctx])),   retrieve(q) = sum_e p_e retrieve_e(q)
 *
 * net = Linear(d+c, 128) ReLU Linear(128, 64) ReLU Linear(64, E). Routing top-k keeps the k largest shares and brings
 * their sum back to 1. store goes to every expert. Weights: `experts.i.*`, then `router.0/.2/.4`.
 * Source: the mixture of the seed documents, after Jacobs et al. (1991).
 */
export default defineModel({
  id: 'mixture',
  title: 'Mixture of memories',
  family: 'Combinations',
  interfaces: ['key-value'],
  summary: 'Several memories store everything; a router decides per query how much each one answers.',
  recall:
    'Blends its experts. The router is untrained, so its shares are near equal and say nothing about which expert knows the answer: recall lies between those of the experts, pulled towards the one with the longest answers.',
  equations: [
    'p = \\operatorname{softmax}\\bigl(\\operatorname{net}([q; c])\\bigr)',
    '\\operatorname{retrieve}(q) = \\sum_e p_e\\,\\operatorname{retrieve}_e(q)'
  ],
  symbols: [
    { symbol: 'p_e', meaning: 'share of expert e', shape: '[E]' },
    { symbol: 'q, c', meaning: 'query and context', shape: '[d], [c]' }
  ],
  source:
    'The mixture of unpublished design notes (2025), after R. A. Jacobs et al. (1991), Adaptive mixtures of local experts',
  notes: [
    'Every expert is asked, also with top-k routing; the shares only weigh the answers.',
    'Where a query comes without a context, the router sees zeros in its place.'
  ],
  params: {
    dim: dimension,
    experts: {
      type: 'models',
      label: 'Experts',
      help: 'The memories it mixes, each with its parameters',
      default: [
        { kind: 'linear-associator', params: {} },
        { kind: 'hopfield', params: {} }
      ],
      min: 1,
      max: 8
    },
    routing: choice('Routing', 'dense', ['dense', 'top-k'], {
      help: 'Weigh all experts, or only the k with the largest shares'
    }),
    k: integer('Experts per query', 2, {
      help: 'Experts that top-k routing keeps',
      needs: { param: 'routing', in: ['top-k'] },
      min: 1,
      max: 8,
      symbol: 'k'
    }),
    contextDim: integer('Router context', 0, {
      help: 'Length of the contexts that the router sees; 0: it sees the query alone',
      min: 0,
      max: 1024
    })
  },
  uses: { contexts: true, places: true },
  revision: 1,
  create({ dim, experts: refs, routing, k, contextDim }, setup) {
    const count = refs.length
    if (routing === 'top-k' && k > count)
      throw new StudioError('bad-input', `There are ${count} experts; keep at most ${count} per query.`, { field: 'k' })
    const experts = refs.map((ref, i) => keyValue(setup, ref, `experts.${i}.`, `experts.${i}`))
    const router = mlp(setup.weight, 'router', [dim + contextDim, 128, 64, count])
    /** Shares added up over all queries so far [B, E]. */
    const total = new State(tf.zeros([setup.batch, count]))
    let asked = 0

    function shares({ queries, contexts }: RetrieveInput): tf.Tensor {
      const context = contexts ?? tf.zeros([setup.batch, queries.shape[1]!, contextDim])
      const dense = tf.softmax(applyMlp(router, contextDim ? tf.concat([queries, context], -1) : queries), -1)
      if (routing === 'dense') return dense
      // One column of the indices after another: webgpu cannot reduce over the inner axis of whole numbers.
      const best = tf.unstack(tf.topk(dense, k).indices, 2).map((index) => tf.oneHot(index, count).toFloat())
      const kept = dense.mul(tf.addN(best))
      return kept.div(tf.sum(kept, -1, true))
    }

    return {
      store: (input) => experts.forEach((expert) => expert.store(input)),
      retrieve(input) {
        // Not inside the tidy: an expert may hold on to what it made while it answered.
        const answers = experts.map((expert) => expert.retrieve(input))
        const mixed = tf.tidy(() => {
          const p = shares(input)
          total.update((sum) => sum.add(tf.sum(p, 1)))
          return answers
            .map((answer, e) => answer.mul(p.slice([0, 0, e], [-1, -1, 1])))
            .reduce((sum, answer) => sum.add(answer))
        })
        tf.dispose(answers)
        asked += input.queries.shape[1]!
        return mixed
      },
      reset() {
        experts.forEach((expert) => expert.reset())
        total.reset()
        asked = 0
      },
      async traces() {
        const inner = await tracesOf(experts, 'experts', 'Expert')
        if (asked === 0) return inner
        const sums = await total.value.data()
        const labels = refs.map((ref, e) => `${e + 1} ${ref.kind}`)
        const perTrial = Array.from({ length: setup.batch }, (_, b) => ({
          shape: [count],
          data: Array.from(sums.subarray(b * count, (b + 1) * count), (sum) => sum / asked),
          labels
        }))
        const routed: Trace = { name: 'routing', title: 'Mean routing share of each expert', kind: 'bars', perTrial }
        return [routed, ...inner]
      },
      dispose() {
        experts.forEach((expert) => expert.dispose())
        total.dispose()
        tf.dispose(router.flatMap((layer) => [layer.weight, layer.bias]))
      }
    }
  },
  cost({ dim, experts, routing, contextDim }, workload, costOf) {
    const inner = experts.map(({ kind, params }) => costOf(kind, params, workload))
    const sum = (of: 'storeFlops' | 'retrieveFlops' | 'parameters' | 'state'): number =>
      inner.reduce((total, cost) => total + cost[of], 0)
    const count = experts.length
    const sizes = [dim + contextDim, 128, 64, count]
    const { queries } = workload
    return {
      storeFlops: sum('storeFlops'),
      retrieveFlops:
        sum('retrieveFlops') +
        mlpFlops(queries, sizes) +
        queries * (5 * count + (routing === 'top-k' ? 5 * count : 0)) +
        queries * (2 * count - 1) * dim +
        queries * count +
        count,
      parameters: sum('parameters') + mlpParameters(sizes),
      state: sum('state')
    }
  }
})

import * as tf from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { choice, integer } from '../../src-shared/shapes/params.ts'
import { defineModel, type RetrieveInput, type Trace } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { keyValue, tracesOf } from './parts/memory/inner.ts'
import { applyMlp, mlp, mlpFlops, mlpParameters, type Linear } from './parts/memory/linear.ts'
import { projectionParams, train } from './parts/memory/projections.ts'
import { State } from './parts/memory/state.ts'
import { oneHot } from './parts/memory/one-hot.ts'
import { fusedMaps, fusedMix, fusedProduct } from '../tensors/fused-memory-ops.ts'

/** Of parameters that matter only where the router is trained. */
const whenTrained = {
  help: 'Adam’s, on calibration pairs, when the router is trained',
  needs: { param: 'router', in: ['trained'] },
  later: true as const
}

/**
 * Mixture of memories: a router weighs the answers of several experts for every query.
 *
 *   p = softmax(net([q; ctx])),   retrieve(q) = sum_e p_e retrieve_e(q)
 *
 * net = Linear(d+c, 128) ReLU Linear(128, 64) ReLU Linear(64, E). Routing top-k keeps the k largest shares and brings
 * their sum back to 1. store goes to every expert. Weights: `experts.i.*`, then `router.0/.2/.4`.
 *
 * A trained router takes steps of Adam on a calibration split, as trained projections do: in each the experts store a fresh
 * episode of 16 normal pairs, are asked for it by its keys, and forget it; the router alone learns, from the mean of
 * 1 - cos(retrieve(k), v), always with the shares of all experts: of the best alone nothing could be learned.
 * Source: the mixture of the seed documents, after Jacobs et al. (1991).
 */
export default defineModel({
  id: 'mixture',
  title: 'Mixture of memories',
  family: 'Combinations',
  interfaces: ['key-value'],
  summary: 'Several memories store everything; a router decides per query how much each one answers.',
  recall:
    'Blends its experts. An untrained router’s shares are near equal and say nothing about which expert knows the answer: recall lies between those of the experts, pulled towards the one with the longest answers. A trained one goes with the expert that recalls lists of 16 pairs best.',
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
    router: choice('Router', 'random', ['random', 'trained'], {
      help: 'random: as the source draws it; trained: by Adam on pairs of its own before the trial, the experts as they are',
      later: true
    }),
    trainSteps: { ...projectionParams.trainSteps, default: 100, ...whenTrained },
    trainRate: { ...projectionParams.trainRate, ...whenTrained },
    contextDim: integer('Router context', 0, {
      help: 'Length of the contexts that the router sees; 0: it sees the query alone',
      min: 0,
      max: 1024
    })
  },
  uses: { contexts: true, places: true },
  revision: 1,
  create({ dim, experts: refs, routing, k, contextDim, router: how, trainSteps: steps, trainRate: rate }, setup) {
    const count = refs.length
    if (routing === 'top-k' && k > count)
      throw new StudioError('bad-input', `There are ${count} experts; keep at most ${count} per query.`, { field: 'k' })
    const experts = refs.map((ref, i) => keyValue(setup, ref, `experts.${i}.`, `experts.${i}`))
    const drawn = mlp(setup.weight, 'router', [dim + contextDim, 128, 64, count])
    const names = refs.map((ref, e) => `${e + 1} ${ref.kind}`)
    const shown = new NewestShares(names)
    /** Shares added up over all queries so far [B, E]. */
    const total = new State(tf.zeros([setup.batch, count]))
    let asked = 0

    function dense(router: readonly Linear[], { queries, contexts }: RetrieveInput): tf.Tensor {
      const context = contexts ?? tf.zeros([setup.batch, queries.shape[1]!, contextDim])
      const layers = router.map((layer, i) => ({ ...layer, then: i + 1 < router.length ? 'relu' : 'softmax' }) as const)
      const fused = fusedMaps([{ inputs: contextDim ? [queries, context] : [queries], layers }])
      if (fused) return fused[0]
      return tf.softmax(applyMlp(router, contextDim ? tf.concat([queries, context], -1) : queries), -1)
    }
    function shares(input: RetrieveInput): tf.Tensor {
      const p = dense(router, input)
      if (routing === 'dense') return p
      const kept = p.mul(best(p, k))
      return kept.div(tf.sum(kept, -1, true))
    }
    const mixed = (p: tf.Tensor, answers: readonly tf.Tensor[]): tf.Tensor =>
      fusedMix(p, answers) ??
      answers.map((answer, e) => answer.mul(p.slice([0, 0, e], [-1, -1, 1]))).reduce((sum, answer) => sum.add(answer))
    const ask = (input: RetrieveInput): tf.Tensor[] => experts.map((expert) => expert.retrieve(input))
    const forget = (): void => experts.forEach((expert) => expert.reset())

    function trained(): Linear[] {
      const weights = train(
        drawn.flatMap(({ weight, bias }) => [weight, bias]),
        { dim, weight: setup.weight, steps, rate },
        (ws, queries, _, answers) => mixed(dense(layersOf(ws), { queries }), answers),
        (keys, values) => {
          forget()
          experts.forEach((expert) => expert.store({ keys, values }))
          return ask({ queries: keys })
        }
      )
      forget()
      return layersOf(weights)
    }
    const router = how === 'trained' ? trained() : drawn

    return {
      store: (input) => experts.forEach((expert) => expert.store(input)),
      retrieve(input) {
        // Not inside the tidy: an expert may hold on to what it made while it answered.
        const answers = ask(input)
        const answer = tf.tidy(() => {
          const p = shares(input)
          if (setup.observed) shown.add(p)
          total.update((sum) => added(sum, p))
          return mixed(p, answers)
        })
        tf.dispose(answers)
        asked += input.queries.shape[1]!
        return answer
      },
      reset() {
        forget()
        shown.clear()
        total.reset()
        asked = 0
      },
      async traces() {
        const inner = await tracesOf(experts, 'experts', 'Expert')
        if (asked === 0) return inner
        const sums = await total.value.data()
        const perTrial = Array.from({ length: setup.batch }, (_, b) => ({
          shape: [count],
          data: Array.from(sums.subarray(b * count, (b + 1) * count), (sum) => sum / asked),
          labels: names
        }))
        const routed: Trace = { name: 'routing', title: 'Mean routing share of each expert', kind: 'bars', perTrial }
        return [routed, ...(await shown.read()), ...inner]
      },
      dispose() {
        experts.forEach((expert) => expert.dispose())
        shown.clear()
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

/** Sums [B, E] and what the queries add to them, p [B, Q, E]. */
function added(sums: tf.Tensor, p: tf.Tensor): tf.Tensor {
  const [batch, count] = p.shape as [number, number]
  const ones = tf.tensor(new Float32Array(batch * count).fill(1), [batch, 1, count])
  return fusedProduct(ones, p, { start: sums.expandDims(1) })?.squeeze([1]) ?? sums.add(tf.sum(p, 1))
}

const layersOf = (weights: readonly tf.Tensor[]): Linear[] =>
  Array.from({ length: weights.length / 2 }, (_, l) => ({ weight: weights[2 * l], bias: weights[2 * l + 1] }))

/** 1 for the k largest shares of each query [B, Q, E], else 0. */
function best(shares: tf.Tensor, k: number): tf.Tensor {
  const count = shares.shape[2]!
  // One column of the indices after another: webgpu cannot reduce over the inner axis of whole numbers.
  return tf.addN(tf.unstack(tf.topk(shares, k).indices, 2).map((index) => oneHot(index, count)))
}

/** Calls whose shares are shown cue by cue; a task may ask item by item, thousands of times. */
const shownCalls = 64

/** The shares of the newest calls, one line an expert. */
class NewestShares {
  readonly #names: readonly string[]
  #calls: tf.Tensor[] = []

  constructor(names: readonly string[]) {
    this.#names = names
  }

  /** @param shares [B, Q, E] */
  add(shares: tf.Tensor): void {
    this.#calls.push(tf.keep(shares.clone()))
    if (this.#calls.length > shownCalls) this.#calls.shift()!.dispose()
  }

  async read(): Promise<Trace[]> {
    if (this.#calls.length === 0) return []
    const joined = tf.concat(this.#calls, 1)
    const [batch, cues, count] = joined.shape as [number, number, number]
    const data = await joined.data()
    joined.dispose()
    const size = cues * count
    const perTrial = Array.from({ length: batch }, (_, b) => ({
      shape: [cues, count],
      data: Array.from(data.subarray(b * size, (b + 1) * size)),
      labels: [...this.#names]
    }))
    const title = 'Routing share of each expert, cue by cue'
    return [{ name: 'shares', title, kind: 'line', axes: ['cue', 'share'], perTrial }]
  }

  clear(): void {
    tf.dispose(this.#calls)
    this.#calls = []
  }
}

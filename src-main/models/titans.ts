import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer } from '../../src-shared/shapes/params.ts'
import { defineModel, type WeightSource } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { unit, unitFlops } from './parts/memory/cosine.ts'
import { lineTrace } from './parts/traces/line-trace.ts'
import { applyLinear, type Linear } from './parts/memory/linear.ts'
import { StepFrames } from './parts/traces/memory-frames.ts'
import { fusedMaps, type MapLayer, type RowMap } from '../tensors/fused-memory-ops.ts'
import { fusedTitans } from '../tensors/fused-ops.ts'
import { chunkFlops, learnChunk, type ConstantRates, type TokenRates } from './parts/blocks/neural-chunk.ts'
import {
  gradientNorm,
  layerSizes,
  learn,
  neuralGradient,
  neuralLayers,
  readNeural,
  type NeuralState,
  type Rates
} from './parts/blocks/neural-memory.ts'
import { neuralRateParams, neuralShapeParams } from './parts/blocks/neural-params.ts'
import { spread } from './parts/memory/shared-weights.ts'
import { ConvolvedMap, convolutionCost, optionalConvolution } from './parts/blocks/short-convolution.ts'

const params = {
  dim: dimension,
  ...neuralShapeParams,
  ...neuralRateParams,
  chunk: integer('Chunk', 1, {
    help: 'Tokens whose gradients are all taken at the memory before the first of them; 1 is sequential',
    min: 1,
    max: 4096,
    unit: 'tokens'
  }),
  convolution: optionalConvolution
}

/**
 * Titans' neural memory: an MLP that learns at test time, token by token, from its own recall error.
 *
 *   k = x W_K^T,  v = x W_V^T,  q = x W_Q^T      (k, q at unit length)
 *   g = gradient of ||MLP_M(k) - v||^2;   S <- eta S - theta g;   M <- (1 - alpha) M + S;   y = MLP_M(q)
 *
 * x, y: [L, d]; M: D layers without biases, SiLU between them, width e d; S: their momentum. |g| over all layers is the
 * surprise of the token. Update fraction rho < 1: in each layer only the ceil(rho rows) rows of g with the largest norm
 * count; momentum and forgetting act on every row. Chunked: the gradients of a chunk are taken at its first memory, then
 * applied one after another; a chunk of 1 is the sequential form. theta, eta and alpha are constants, or each a sigmoid of
 * x w^T + b that begins near the constant, as its authors have them. As a key-value memory, keys, values and queries pass
 * through W_K, W_V and W_Q, and reading writes nothing. With the convolution, the k, v and q of a sequence are
 * silu(conv(x W^T)) (parts/blocks/short-convolution.ts); pairs that are stored have no order, and pass by it.
 * Source: Behrouz, Zhong & Mirrokni (2025), Titans: learning to memorize at test time.
 */
export default defineModel({
  id: 'titans',
  title: 'Titans neural memory',
  family: 'Sequence blocks',
  interfaces: ['sequence', 'key-value'],
  summary: 'A small network whose weights are the memory: every token changes them by a gradient step.',
  recall:
    'Recalls what its recent gradient steps fitted. With random projections, keys and values are scrambled before they are stored and the answer comes back in the value space of W_V, so as an untrained key-value memory it is judged there. Small rates change little in one pass.',
  equations: [
    'k = x W_K^\\top,\\quad v = x W_V^\\top,\\quad q = x W_Q^\\top',
    'g = \\nabla_M \\lVert \\operatorname{MLP}_M(k) - v \\rVert^2',
    'S \\leftarrow \\eta S - \\theta g,\\qquad M \\leftarrow (1-\\alpha) M + S,\\qquad y = \\operatorname{MLP}_M(q)'
  ],
  symbols: [
    { symbol: 'M', meaning: 'layers of the memory', shape: '[e d, d] ... [d, e d]' },
    { symbol: 'S', meaning: 'momentum of the steps', shape: 'as M' },
    { symbol: '\\lVert g \\rVert', meaning: 'surprise of a token' },
    { symbol: '\\theta, \\eta, \\alpha', meaning: 'learning rate, momentum, forgetting' }
  ],
  source: 'A. Behrouz, P. Zhong & V. Mirrokni (2025), Titans: learning to memorize at test time',
  notes: ['Keys and queries are normalised; the source document leaves that out.'],
  params,
  revision: 2,
  create(p, { batch, weight, observed }) {
    const { dim } = p
    const maps = ['K', 'V', 'Q'].map(
      (name) =>
        new ConvolvedMap(weight, {
          ...{ map: `W_${name}`, kernel: `${name.toLowerCase()}_conv1d` },
          ...{ inputs: dim, outputs: dim, convolution: p.convolution }
        })
    )
    const [key, value, query] = maps
    const initial = neuralLayers(weight, p)
    const begin = { theta: p.learningRate, eta: p.momentum, alpha: p.forgetting }
    const learned: Linear[] =
      p.rates === 'token' ? Object.entries(begin).map(([name, rate]) => rateMap(weight, name, dim, rate)) : []
    const frames = new StepFrames(
      {
        name: 'memory',
        title: p.depth === 1 ? 'Weights of the memory' : 'Weights of the memory’s first layer',
        axes: ['Output', 'Input']
      },
      observed
    )
    const surprise = lineTrace('surprise', 'Surprise: norm of the gradient', ['token', '|g|'])
    // Undefined before the first token: the memory then is its initial layers, which training may change.
    let held: NeuralState | undefined
    const clear = (): void => {
      if (held) tf.dispose([...held.layers, ...(held.momentum ?? [])])
      held = undefined
    }
    const state = (): NeuralState => {
      if (held) return held
      return { layers: initial.map((w) => spread(w, batch)) }
    }
    const keep = ({ layers, momentum }: NeuralState): void => {
      const next = { layers: copies(layers), momentum: momentum && copies(momentum) }
      clear()
      held = next
    }
    const ready = (x: Tensor): Tensor => (p.normalizeKeys ? unit(x) : x)
    /** Keys or queries, ready, of what is stored or asked: see `fusedMaps`. */
    const projected = (map: ConvolvedMap, x: Tensor): RowMap => ({
      inputs: [x],
      layers: [{ ...map.layer, then: p.normalizeKeys ? 'unit' : 'none' }]
    })
    const token = (x: Tensor, t: number): Tensor => x.slice([0, t, 0], [batch, 1, x.shape[2]!])
    /** What the tokens choose, before the sigmoid; or the constants. */
    const ratesOf = (tokens: Tensor): ConstantRates | TokenRates => {
      if (!learned.length) return { theta: p.learningRate, eta: p.momentum, alpha: p.forgetting }
      const [theta, eta, alpha] = learned.map((layer) => applyLinear(layer, tokens))
      return { theta, eta, alpha }
    }
    /** Those of some tokens. */
    const ratesAt = (rates: ConstantRates | TokenRates, part: (x: Tensor) => Tensor): ConstantRates | TokenRates =>
      learned.length ? eachRate(rates as TokenRates, part) : rates

    /** The same by one op, where there is one. */
    const learnedAtOnce = (
      keys: Tensor,
      values: Tensor,
      { theta, eta, alpha }: ConstantRates | TokenRates,
      queries?: Tensor
    ): Tensor[] | undefined => {
      const { layers, momentum } = state()
      const given = { keys, values, queries, layers, momentum, rates: [theta, eta, alpha] }
      const stops = frames.stops(p.chunk)
      const done = fusedTitans(given, p.chunk, p.updateFraction, stops)
      if (!done) return undefined
      stops.forEach((steps, i) => frames.after(steps, done.frames[i]))
      surprise.add(done.surprises)
      keep(done)
      return done.answers ? [done.answers] : []
    }

    /** Learn every token in order; with queries, each is answered by the memory as its own token has left it. */
    const pass = (keys: Tensor, values: Tensor, rates: ConstantRates | TokenRates, queries?: Tensor): Tensor[] => {
      const length = keys.shape[1]!
      const surprises: Tensor[] = []
      const answers: Tensor[] = []
      let now = state()
      frames.begin(now.layers[0], length, queries ? 'token' : 'item')
      const fused = learnedAtOnce(keys, values, rates, queries)
      if (fused) return fused
      for (let start = 0; start < length; start += p.chunk) {
        if (p.chunk > 1) {
          const count = Math.min(p.chunk, length - start)
          const part = (x: Tensor): Tensor => x.slice([0, start, 0], [batch, count, x.shape[2]!])
          const [k, v, q] = [part(keys), part(values), queries && part(queries)]
          const done = learnChunk(now, k, v, q, ratesAt(rates, part), p.updateFraction)
          surprises.push(done.surprises)
          if (queries) answers.push(done.answers)
          now = done.state
          frames.after(start + count, now.layers[0])
          continue
        }
        const before = now
        const t = start
        const at = (x: Tensor): Tensor => token(x, t)
        // A long call would otherwise hold what every token computed: six times the memory for each.
        const done = tf.tidy(() => {
          const gradient = neuralGradient(before.layers, at(keys), at(values))
          const chosen: Rates = learned.length
            ? eachRate(ratesAt(rates, at) as TokenRates, tf.sigmoid)
            : (rates as Rates)
          const next = learn(before, gradient, chosen, p.updateFraction)
          const answer: Tensor[] = queries ? [readNeural(next.layers, at(queries))] : []
          return { surprise: gradientNorm(gradient), layers: [...next.layers], momentum: [...next.momentum], answer }
        })
        surprises.push(done.surprise)
        answers.push(...done.answer)
        now = { layers: done.layers, momentum: done.momentum }
        frames.after(t + 1, now.layers[0])
        if (t > 0) tf.dispose([...before.layers, ...(before.momentum ?? [])])
      }
      if (surprises.length) surprise.add(tf.concat(surprises, 1))
      keep(now)
      return answers
    }
    return {
      store: ({ keys, values }) =>
        tf.tidy(() => {
          const fused = fusedMaps([
            projected(key, keys),
            { inputs: [values], layers: [value.layer] },
            ...learned.map((layer): RowMap => ({ inputs: [keys], layers: [layer] }))
          ])
          if (fused) {
            const [k, v, theta, eta, alpha] = fused
            pass(k, v, learned.length ? { theta, eta, alpha } : ratesOf(keys))
          } else pass(ready(key.plain(keys)), value.plain(values), ratesOf(keys))
        }),
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const { layers } = state()
          const { inputs, layers: asking } = projected(query, queries)
          const read = layers.map((weight, l): MapLayer => ({ weight, then: l + 1 < layers.length ? 'silu' : 'none' }))
          const fused = fusedMaps([{ inputs, layers: [...asking, ...read] }])
          return fused?.[0] ?? readNeural(layers, ready(query.plain(queries))).clone()
        }),
      forward: (x) =>
        tf.tidy(() => {
          const queries = ready(query.run(x))
          const outputs = pass(ready(key.run(x)), value.run(x), ratesOf(x), queries)
          return outputs.length ? tf.concat(outputs, 1) : tf.zerosLike(x)
        }),
      targets: (values) => tf.tidy(() => value.plain(values)),
      reset() {
        clear()
        for (const map of maps) map.clear()
        surprise.clear()
        frames.clear()
      },
      traces: async () => [...(await surprise.read()), ...(await frames.read())],
      dispose() {
        clear()
        surprise.clear()
        frames.clear()
        for (const map of maps) map.dispose()
        tf.dispose([...initial, ...learned.flatMap((l) => [l.weight, l.bias])])
      }
    }
  },
  cost(p, { stored, queries, tokens = 0, before }) {
    const { dim: d } = p
    const sizes = layerSizes(p)
    const P = sizes.slice(1).reduce((sum, out, l) => sum + out * sizes[l], 0)
    const hidden = sizes.slice(1, -1).reduce((sum, n) => sum + n, 0)
    const outputs = sizes.slice(1).reduce((sum, n) => sum + n, 0)
    const inputs = sizes.slice(0, -1).reduce((sum, n) => sum + n, 0)
    const ready = p.normalizeKeys ? unitFlops(1, d) : 0
    const sparse = p.updateFraction < 1 ? 5 * outputs : 0
    const rates = p.rates === 'token' ? 3 * (2 * d + 2) : 0
    // Projections, forward pass and errors of a token: the same in every form.
    const learning = 4 * d * d + ready + rates + 2 * P + 5 * hidden + 2 * d + 2 * (P - sizes[0] * sizes[1]) + hidden
    const surprise = 2 * (inputs + outputs) + sparse
    // Rank-one gradient, momentum and forgetting.
    const write = learning + surprise + 7 * P
    const asking = 2 * d * d + ready
    const read = asking + 2 * P + 2 * hidden
    const convolved = convolutionCost(p.convolution, tokens, 3 * d)
    const chunked = p.chunk > 1
    const chunks = (n: number, fresh: boolean): number => {
      let flops = 0
      for (let at = 0; at < n; at += p.chunk)
        flops += chunkFlops(Math.min(p.chunk, n - at), sizes, { moving: !fresh || at > 0, chosen: p.rates === 'token' })
      return flops
    }
    return {
      storeFlops: chunked ? stored * (learning + surprise) + chunks(stored, true) : stored * write,
      retrieveFlops: queries * read,
      forwardFlops:
        convolved.flops +
        (chunked ? tokens * (learning + surprise + asking) + chunks(tokens, before === 0) : tokens * (write + read)),
      parameters: 3 * d * d + P + (p.rates === 'token' ? 3 * (d + 1) : 0) + convolved.parameters,
      state: 2 * P + convolved.state
    }
  }
})

/** The map to a rate of each token, which begins near `rate`: sigma(b) is drawn about it. */
function rateMap(weight: WeightSource, name: string, dim: number, rate: number): Linear {
  const bound = 1 / Math.sqrt(dim)
  const near = Math.min(Math.max(rate, 1e-4), 1 - 1e-4)
  return {
    weight: weight(`${name}.weight`, [1, dim], { kind: 'uniform', bound }),
    bias: weight(`${name}.bias`, [1], { kind: 'uniform', centre: Math.log(near / (1 - near)), bound })
  }
}

const eachRate = ({ theta, eta, alpha }: TokenRates, map: (x: Tensor) => Tensor): TokenRates => ({
  theta: map(theta),
  eta: map(eta),
  alpha: map(alpha)
})

const copies = (tensors: readonly Tensor[]): Tensor[] => tensors.map((t) => tf.keep(t.clone()))

/** Identities of the sequence blocks: each block reduces to its parts, and the writes happen where they should. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import type { Memory, WeightSource } from '../../../src-main/models/model.ts'
import { learnChunk } from '../../../src-main/models/parts/blocks/neural-chunk.ts'
import {
  gradientNorm,
  learn,
  neuralGradient,
  readNeural,
  type NeuralState
} from '../../../src-main/models/parts/blocks/neural-memory.ts'
import { countFlops } from '../../support/count-flops.ts'
import { registry } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

/** Weights by name: those given, or a fixed pseudo-random pattern that depends on the bare name alone. */
function weights(given: Record<string, (shape: readonly number[]) => tf.Tensor> = {}): WeightSource {
  return (name, shape, init) => {
    const make = given[name]
    if (make) return make(shape).expandDims(0)
    if (init.kind === 'zeros') return tf.zeros([1, ...shape])
    const bare = name.replace(/^(neural|episodic|attn|cmr|memories\.\d)\./, '')
    const size = shape.reduce((a, b) => a * b, 1)
    const phase = [...bare].reduce((sum, c) => sum * 7 + c.charCodeAt(0), 0) % 1000
    return tf.tensor(
      Float32Array.from({ length: size }, (_, i) => 0.4 * Math.sin(12.9898 * i + phase)),
      [1, ...shape]
    )
  }
}
const build = (kind: string, params: object, source = weights()): Memory =>
  registry.build(kind, registry.fill(kind, params as Record<string, unknown>), 1, source)
const tokens = (length: number, dim: number, phase = 0): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: length * dim }, (_, i) => Math.sin(1 + 2.3 * i + phase)),
    [1, length, dim]
  )
const run = (memory: Memory, ...calls: tf.Tensor[]): number[] =>
  calls.flatMap((x) => Array.from(memory.forward!(x).dataSync()))
const near = (a: readonly number[], b: readonly number[], digits = 5): void => {
  expect(a.length).toBe(b.length)
  a.forEach((x, i) => expect(x).toBeCloseTo(b[i], digits))
}
const identity = (shape: readonly number[]): tf.Tensor => tf.eye(shape[0], shape[1])

describe('titans', () => {
  it('takes the gradient that finite differences give, at every depth', () => {
    for (const depth of [1, 2, 3]) {
      const sizes = [3, ...new Array<number>(depth - 1).fill(5), 3]
      const layers = sizes.slice(1).map((out, l) =>
        tf.tensor(
          Array.from({ length: out * sizes[l] }, (_, i) => Math.sin(i + l)),
          [1, out, sizes[l]]
        )
      )
      const [k, v] = [tokens(1, 3), tokens(1, 3, 2)]
      const loss = (of: tf.Tensor[]): number => readNeural(of, k).sub(v).square().sum().dataSync()[0]
      const { inputs, errors } = neuralGradient(layers, k, v)
      for (const [l, w] of layers.entries()) {
        const gradient = tf.matMul(errors[l], inputs[l], true, false).dataSync()
        for (let i = 0; i < gradient.length; i++) {
          const h = 1e-2
          const moved = (by: number): tf.Tensor[] =>
            layers.map((other, m) => (m === l ? w.add(tf.oneHot([i], w.size).reshape(w.shape).mul(by)) : other))
          const slope = (loss(moved(h)) - loss(moved(-h))) / (2 * h)
          expect(Math.abs(slope - gradient[i])).toBeLessThan(2e-2 * Math.max(1, Math.abs(slope)))
        }
      }
    }
  })

  it('is the delta rule at depth 1, theta 1/2, without momentum and forgetting, from a zero memory', () => {
    const params = { dim: 6, depth: 1, learningRate: 0.5, momentum: 0, forgetting: 0 }
    const zero = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape])
    const titans = build(
      'titans',
      params,
      weights({
        'W_K.weight': identity,
        'W_V.weight': identity,
        'W_Q.weight': identity,
        'memory.0.weight': zero
      })
    )
    const delta = build('delta-rule', { dim: 6, beta: 1 })
    for (const memory of [titans, delta]) memory.store!({ keys: tokens(9, 6), values: tokens(9, 6, 1) })
    const [a, b] = [titans, delta].map((m) => Array.from(m.retrieve!({ queries: tokens(4, 6, 3) }).dataSync()))
    near(a, b, 4)
  })

  it('chunks of one are the sequential form; longer chunks differ after their first token only', () => {
    const params = { dim: 4, learningRate: 0.1 }
    const x = tokens(6, 4)
    const sequential = run(build('titans', params), x)
    near(run(build('titans', { ...params, chunk: 1 }), x), sequential)
    const chunked = run(build('titans', { ...params, chunk: 3 }), x)
    near(chunked.slice(0, 4), sequential.slice(0, 4))
    expect(Math.max(...chunked.map((v, i) => Math.abs(v - sequential[i])))).toBeGreaterThan(1e-6)
  })

  it('a chunk at once is the same chunk learned token by token, for any depth, sparse or not, however rates are given', () => {
    for (const [depth, fraction, chosen, moving] of [
      [1, 1, false, true],
      [2, 1, false, false],
      [3, 0.4, false, true],
      [1, 1, true, false],
      [2, 1, true, true],
      [3, 0.4, true, true]
    ] as const) {
      const sizes = [4, ...new Array<number>(depth - 1).fill(6), 4]
      const shaped = (phase: number): tf.Tensor[] =>
        sizes.slice(1).map((out, l) =>
          tf.tensor(
            Array.from({ length: out * sizes[l] }, (_, i) => 0.5 * Math.sin(2.7 * i + l + phase)),
            [1, out, sizes[l]]
          )
        )
      const [k, v, q] = [tokens(5, 4), tokens(5, 4, 2), tokens(5, 4, 5)]
      // A token that forgets all, and one whose step does not count, among them.
      const given = {
        theta: tf.tensor3d([-2, 1, -90, 0.5, 3], [1, 5, 1]),
        eta: tf.tensor3d([0.4, -90, 2, 90, -1], [1, 5, 1]),
        alpha: tf.tensor3d([-2, -1, 90, -90, 0.3], [1, 5, 1])
      }
      const rates = chosen ? given : { theta: 0.07, eta: 0.6, alpha: 0.1 }
      const start: NeuralState = { layers: shaped(0), ...(moving && { momentum: shaped(9) }) }
      const { state, answers, surprises } = learnChunk(start, k, v, q, rates, fraction)
      let now: NeuralState = start
      for (let t = 0; t < 5; t++) {
        const at = (x: tf.Tensor): tf.Tensor => x.slice([0, t, 0], [1, 1, 4])
        const gradient = neuralGradient(start.layers, at(k), at(v))
        const own = (x: tf.Tensor | number): tf.Tensor | number =>
          typeof x === 'number' ? x : tf.sigmoid(x.slice([0, t, 0], [1, 1, 1]))
        const { theta, eta, alpha } = rates
        now = learn(now, gradient, { theta: own(theta), eta: own(eta), alpha: own(alpha) }, fraction)
        near(Array.from(at(answers).dataSync()), Array.from(readNeural(now.layers, at(q)).dataSync()))
        expect(surprises.dataSync()[t]).toBeCloseTo(gradientNorm(gradient).dataSync()[0], 5)
      }
      for (const [l, w] of now.layers.entries()) {
        near(Array.from(state.layers[l].dataSync()), Array.from(w.dataSync()))
        near(Array.from(state.momentum![l].dataSync()), Array.from(now.momentum![l].dataSync()))
      }
    }
  })

  it('states the cost of chunks as it is counted', async () => {
    for (const rates of ['constant', 'token']) {
      const params = registry.fill('titans', { dim: 16, chunk: 5, rates })
      const memory = registry.build('titans', params, 1, weights())
      for (const before of [0, 12]) {
        const counted = await countFlops(() => memory.forward!(tokens(12, 16)))
        const { forwardFlops } = registry.cost('titans', params, { stored: 0, before, queries: 0, tokens: 12 })
        expect(Math.abs(forwardFlops! - counted)).toBeLessThan(0.05 * counted)
      }
    }
  })

  it('constant rates and rates of the token agree when the token is ignored', () => {
    const logit =
      (p: number) =>
      (shape: readonly number[]): tf.Tensor =>
        tf.fill([...shape], Math.log(p / (1 - p)))
    const zero = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape])
    const source = weights({
      'theta.weight': zero,
      'eta.weight': zero,
      'alpha.weight': zero,
      'theta.bias': logit(0.02),
      'eta.bias': logit(0.6),
      'alpha.bias': logit(0.01)
    })
    near(
      run(build('titans', { dim: 4, rates: 'token' }, source), tokens(5, 4)),
      run(build('titans', { dim: 4 }), tokens(5, 4))
    )
  })

  it('an update fraction of 0 leaves only momentum and forgetting', () => {
    const memory = build('titans', { dim: 4, updateFraction: 0, forgetting: 0 })
    const q = { queries: tokens(2, 4) }
    const before = Array.from(memory.retrieve!(q).dataSync())
    memory.store!({ keys: tokens(5, 4), values: tokens(5, 4, 1) })
    near(Array.from(memory.retrieve!(q).dataSync()), before)
  })
})

describe('hybrid', () => {
  const params = { dim: 8, heads: 2, memorySlots: 4 }
  const calls = [tokens(5, 8), tokens(5, 8, 4)]
  it('with its gate at 1 is titans', () => {
    near(run(build('hybrid', { ...params, force: 'neural' }), ...calls), run(build('titans', { dim: 8 }), ...calls))
  })
  it('with its gate at 0 is episodic-cmr', () => {
    near(run(build('hybrid', { ...params, force: 'episodic' }), ...calls), run(build('episodic-cmr', params), ...calls))
  })
  it('of three equal shares is the mean of its parts', () => {
    const zero = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape])
    const source = weights({ 'W_g.weight': zero, 'W_g.bias': zero })
    const parts = [build('titans', { dim: 8 }), build('episodic-cmr', params), build('attention', { dim: 8, heads: 2 })]
    const each = parts.map((part) => run(part, calls[0]))
    near(
      run(build('hybrid', { ...params, attention: 'attention' }, source), calls[0]),
      each[0].map((_, i) => (each[0][i] + each[1][i] + each[2][i]) / 3)
    )
  })
})

describe('attention with CMR', () => {
  const params = { dim: 8, heads: 2, memorySlots: 4, memory: 'episodic' }
  const x = tokens(6, 8)
  const part = { dim: 8, heads: 2 }
  it('in parallel, joined by [I 0], is attention alone; by [0 I], the memory alone', () => {
    const joined =
      (from: number) =>
      (shape: readonly number[]): tf.Tensor =>
        tf.oneHot(tf.range(from, from + 8, 1, 'int32'), shape[1]).toFloat()
    const source = (from: number): WeightSource =>
      weights({ 'combine.weight': joined(from), 'combine.bias': (s) => tf.zeros([...s]) })
    near(run(build('parallel-attention-cmr', params, source(0)), x), run(build('attention', part), x))
    near(
      run(build('parallel-attention-cmr', params, source(8)), x),
      run(build('episodic-cmr', { ...part, memorySlots: 4 }), x)
    )
  })
  it('in series is one after the other, in either order', () => {
    const attention = (): Memory => build('attention', part)
    const cmr = (): Memory => build('episodic-cmr', { ...part, memorySlots: 4 })
    near(run(build('series-attention-cmr', params), x), run(cmr(), attention().forward!(x)))
    near(run(build('series-attention-cmr', { ...params, order: 'cmr-first' }), x), run(attention(), cmr().forward!(x)))
  })
})

describe('episodic-cmr', () => {
  const base = { dim: 8, heads: 2, memorySlots: 3 }
  const x = tokens(7, 8)
  it('given turns at every second token is segments of two', () => {
    const turns = build('episodic-cmr', { ...base, write: 'turn' }).forward!(x, { turns: [1, 3, 5] })
    near(Array.from(turns.dataSync()), run(build('episodic-cmr', { ...base, segment: 2 }), x))
  })
  it('with an event at every token writes after each; the first token, with none before it, joins the second', () => {
    const event = run(build('episodic-cmr', { ...base, write: 'event', threshold: 1e-6 }), x)
    const memory = build('episodic-cmr', { ...base, write: 'turn', summary: 'mean' })
    near(event, Array.from(memory.forward!(x, { turns: [1, 2, 3, 4, 5, 6] }).dataSync()))
  })
  it('with no event over the threshold writes one mean a call', () => {
    const calls = [x, tokens(4, 8, 9), tokens(3, 8, 2)]
    const whole = { ...base, segment: 100, summary: 'mean' }
    near(
      run(build('episodic-cmr', { ...base, write: 'event', threshold: 2 }), ...calls),
      run(build('episodic-cmr', whole), ...calls)
    )
  })
  it('in two calls is in one, where the segments end at the same tokens', () => {
    const both = build('episodic-cmr', base)
    const apart = [x.slice([0, 0, 0], [1, 3, 8]), x.slice([0, 3, 0], [1, 4, 8])]
    near(run(both, ...apart), run(build('episodic-cmr', base), x))
  })
  it('fades values by the writes since: with decay 0 only the newest is read', () => {
    const faded = run(build('episodic-cmr', { ...base, decay: 1e-9 }), x)
    const full = run(build('episodic-cmr', base), x)
    near(faded.slice(0, 16), full.slice(0, 16))
    expect(Math.abs(faded[40] - full[40])).toBeGreaterThan(1e-4)
  })
  it('flushed before each call forgets the last one', () => {
    const memory = build('episodic-cmr', { ...base, flush: 'call' })
    near(run(memory, tokens(5, 8, 1), x).slice(40), run(build('episodic-cmr', base), x))
  })
  it('reaches M segments back, and M further with every layer of a stack', () => {
    const [slots, layers] = [3, 2]
    const blocks = [{ kind: 'episodic-cmr', params: { ...base, memorySlots: slots } }]
    const stack = { dim: 8, blocks, layers, expansion: 1, shift: 'none' }
    const last = (from: tf.Tensor): number[] => run(build('transformer', stack), from).slice(-8)
    const [length, whole] = [9, tokens(9, 8)]
    const changed = (back: number): tf.Tensor =>
      whole.add(
        tf
          .oneHot(tf.tensor1d([length - 1 - back], 'int32'), length)
          .toFloat()
          .reshape([1, length, 1])
          .mul(tokens(1, 8, 6))
      )
    expect(last(changed(slots * layers + 1))).toEqual(last(whole))
    const reached = last(changed(slots * layers)).map((y, i) => Math.abs(y - last(whole)[i]))
    expect(Math.max(...reached)).toBeGreaterThan(1e-5)
  })
  it('reading the best of one entry reads that entry', () => {
    near(
      run(build('episodic-cmr', { ...base, memorySlots: 1, topK: 1 }), x),
      run(build('episodic-cmr', { ...base, memorySlots: 1 }), x)
    )
  })
})

describe('hierarchical-context', () => {
  it('adds the mean of what its three memories read at the place and time of each token, over two calls', () => {
    const params = { dim: 8, heads: 2, spatialDim: 4, temporalDim: 4 }
    const [a, b] = [tokens(3, 8), tokens(2, 8, 5)]
    const got = run(build('hierarchical-context', params), a, b)
    const all = tf.concat([a, b], 1)
    const reads = [1, 10, 100].map((pace) => {
      const memory = build('hierarchical', params)
      return Array.from({ length: 5 }, (_, t) => {
        const h = all.slice([0, t, 0], [1, 1, 8])
        memory.store!({ keys: h, values: h, positions: [t], times: [pace * t], importances: [1] })
        return Array.from(memory.retrieve!({ queries: h, position: t, time: pace * t }).dataSync())
      }).flat()
    })
    near(
      got,
      Array.from(all.dataSync()).map((x, i) => x + (reads[0][i] + reads[1][i] + reads[2][i]) / 3)
    )
  })
})

describe('titans with attention', () => {
  const params = { dim: 8, heads: 2 }
  const x = tokens(5, 8)
  it('as a layer is attention over what titans answers', () => {
    const z = build('titans', { dim: 8 }).forward!(x)
    near(run(build('titans-attention', { ...params, placement: 'layer' }), x), run(build('attention', params), z))
  })
  it('behind a closed gate is titans, behind an open one attention', () => {
    const gated = (bias: number): Memory => {
      const zero = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape])
      const source = weights({ 'W_g.weight': zero, 'W_g.bias': (shape) => tf.fill([...shape], bias) })
      return build('titans-attention', { ...params, placement: 'gate' }, source)
    }
    near(run(gated(-40), x), run(build('titans', { dim: 8 }), x))
    near(run(gated(40), x), run(build('attention', params), x))
  })
  it('as context sees the memory’s answer before each token, and none to come', () => {
    const z = build('titans', { dim: 8 }).forward!(x)
    const woven = Array.from({ length: 5 }, (_, t) => [z, x].map((all) => all.slice([0, t, 0], [1, 1, 8]))).flat()
    const both = Array.from(build('attention', params).forward!(tf.concat(woven, 1)).dataSync())
    const wanted = both.filter((_, i) => Math.floor(i / 8) % 2 === 1)
    near(run(build('titans-attention', params), x), wanted)
  })
})

describe('attention maps', () => {
  it('show one map a head whose rows add up to one and see nothing to come', async () => {
    const memory = build('attention', { dim: 8, heads: 2 })
    expect(await memory.traces!()).toEqual([])
    run(memory, tokens(4, 8))
    const traces = await memory.traces!()
    expect(traces.map(({ name }) => name)).toEqual(['attention.0', 'attention.1'])
    for (const { perTrial } of traces) {
      const { shape, data } = perTrial[0] as { shape: readonly number[]; data: readonly number[] }
      expect(shape).toEqual([4, 4])
      for (let t = 0; t < 4; t++) {
        const row = data.slice(4 * t, 4 * t + 4)
        expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
        expect(row.slice(t + 1).every((share) => share === 0)).toBe(true)
      }
    }
  })
})

/** What memories show of their contents over time, against the definitions worked out in plain loops. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Memory, Trace } from '../../../src-main/models/model.ts'
import { registry } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

type Row = number[]
type Matrix = Row[]

const dim = 6
const tokens = (length: number, phase = 0): Matrix =>
  Array.from({ length }, (_, t) => Array.from({ length: dim }, (_, i) => Math.sin(1.3 * t * dim + 2.1 * i + phase)))
const dot = (a: Row, b: Row): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
const times = (m: Matrix, x: Row): Row => m.map((row) => dot(row, x))
const unit = (x: Row): Row => x.map((v) => v / Math.sqrt(dot(x, x)))
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const outer = (a: Row, b: Row): Matrix => a.map((x) => b.map((y) => x * y))
const plus = (a: Matrix, b: Matrix, scale = 1): Matrix => a.map((row, i) => row.map((x, j) => x + scale * b[i][j]))
const scaled = (a: Matrix, by: number): Matrix => a.map((row) => row.map((x) => x * by))
const zeros = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0))

function built(
  kind: string,
  params: Record<string, unknown>,
  observed = true
): { memory: Memory; w: Record<string, Matrix> } {
  const w: Record<string, Matrix> = {}
  const source = philoxWeights(['frames'])
  const filled = registry.fill(kind, { dim, ...params })
  const memory = registry.build(
    kind,
    filled,
    1,
    (name, shape, init) => {
      const tensor = source(name, shape, init)
      const data = Array.from(tensor.dataSync())
      const width = shape[1] ?? 1
      w[name] = Array.from({ length: shape[0] }, (_, i) => data.slice(i * width, (i + 1) * width))
      return tensor
    },
    observed
  )
  return { memory, w }
}
const forward = (memory: Memory, x: Matrix): void => tf.dispose(memory.forward!(tf.tensor([x])))

interface Frames {
  moments: string[]
  matrices: (number | null)[][][]
}
async function framesOf(memory: Memory, name: string): Promise<Frames> {
  const trace = (await memory.traces!()).find((one) => one.name === name) as Trace
  expect(trace.kind).toBe('frames')
  const { shape, data, labels } = trace.perTrial[0] as { shape: number[]; data: number[]; labels: string[] }
  const [count, rows, columns] = shape
  expect(labels).toHaveLength(count + rows + columns)
  return {
    moments: labels.slice(0, count),
    matrices: Array.from({ length: count }, (_, f) =>
      Array.from({ length: rows }, (_, r) =>
        Array.from({ length: columns }, (_, c) => {
          const value = data[(f * rows + r) * columns + c]
          return Number.isNaN(value) ? null : value
        })
      )
    )
  }
}
/** Four digits are kept. */
function near(got: (number | null)[][], wanted: (number | null)[][]): void {
  expect(got.map((row) => row.length)).toEqual(wanted.map((row) => row.length))
  got.forEach((row, r) =>
    row.forEach((x, c) => {
      const y = wanted[r][c]
      if (x === null || y === null) expect(x).toBe(y)
      else expect(Math.abs(x - y)).toBeLessThan(1e-3 * Math.max(0.1, Math.abs(y)))
    })
  )
}

describe('matrices of linear recurrences over the tokens of the last call', () => {
  const heads = 2
  const size = dim / heads
  const head = (x: Row, h: number): Row => x.slice(h * size, (h + 1) * size)
  // Longer than a chunk, so that the states are pieced together.
  const calls = [tokens(5), tokens(48, 4)]
  const states: Record<string, (w: Record<string, Matrix>, h: number) => (s: Matrix, x: Row) => Matrix> = {
    'linear-attention': (w, h) => (s, x) => {
      const phi = head(times(w['W_k.weight'], x), h).map((v) => (v > 0 ? v + 1 : Math.exp(v)))
      return plus(s, outer(phi, head(times(w['W_v.weight'], x), h)))
    },
    retnet: (w, h) => (s, x) => {
      const [k, v] = ['W_k', 'W_v'].map((name) => head(times(w[`${name}.weight`], x), h))
      return plus(scaled(s, 1 - 2 ** (-5 - h)), outer(k, v))
    },
    'mamba-2': (w, h) => (s, x) => {
      const silu = (v: number): number => v * sigmoid(v)
      const delta = Math.log1p(Math.exp(dot(w['dt.weight'][h], x) + w['dt.bias'][h][0]))
      const b = times(w['W_B.weight'], x).map(silu)
      const u = head(times(w['W_x.weight'], x).map(silu), h)
      return plus(scaled(s, Math.exp(-Math.exp(w.A_log[h][0]) * delta)), outer(b, u), delta)
    },
    'gated-delta-rule': (w, h) => (s, x) => {
      const delta = Math.log1p(Math.exp(dot(w['dt.weight'][h], x) + w['dt.bias'][h][0]))
      const keep = Math.exp(-Math.exp(w.A_log[h][0]) * delta)
      const strength = sigmoid(dot(w['beta.weight'][h], x) + w['beta.bias'][h][0])
      const k = unit(head(times(w['W_k.weight'], x), h))
      const v = head(times(w['W_v.weight'], x), h)
      const known = v.map((_, j) => keep * k.reduce((sum, x, i) => sum + x * s[i][j], 0))
      const wrong = v.map((x, j) => x - known[j])
      return plus(scaled(s, keep), outer(k, wrong), strength)
    }
  }
  it.each(Object.keys(states))('%s', async (kind) => {
    const { memory, w } = built(kind, { heads, convolution: 'none', ...(kind === 'mamba-2' && { stateSize: 4 }) })
    for (const call of calls) forward(memory, call)
    const rows = kind === 'mamba-2' ? 4 : size
    for (let h = 0; h < heads; h++) {
      const { moments, matrices } = await framesOf(memory, `state.${h}`)
      const step = states[kind](w, h)
      let s = calls[0].reduce(step, zeros(rows, size))
      expect(moments[0]).toBe('before token 1 of 48')
      near(matrices[0], s)
      calls[1].forEach((x, t) => {
        s = step(s, x)
        const frame = moments.indexOf(`after token ${t + 1} of 48`)
        expect(frame >= 0).toBe(t % 3 === 2)
        if (frame >= 0) near(matrices[frame], s)
      })
    }
    memory.dispose()
  })
})

describe('the weights of titans', () => {
  const params = { depth: 1, learningRate: 0.1, momentum: 0.5, forgetting: 0.1 }
  /** M over tokens, and S behind it: momentum of the gradient 2 (M k - v) k^T. */
  function byHand(w: Record<string, Matrix>, x: Matrix): Matrix[] {
    let m = w['memory.0.weight']
    let s = zeros(dim, dim)
    return [
      m,
      ...x.map((token) => {
        const [k, v] = [unit(times(w['W_K.weight'], token)), times(w['W_V.weight'], token)]
        const error = times(m, k).map((y, i) => 2 * (y - v[i]))
        s = plus(scaled(s, 0.5), outer(error, k), -0.1)
        m = plus(scaled(m, 0.9), s)
        return m
      })
    ]
  }
  it('change token by token as the gradient step says', async () => {
    const { memory, w } = built('titans', params)
    const x = tokens(7)
    forward(memory, x)
    const { moments, matrices } = await framesOf(memory, 'memory')
    expect(moments).toEqual(['before token 1 of 7', ...x.map((_, t) => `after token ${t + 1} of 7`)])
    byHand(w, x).forEach((m, i) => near(matrices[i], m))
    memory.dispose()
  })
  it('are shown at the ends of chunks, where they exist, and item by item when they are stored', async () => {
    const { memory } = built('titans', { ...params, chunk: 4 })
    forward(memory, tokens(10))
    expect((await framesOf(memory, 'memory')).moments).toEqual([
      'before token 1 of 10',
      ...[4, 8, 10].map((t) => `after token ${t} of 10`)
    ])
    memory.dispose()
    const stored = built('titans', params)
    const x = tf.tensor([tokens(2)])
    stored.memory.store!({ keys: x, values: x })
    const { moments, matrices } = await framesOf(stored.memory, 'memory')
    expect(moments.at(-1)).toBe('after item 2 of 2')
    near(matrices[2], byHand(stored.w, tokens(2))[2])
    stored.memory.dispose()
  })
})

describe('the bank of episodic-cmr', () => {
  it('shows the values that each token sees, oldest first, faded, and blank where nothing is yet', async () => {
    const { memory, w } = built('episodic-cmr', { heads: 2, memorySlots: 3, segment: 2, decay: 0.5 })
    const calls = [tokens(2), tokens(7, 5)]
    for (const call of calls) forward(memory, call)
    const { moments, matrices } = await framesOf(memory, 'bank')
    expect(moments).toEqual(calls[1].map((_, t) => `as token ${t + 1} of 7 sees it`))
    const value = (x: Row): Row => times(w['W_v.weight'], x)
    const written = [value(calls[0][1]), ...[1, 3, 5].map((t) => value(calls[1][t]))]
    const blank = new Array<null>(dim).fill(null)
    for (const [t, frame] of matrices.entries()) {
      const seen = written.slice(0, 1 + Math.floor(t / 2)).slice(-3)
      const rows = seen.map((row, i) => row.map((v) => v * 0.5 ** (seen.length - 1 - i)))
      near(frame, [...rows, ...Array.from({ length: 3 - rows.length }, () => blank)])
    }
    memory.dispose()
  })

  it('written by events shows each trial its own entries', async () => {
    const { memory, w } = built('episodic-cmr', { heads: 1, memorySlots: 3, write: 'event', threshold: 2 })
    forward(memory, tokens(4))
    forward(memory, tokens(2, 3))
    const { matrices } = await framesOf(memory, 'bank')
    const mean = tokens(4)[0].map((_, i) => tokens(4).reduce((sum, x) => sum + x[i] / 4, 0))
    for (const frame of matrices) near(frame, [times(w['W_v.weight'], mean)])
    memory.dispose()
  })
})

describe('matrices that store calls write', () => {
  const pairs = Array.from({ length: 40 }, (_, i) => ({ k: tokens(1, i)[0], v: tokens(1, i + 0.5)[0] }))
  function storing(memory: Memory, count: number): void {
    for (const { k, v } of pairs.slice(0, count)) memory.store!({ keys: tf.tensor([[k]]), values: tf.tensor([[v]]) })
  }
  it('linear-associator: the sum of outer products after each call, and nothing for one call', async () => {
    const { memory } = built('linear-associator', {})
    storing(memory, 1)
    expect(await memory.traces!()).toEqual([])
    memory.reset()
    storing(memory, 3)
    const { moments, matrices } = await framesOf(memory, 'matrix')
    expect(moments).toEqual(['after store 1', 'after store 2', 'after store 3'])
    let sum = zeros(dim, dim)
    pairs.slice(0, 3).forEach(({ k, v }, i) => near(matrices[i], (sum = plus(sum, outer(v, k)))))
    memory.dispose()
  })
  it('delta-rule: what the key recalled is taken away first; of many calls some are shown, the last among them', async () => {
    const { memory } = built('delta-rule', {})
    storing(memory, 37)
    const { moments, matrices } = await framesOf(memory, 'matrix')
    expect(moments).toEqual([...Array.from({ length: 9 }, (_, i) => `after store ${4 * i + 4}`), 'after store 37'])
    let s = zeros(dim, dim)
    pairs.slice(0, 37).forEach(({ k, v }, i) => {
      const key = unit(k)
      const known = v.map((_, j) => key.reduce((sum, x, r) => sum + x * s[r][j], 0))
      s = plus(
        s,
        outer(
          key,
          v.map((x, j) => x - known[j])
        )
      )
      const frame = moments.indexOf(`after store ${i + 1}`)
      if (frame >= 0) near(matrices[frame], s)
    })
    memory.dispose()
  })
  it('fast-weights: projected outer products times the rate', async () => {
    const { memory } = built('fast-weights', { projections: 'identity', learningRate: 0.5 })
    storing(memory, 2)
    const { matrices } = await framesOf(memory, 'matrix')
    near(
      matrices[0],
      outer(
        pairs[0].k.map((x) => 0.5 * x),
        pairs[0].v
      )
    )
    memory.dispose()
  })
})

describe('blocks made of others', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['hybrid', { heads: 2 }, ['neural.memory', 'episodic.bank']],
    ['titans-attention', { heads: 2 }, ['neural.memory']],
    ['parallel-attention-cmr', { heads: 2, memory: 'episodic' }, ['cmr.bank']],
    ['series-attention-cmr', { heads: 2, memory: 'episodic' }, ['cmr.bank']],
    [
      'transformer',
      { layers: 2, blocks: [{ kind: 'retnet', params: { dim, heads: 1 } }] },
      ['layers.0.state', 'layers.1.state']
    ]
  ])('%s passes the frames of its parts on under their names', async (kind, params, names) => {
    const { memory } = built(kind, params)
    forward(memory, tokens(5))
    const traces = await memory.traces!()
    expect(traces.filter((trace) => trace.kind === 'frames').map(({ name }) => name)).toEqual(names)
    expect(new Set(traces.map(({ name }) => name)).size).toBe(traces.length)
    memory.dispose()
  })

  it('that nobody will look at keep nothing for it', async () => {
    for (const kind of ['hybrid', 'retnet', 'titans', 'episodic-cmr']) {
      const { memory } = built(kind, 'heads' in registry.model(kind).params ? { heads: 2 } : {}, false)
      forward(memory, tokens(5))
      expect((await memory.traces!()).filter((trace) => trace.kind === 'frames')).toEqual([])
      memory.dispose()
    }
  })
})

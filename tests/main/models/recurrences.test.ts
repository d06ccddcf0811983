/** Linear-recurrent blocks against plain loops that know only the recurrence: token by token, no chunks. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import { recurrenceChunk } from '../../../src-main/models/parts/blocks/linear-recurrence.ts'
import { registry } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

type Row = number[]
type Matrix = Row[]

const dim = 6
const heads = 2
const size = dim / heads
const length = recurrenceChunk + 9

/** Every weight the block asked for, as nested arrays. */
function built(kind: string, params: object = {}): { memory: Memory; w: Record<string, Matrix> } {
  const w: Record<string, Matrix> = {}
  const source = philoxWeights(['recurrence'])
  const memory = registry.build(kind, registry.fill(kind, { dim, heads, ...params }), 1, (name, shape, init) => {
    const tensor = source(name, shape, init)
    const data = Array.from(tensor.dataSync())
    const width = shape.length > 1 ? shape.at(-1)! : 1
    w[name] = Array.from({ length: shape[0] }, (_, i) => data.slice(i * width, (i + 1) * width))
    return tensor
  })
  return { memory, w }
}

const inputs: Matrix = Array.from({ length }, (_, t) =>
  Array.from({ length: dim }, (_, i) => Math.sin(3.1 * t * dim + 1.7 * i))
)
/** The block's answers to the tokens, in two calls: its memory is kept between them. */
function answers(memory: Memory): Matrix {
  const out = [inputs.slice(0, recurrenceChunk + 3), inputs.slice(recurrenceChunk + 3)].flatMap((part) =>
    Array.from((memory.forward!(tf.tensor([part])).arraySync() as number[][][])[0])
  )
  memory.dispose()
  return out
}

const dot = (a: Row, b: Row): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
const times = (m: Matrix, x: Row): Row => m.map((row) => dot(row, x))
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const silu = (x: number): number => x * sigmoid(x)
const softplus = (x: number): number => Math.log1p(Math.exp(x))
const unit = (x: Row): Row => x.map((v) => v / Math.sqrt(dot(x, x)))
const norm = (x: Row): Row => x.map((v) => v / Math.sqrt(dot(x, x) / x.length + 1e-6))
const head = (x: Row, h: number): Row => x.slice(h * size, (h + 1) * size)
const add = (a: Row, b: Row): Row => a.map((x, i) => x + b[i])
const zeros = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0))
/** q S */
const read = (q: Row, s: Matrix): Row => s[0].map((_, j) => q.reduce((sum, x, i) => sum + x * s[i][j], 0))
const write = (s: Matrix, k: Row, v: Row, keep: number): Matrix =>
  s.map((row, i) => row.map((x, j) => keep * x + k[i] * v[j]))

function near(got: Matrix, wanted: Matrix): void {
  expect(got.length).toBe(wanted.length)
  got.forEach((row, t) => row.forEach((x, i) => expect(Math.abs(x - wanted[t][i])).toBeLessThan(2e-4)))
}
const bias = (w: Matrix): Row => w.map(([x]) => x)

/** z_t = x_t W^T; with the short convolution silu of the sum over the last four z; `plain` is what else follows the map. */
function mapped(w: Record<string, Matrix>, map: string, kernel: string, plain = (x: number) => x): (x: Row) => Row {
  const past: Matrix = []
  const c = w[`${kernel}.weight`] as Matrix | undefined
  return (x) => {
    const z = times(w[`${map}.weight`], x)
    past.unshift(z)
    if (!c) return z.map(plain)
    return z.map((_, i) => silu([0, 1, 2, 3].reduce((sum, ago) => sum + c[i][3 - ago] * (past[ago]?.[i] ?? 0), 0)))
  }
}
const qkv = (w: Record<string, Matrix>): ((x: Row) => Matrix) => {
  const maps = ['q', 'k', 'v'].map((name) => mapped(w, `W_${name}`, `${name}_conv1d`))
  return (x) => maps.map((map) => map(x))
}

describe.each(['none', 'short'])(
  'with the convolution "%s", a block in chunks gives what its recurrence gives',
  (convolution) => {
    it('linear-attention', () => {
      const { memory, w } = built('linear-attention', { convolution })
      const phi = (x: Row): Row => x.map((v) => (v > 0 ? v + 1 : Math.exp(v)))
      const states = Array.from({ length: heads }, () => ({ s: zeros(size, size), z: new Array<number>(size).fill(0) }))
      const maps = qkv(w)
      const wanted = inputs.map((x) => {
        const all = maps(x)
        const joined = states.flatMap((state, h) => {
          const [q, k, v] = all.map((y) => head(y, h))
          state.s = write(state.s, phi(k), v, 1)
          state.z = add(state.z, phi(k))
          const below = dot(phi(q), state.z)
          return read(phi(q), state.s).map((y) => y / below)
        })
        return add(times(w['out.weight'], joined), bias(w['out.bias']))
      })
      near(answers(memory), wanted)
    })

    it('retnet', () => {
      const { memory, w } = built('retnet', { convolution })
      const states = Array.from({ length: heads }, () => zeros(size, size))
      const maps = qkv(w)
      const wanted = inputs.map((x) => {
        const all = maps(x)
        const joined = states.flatMap((_, h) => {
          const [q, k, v] = all.map((y) => head(y, h))
          states[h] = write(states[h], k, v, 1 - 2 ** (-5 - h))
          return norm(read(q, states[h]).map((y) => y / Math.sqrt(size)))
        })
        const gate = times(w['W_g.weight'], x).map(silu)
        return times(
          w['W_o.weight'],
          joined.map((y, i) => y * gate[i])
        )
      })
      near(answers(memory), wanted)
    })

    it('mamba-2', () => {
      const { memory, w } = built('mamba-2', { stateSize: 4, convolution })
      const states = Array.from({ length: heads }, () => zeros(4, size))
      const maps = ['x', 'B', 'C'].map((name) => mapped(w, `W_${name}`, `${name}_conv1d`, silu))
      const wanted = inputs.map((x) => {
        const [u, b, c] = maps.map((map) => map(x))
        const delta = add(times(w['dt.weight'], x), bias(w['dt.bias'])).map(softplus)
        const joined = states.flatMap((_, h) => {
          const keep = Math.exp(-Math.exp(w.A_log[h][0]) * delta[h])
          const value = head(u, h)
          states[h] = write(
            states[h],
            b,
            value.map((v) => v * delta[h]),
            keep
          )
          return add(
            read(c, states[h]),
            value.map((v) => v * w.D[h][0])
          )
        })
        const gate = times(w['W_z.weight'], x).map(silu)
        return times(w['W_o.weight'], norm(joined.map((y, i) => y * gate[i])))
      })
      near(answers(memory), wanted)
    })

    it('gated-delta-rule', () => {
      const { memory, w } = built('gated-delta-rule', { convolution })
      const maps = qkv(w)
      const states = Array.from({ length: heads }, () => zeros(size, size))
      const wanted = inputs.map((x) => {
        const delta = add(times(w['dt.weight'], x), bias(w['dt.bias'])).map(softplus)
        const strength = add(times(w['beta.weight'], x), bias(w['beta.bias'])).map(sigmoid)
        const all = maps(x)
        const joined = states.flatMap((_, h) => {
          const [q, k, v] = all.map((y) => head(y, h))
          const key = unit(k)
          const keep = Math.exp(-Math.exp(w.A_log[h][0]) * delta[h])
          const known = read(key, states[h])
          states[h] = write(
            states[h],
            key,
            v.map((value, j) => strength[h] * (value - keep * known[j])),
            keep
          )
          return norm(read(unit(q), states[h]))
        })
        const gate = times(w['W_g.weight'], x).map(silu)
        return times(
          w['W_o.weight'],
          joined.map((y, i) => y * gate[i])
        )
      })
      near(answers(memory), wanted)
    })
  }
)

describe('the gated delta rule', () => {
  it('replaces the value of a key that comes again, where linear attention adds the two up', () => {
    const same = [inputs[0], inputs[0]]
    const { memory, w } = built('gated-delta-rule', { convolution: 'none' })
    // Full strength and no fading: the write of a repeated token changes nothing.
    memory.dispose()
    const strong = registry.build(
      'gated-delta-rule',
      registry.fill('gated-delta-rule', { dim, heads, convolution: 'none' }),
      1,
      (name, shape) => {
        if (name === 'beta.bias') return tf.fill([1, ...shape], 30)
        if (name === 'A_log') return tf.fill([1, ...shape], -30)
        return tf.tensor(w[name].flat(), [1, ...shape])
      }
    )
    const [once, twice] = (strong.forward!(tf.tensor([same])).arraySync() as number[][][])[0]
    strong.dispose()
    near([twice], [once])
  })
})

describe.each(['linear-attention', 'delta-net', 'gated-delta-rule', 'mamba-2', 'retnet', 'titans'])('%s', (kind) => {
  it.each(['none', 'short'])(
    'holds the weights and the state that it states, with the convolution "%s"',
    (convolution) => {
      const given = { dim, ...(kind !== 'titans' && { heads }), convolution }
      const params = registry.fill(kind, given)
      const cost = registry.cost(kind, params, { stored: 0, before: 0, queries: 0, tokens: length })
      const start = tf.memory().numBytes
      const memory = registry.build(kind, params, 1, philoxWeights(['held']), false)
      expect(tf.memory().numBytes - start).toBe(4 * cost.parameters)
      const tokens = tf.tensor([inputs])
      tf.dispose([memory.forward!(tokens), tokens])
      // The reports of its surprise are no part of the memory of Titans.
      const traced = kind === 'titans' ? 4 * length : 0
      expect(tf.memory().numBytes - start).toBe(4 * (cost.parameters + cost.state) + traced)
      memory.dispose()
      expect(tf.memory().numBytes).toBe(start)
    }
  )
})

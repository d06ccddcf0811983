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
    const width = shape.length > 1 ? shape[1] : 1
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

describe('a block in chunks gives what its recurrence gives token by token', () => {
  it('linear-attention', () => {
    const { memory, w } = built('linear-attention')
    const phi = (x: Row): Row => x.map((v) => (v > 0 ? v + 1 : Math.exp(v)))
    const states = Array.from({ length: heads }, () => ({ s: zeros(size, size), z: new Array<number>(size).fill(0) }))
    const wanted = inputs.map((x) => {
      const joined = states.flatMap((state, h) => {
        const [q, k, v] = ['W_q', 'W_k', 'W_v'].map((name) => head(times(w[`${name}.weight`], x), h))
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
    const { memory, w } = built('retnet')
    const states = Array.from({ length: heads }, () => zeros(size, size))
    const wanted = inputs.map((x) => {
      const joined = states.flatMap((_, h) => {
        const [q, k, v] = ['W_q', 'W_k', 'W_v'].map((name) => head(times(w[`${name}.weight`], x), h))
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
    const { memory, w } = built('mamba-2', { stateSize: 4 })
    const states = Array.from({ length: heads }, () => zeros(4, size))
    const wanted = inputs.map((x) => {
      const u = times(w['W_x.weight'], x).map(silu)
      const [b, c] = ['W_B', 'W_C'].map((name) => times(w[`${name}.weight`], x).map(silu))
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
    const { memory, w } = built('gated-delta-rule')
    const states = Array.from({ length: heads }, () => zeros(size, size))
    const wanted = inputs.map((x) => {
      const delta = add(times(w['dt.weight'], x), bias(w['dt.bias'])).map(softplus)
      const strength = add(times(w['beta.weight'], x), bias(w['beta.bias'])).map(sigmoid)
      const joined = states.flatMap((_, h) => {
        const [q, k, v] = ['W_q', 'W_k', 'W_v'].map((name) => head(times(w[`${name}.weight`], x), h))
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
})

describe('the gated delta rule', () => {
  it('replaces the value of a key that comes again, where linear attention adds the two up', () => {
    const same = [inputs[0], inputs[0]]
    const { memory, w } = built('gated-delta-rule')
    // Full strength and no fading: the write of a repeated token changes nothing.
    memory.dispose()
    const strong = registry.build(
      'gated-delta-rule',
      registry.fill('gated-delta-rule', { dim, heads }),
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

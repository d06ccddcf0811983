/** One call, the same tokens one by one, and any cut into calls give the same answers, also where keys repeat or vanish. */
import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import { builtInModels } from '../../../src-main/models/registry.ts'
import { registry } from '../../support/drive-memory.ts'

/** Blocks whose answers depend on where a call begins, and why. */
const byCall = new Map([
  ['attention', 'sees the tokens of its call'],
  ['parallel-attention-cmr', 'has attention inside'],
  ['series-attention-cmr', 'has attention inside'],
  ['titans-attention', 'has attention inside'],
  ['augmented-attention', 'has attention inside']
])

type Params = Record<string, unknown>
const dim = 8
const recurrent = ['linear-attention', 'delta-net', 'gated-delta-rule', 'mamba-2', 'retnet', 'titans']

function cases(): [string, Params][] {
  const sequence = builtInModels.filter(({ id, interfaces }) => interfaces.includes('sequence') && !byCall.has(id))
  return sequence.flatMap(({ id, params }): [string, Params][] => {
    const few = { ...('heads' in params && { heads: 2 }), ...('memorySlots' in params && { memorySlots: 5 }) }
    if (id === 'transformer')
      return [
        [
          id,
          {
            shift: 'none',
            blocks: recurrent.map((kind) => ({ kind, params: kind === 'titans' ? {} : { heads: 2 } })),
            layers: 6
          }
        ]
      ]
    if (id === 'retnet')
      return [
        [id, few],
        [id, { ...few, positions: 'rotary', convolution: 'short' }]
      ]
    if ('convolution' in params) return ['none', 'short'].map((convolution) => [id, { ...few, convolution }])
    if (id === 'episodic-cmr')
      return [
        [id, few],
        [id, { ...few, decay: 0.9, similarity: 'cosine' }]
      ]
    return [[id, few]]
  })
}

const words = Array.from({ length: 5 }, (_, w) =>
  Array.from({ length: dim }, (_, i) => Math.sin(5.3 * w * dim + 2.9 * i))
)
/** A token: one of a few words, a word with a little noise, nothing at all, or a very large or small one. */
const token = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...words), fc.integer({ min: -9, max: 9 }))
      .map(([w, n]) => w.map((x, i) => x + 1e-3 * n * Math.cos(i)))
  },
  { weight: 1, arbitrary: fc.constant(new Array<number>(dim).fill(0)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...words), fc.constantFrom(30, 1e-3)).map(([w, by]) => w.map((x) => x * by))
  }
)
const sequence = fc.oneof(
  fc.array(token, { minLength: 1, maxLength: 70 }),
  // One word again and again, over more than a chunk.
  fc.tuple(fc.constantFrom(...words), fc.integer({ min: 33, max: 70 })).map(([w, n]) => new Array<number[]>(n).fill(w))
)
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 })

function answers(kind: string, params: Params, calls: number[][][]): number[] {
  const memory = registry.build(kind, registry.fill(kind, params, { dim }), 1, philoxWeights(['calls']), false)
  const out = calls.flatMap((call) => {
    const tokens = tf.tensor3d([call])
    const answer = memory.forward!(tokens)
    const data = [...answer.dataSync()]
    tf.dispose([tokens, answer])
    return data
  })
  memory.dispose()
  return out
}

function cutInto(tokens: number[][], sizes: readonly number[]): number[][][] {
  const calls: number[][][] = []
  for (let at = 0, i = 0; at < tokens.length; at += sizes[i++ % sizes.length])
    calls.push(tokens.slice(at, at + sizes[i % sizes.length]))
  return calls
}

function near(got: number[], wanted: number[]): void {
  expect(got.length).toBe(wanted.length)
  expect(wanted.every(Number.isFinite)).toBe(true)
  const worst = Math.max(...got.map((x, i) => Math.abs(x - wanted[i]) / Math.max(1, Math.abs(wanted[i]))))
  expect(worst).toBeLessThanOrEqual(2e-5)
}

beforeAll(() => useBackend('wasm'))

describe.each(cases())('%s %o', (kind, params) => {
  it('answers a sequence alike in one call, token by token, and in any calls', () => {
    fc.assert(
      fc.property(sequence, cuts, (tokens, sizes) => {
        const whole = answers(kind, params, [tokens])
        near(
          answers(
            kind,
            params,
            tokens.map((one) => [one])
          ),
          whole
        )
        near(answers(kind, params, cutInto(tokens, sizes)), whole)
      }),
      { numRuns: 12, seed: 5 }
    )
  })
})

describe('a block with attention inside', () => {
  it.each([...byCall])('%s %s, so that the cut shows', (kind) => {
    const memory = { ...(kind.includes('cmr') && { memory: 'episodic' }), heads: 2 }
    const whole = answers(kind, memory, [words])
    const single = answers(
      kind,
      memory,
      words.map((one) => [one])
    )
    expect(Math.max(...whole.map((x, i) => Math.abs(x - single[i])))).toBeGreaterThan(1e-3)
  })
})

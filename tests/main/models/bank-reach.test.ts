/** Blocks that read the banks of the blocks below them; what they answer is held to tests/golden/transformer.json. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { countFlops } from '../../support/count-flops.ts'
import { registry } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

type Given = Record<string, unknown>
const dim = 8
const stack = (blocks: { kind: string; params: Given }[], layers = blocks.length): ParamValues =>
  registry.fill('transformer', {
    ...{ dim, layers, expansion: 0 },
    blocks: blocks.map(({ kind, params }) => ({ kind, params: { dim, heads: 2, memorySlots: 3, ...params } }))
  })
const build = (params: ParamValues, seeds: readonly string[]): Memory =>
  registry.build('transformer', params, seeds.length, philoxWeights(seeds))
const tokens = (seeds: readonly string[], length: number, call: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: seeds.length * length * dim }, (_, i) =>
      Math.sin(Number(seeds[Math.floor(i / (length * dim))]) + 1.7 * (i % (length * dim)) + call)
    ),
    [seeds.length, length, dim]
  )
function run(params: ParamValues, seeds: readonly string[]): number[][] {
  const memory = build(params, seeds)
  const calls = tf.tidy(() =>
    [7, 1, 4].map((length, call) => memory.forward!(tokens(seeds, length, call), { turns: [0] }).arraySync())
  ) as number[][][][]
  memory.dispose()
  return seeds.map((_, b) => calls.flatMap((call) => call[b].flat()))
}
const all = { reach: 'all', segment: 2 }
const mixed = [
  { kind: 'episodic-cmr', params: { ...all, summary: 'cls' } },
  { kind: 'hybrid', params: { ...all, write: 'turn' } },
  { kind: 'parallel-attention-cmr', params: { ...all, memory: 'episodic', read: 'knn' } },
  { kind: 'series-attention-cmr', params: { ...all, memory: 'episodic', reach: 'local', decay: 0.5 } }
]

describe('reading across layers', () => {
  it('answers a batch as each trial alone, otherwise than without it, and again after a reset', () => {
    const params = stack(mixed)
    const together = run(params, ['1', '2'])
    for (const [b, seed] of ['1', '2'].entries())
      run(params, [seed])[0].forEach((x, i) => expect(Math.abs(x - together[b][i])).toBeLessThan(1e-5))
    const own = stack(mixed.map(({ kind, params }) => ({ kind, params: { ...params, reach: 'own' } })))
    expect(run(own, ['1'])[0].some((x, i) => Math.abs(x - together[0][i]) > 1e-3)).toBe(true)
  })

  it('leaves no tensor behind, also when a call ended halfway', () => {
    const before = tf.memory().numTensors
    run(stack(mixed), ['1', '2'])
    expect(tf.memory().numTensors).toBe(before)
  })

  it('changes nothing for a block alone, whatever it reaches', () => {
    const one = (reach: string): number[] => run(stack([{ kind: 'episodic-cmr', params: { reach } }]), ['1'])[0]
    expect(one('all')).toEqual(one('own'))
    expect(one('local')).toEqual(one('own'))
  })

  it('begins with equal shares of all banks, and says which they are', async () => {
    const memory = build(stack([{ kind: 'episodic-cmr', params: all }], 3), ['1', '2'])
    tf.dispose(memory.forward!(tokens(['1', '2'], 5, 0)))
    const shares = (await memory.traces!()).filter(({ name }) => name.endsWith('.banks'))
    memory.dispose()
    expect(shares.map(({ perTrial }) => perTrial[1])).toEqual([
      { shape: [2], data: [0.5, 0.5], labels: ['1 below', 'own'] },
      {
        shape: [3],
        data: [1, 1, 1].map(() => expect.closeTo(1 / 3, 6) as number),
        labels: ['2 below', '1 below', 'own']
      }
    ])
  })

  it('counts what each block reads of the others', async () => {
    for (const blocks of [[{ kind: 'episodic-cmr', params: all }], mixed]) {
      const params = stack(blocks, 4)
      const cost = registry.cost('transformer', params, { stored: 0, before: 0, queries: 0, tokens: 12 })
      const memory = build(params, ['1'])
      const counted = await countFlops(() => memory.forward!(tokens(['1'], 12, 0)))
      memory.dispose()
      expect(Math.abs(cost.forwardFlops! - counted)).toBeLessThan(0.05 * counted)
    }
  })

  it.each<[string, Given, Given, string]>([
    ['of a bank that it shares', { bank: 'shared' }, { bank: 'shared', reach: 'all' }, 'reach'],
    ['to a shared bank below', { bank: 'shared' }, { reach: 'local' }, 'reach'],
    ['to a bank that events write', { write: 'event' }, { reach: 'all' }, 'reach'],
    ['from a bank that events write', {}, { write: 'event', reach: 'all' }, 'reach']
  ])('refuses a reach %s, and names the parameter', (_, below, above, field) => {
    const params = stack([
      { kind: 'episodic-cmr', params: below },
      { kind: 'episodic-cmr', params: above }
    ])
    expect(() => build(params, ['1'])).toThrow(
      expect.objectContaining({ data: { code: 'bad-input', field, message: expect.any(String) as string } })
    )
  })
})

describe('types of tokens', () => {
  it('that the gate has no vector for are refused by the parameter that says how many there are', () => {
    const params = registry.fill('hybrid', { dim, heads: 2, memorySlots: 3, gateInput: 'type', types: 2 })
    const memory = registry.build('hybrid', params, 1, philoxWeights(['1']))
    expect(() => memory.forward!(tf.ones([1, 3, dim]), { types: Int32Array.from([0, 1, 2]) })).toThrow(
      expect.objectContaining({
        data: { code: 'bad-input', field: 'types', message: expect.stringContaining('3 types') as string }
      })
    )
    memory.dispose()
  })
})

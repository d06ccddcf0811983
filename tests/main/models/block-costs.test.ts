/** The exact view of the cost model held to the blocks as they run: every kernel counted by the rule of cost.ts. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import { total, type BlockId } from '../../../src-shared/cost/block.ts'
import { blockOf } from '../../../src-shared/cost/measurement.ts'
import { costDefaults, type CostInput } from '../../../src-shared/cost/symbols.ts'
import { blocks, evaluate } from '../../../src-shared/cost/view.ts'
import { countFlops } from '../../support/count-flops.ts'
import { registry } from '../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

const small: CostInput = { ...costDefaults, d: 64, L: 24, H: 4, M: 20, C: 8, rho: 1 }
const at = (change: Partial<CostInput>): CostInput => ({ ...small, ...change })

function build(id: BlockId, input: CostInput): Memory {
  const { kind, params } = blockOf(id, input)
  return registry.build(kind, registry.fill(kind, params), 1, philoxWeights(['count']), false)
}
const tokens = (rows: number, d: number): tf.Tensor => tf.randomNormal([1, rows, d], 0, 1, 'float32', 1)
/** What one call over `rows` tokens computes. */
const counted = (memory: Memory, rows: number, d: number): Promise<number> =>
  countFlops(() => memory.forward!(tokens(rows, d)))
const stated = (id: BlockId, input: CostInput): number => total(blocks[id].sequence(input), true)

async function within5(id: BlockId, input: CostInput, primed = 0): Promise<void> {
  const memory = build(id, input)
  if (primed) tf.dispose(memory.forward!(tokens(primed, input.d)))
  const ratio = (await counted(memory, input.L, input.d)) / stated(id, input)
  expect(ratio).toBeGreaterThan(0.95)
  expect(ratio).toBeLessThan(1.05)
}

describe('the exact view counts what the blocks compute, within 5 %', () => {
  it('attention that sees everything', () => within5('attention', at({ causal: false })))
  it('attention over a long sequence, where scores outweigh projections', () =>
    within5('attention', at({ causal: false, L: 300 })))
  it('neural memory with a dense update, at every depth', async () => {
    for (const D of [1, 2, 3]) await within5('neural', at({ D, L: 4 }))
  })
  it('neural memory with a sparse update', () => within5('neural', at({ rho: 0.1, L: 4 })))
  it('episodic memory that was full, one segment a call', () => within5('episodic', at({ M: 40, s: 24 }), 24 * 40))
  it('episodic memory that starts empty, token by token', async () => {
    const input = at({ buffer: 'empty', L: 40 })
    const memory = build('episodic', input)
    let sum = 0
    for (let t = 0; t < input.L; t++) sum += await counted(memory, 1, input.d)
    // A call of one token scores that token's own entry too, and hides it.
    const own = input.L * (4 * input.d + 7 * input.H)
    expect((sum - own) / stated('episodic', input)).toBeGreaterThan(0.95)
    expect((sum - own) / stated('episodic', input)).toBeLessThan(1.05)
  })
  it('the hybrid, whose gate is one number or d', async () => {
    for (const gate of ['scalar', 'vector'] as const)
      await within5('hybrid', at({ gate, L: 2, M: 40, d: 32, buffer: 'full' }), 40)
  })
})

describe('where the plain ops do more than is needed, by what the formula says', () => {
  it('causal attention scores the masked half as well', async () => {
    const causal = at({ causal: true, L: 300 })
    const ratio =
      (await counted(build('attention', causal), 300, 64)) / stated('attention', { ...causal, causal: false })
    expect(ratio).toBeGreaterThan(0.95)
    expect(ratio).toBeLessThan(1.05)
    expect(stated('attention', causal)).toBeLessThan(0.8 * stated('attention', { ...causal, causal: false }))
  })
  it('the episodic memory scores every entry that a call writes, and hides what a token must not see', async () => {
    const input = at({ L: 128, M: 20 })
    const memory = build('episodic', input)
    tf.dispose(memory.forward!(tokens(20, input.d)))
    const ratio = (await counted(memory, input.L, input.d)) / stated('episodic', { ...input, M: input.M + input.L })
    expect(ratio).toBeGreaterThan(0.95)
    expect(ratio).toBeLessThan(1.05)
    expect(stated('episodic', input)).toBeLessThan(stated('episodic', { ...input, M: input.M + input.L }))
  })
})

describe('storage', () => {
  it('is what the blocks hold, weights and state, in float32', () => {
    for (const id of ['attention', 'neural', 'episodic', 'hybrid'] as const) {
      const input = at({ L: 24, M: 20, B: 4 })
      const before = tf.memory().numBytes
      const memory = build(id, input)
      const weights = tf.memory().numBytes - before
      tf.dispose(tf.tidy(() => memory.forward!(tokens(24, input.d))))
      const held = tf.memory().numBytes - before - weights
      // The neural memory starts from learned layers, which are parameters of the block but not counted by the formula.
      const initial = id === 'neural' || id === 'hybrid' ? 0.5 * evaluate('neural', 'exact', 'state', input) : 0
      expect((weights - initial) / evaluate(id, 'exact', 'parameters', input)).toBeCloseTo(1, 1)
      // Attention keeps nothing between calls: its state is the cache that a decoder would keep.
      if (id === 'attention') expect(held).toBe(0)
      else expect(held / evaluate(id, 'exact', 'state', input)).toBeCloseTo(1, 1)
      memory.dispose()
    }
  })
})

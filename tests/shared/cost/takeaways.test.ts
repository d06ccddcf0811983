import { describe, expect, it } from 'vitest'
import { costDefaults } from '../../../src-shared/cost/symbols.ts'
import { takeaways } from '../../../src-shared/cost/takeaways.ts'
import { evaluate } from '../../../src-shared/cost/view.ts'

const row = (aspect: string, change: Partial<typeof costDefaults> = {}) =>
  takeaways({ ...costDefaults, ...change }).find((one) => one.aspect === aspect)!
const values = (aspect: string, change: Partial<typeof costDefaults> = {}): number[] =>
  row(aspect, change).values.map(({ value }) => value)

describe('the key takeaways of the source', () => {
  it('are held to the counts of whole sequences: at the defaults neural memory costs most', () => {
    // Worked out by hand: P = 2^20, 6 d^2 + 2 P + 4 P - 2^20 + 5.2 P + 2 P a token.
    expect(values('Compute efficiency')).toEqual([285_343_744, 128 * 14_365_491.2, 285_212_672])
    expect(row('Compute efficiency')).toMatchObject({ winners: ['attention', 'episodic'], verdict: 'does not hold' })
    // Where the sequence is long and the memory small, the claim holds.
    expect(row('Compute efficiency', { L: 100_000, C: 64, d: 64, M: 100_000, K: 0 })).toMatchObject({
      winners: ['neural'],
      verdict: 'holds'
    })
  })

  it('are held to one read: 4 L d, 2 P and 4 M d, with the softmax', () => {
    expect(values('Fast recall')).toEqual([4 * 128 * 512 + 5 * 8 * 128, 2 * 2 ** 20, 4 * 64 * 512 + 5 * 8 * 64])
    expect(row('Fast recall')).toMatchObject({ winners: ['episodic'], verdict: 'holds' })
    expect(row('Fast recall', { M: 1000 })).toMatchObject({ winners: ['attention'], verdict: 'does not hold' })
  })

  it('are held to what stays apart: L tokens, none, and M segments', () => {
    expect(values('Contextual power')).toEqual([128, 0, 64])
    expect(row('Contextual power')).toMatchObject({ winners: ['attention'], verdict: 'holds' })
    expect(row('Contextual power', { s: 4 })).toMatchObject({ winners: ['attention', 'episodic'], verdict: 'holds' })
  })

  it('are held to what doubling L does: attention grows fastest, neural and episodic memory alike', () => {
    const [attention, neural, episodic] = values('Scalability')
    expect([neural, episodic]).toEqual([2, 2])
    expect(attention).toBeGreaterThan(2)
    expect(row('Scalability')).toMatchObject({ winners: ['neural', 'episodic'], verdict: 'holds' })
  })
})

describe('attention in chunks', () => {
  it('keeps C d B, or keys and values of a chunk, where the others keep what they keep', () => {
    expect(evaluate('attention', 'asymptotic', 'chunkState', costDefaults)).toBe(64 * 512 * 4)
    expect(evaluate('attention', 'exact', 'chunkState', costDefaults)).toBe(2 * 64 * 512 * 4)
    for (const id of ['neural', 'episodic', 'hybrid'] as const)
      for (const view of ['asymptotic', 'exact'] as const)
        expect(evaluate(id, view, 'chunkState', costDefaults)).toBe(evaluate(id, view, 'state', costDefaults))
  })
})

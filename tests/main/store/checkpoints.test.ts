import { describe, expect, it } from 'vitest'
import { codeOf, newRun, outcome, testStore } from './support.ts'

const state = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const plain = (found: Map<number, { seed: number; state: Uint8Array }[]>): [number, number, number[]][] =>
  [...found].flatMap(([cell, list]) =>
    list.map(({ seed, state }): [number, number, number[]] => [cell, seed, [...state]])
  )

describe('training that is under way', () => {
  it('is kept by cell and seed, the newest only', () => {
    const { read, write } = testStore()
    write.addRun(newRun('A'))
    write.putCheckpoints('A', 1, [
      { seed: 0, state: state(1, 2) },
      { seed: 2, state: state(3) }
    ])
    write.putCheckpoints('A', 1, [{ seed: 0, state: state(9, 9, 9) }])
    expect(plain(read.checkpoints('A'))).toEqual([
      [1, 0, [9, 9, 9]],
      [1, 2, [3]]
    ])
    expect(read.checkpoints('B').size).toBe(0)
    expect(codeOf(() => write.putCheckpoints('B', 0, []))).toBe('not-found')
  })

  it('is gone once its trial is stored, and does not come back late', () => {
    const { read, write } = testStore()
    write.addRun(newRun('A'))
    write.putCheckpoints('A', 1, [
      { seed: 0, state: state(1) },
      { seed: 2, state: state(2) }
    ])
    write.addTrials('A', [outcome(1, 0)], 5, 'wasm')
    expect(plain(read.checkpoints('A'))).toEqual([[1, 2, [2]]])
    write.putCheckpoints('A', 1, [{ seed: 0, state: state(7) }])
    expect(plain(read.checkpoints('A'))).toEqual([[1, 2, [2]]])
  })

  it('goes with its run', () => {
    const { read, write, check } = testStore()
    write.addRun(newRun('A'))
    write.putCheckpoints('A', 0, [{ seed: 0, state: state(1) }])
    write.trashRuns(['A'], '2026-01-01T00:00:00.000Z')
    write.purgeRuns(['A'])
    expect(read.checkpoints('A').size).toBe(0)
    expect(check()).toBe('ok')
  })
})

/**
 * Holds what the catalog says: each sentence that names an effect stands in a table by its beginning, with what it claims as
 * a check, with the test that holds it elsewhere, or as one that defines a word or says what is done.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ReadyResults } from './ready-results.ts'
import { saysEffect, sentencesOf, type Said } from './catalog-sentences.ts'

export type Check = () => void | Promise<void>
export interface Elsewhere {
  file: string
  test: string
}
export const definition = 'defines a word, or says what is done'
export type Claims = Record<string, Check | Elsewhere | typeof definition>

const known = new Map<string, ReadyResults>()
/** The results of a ready example that ship. */
export function ready(name: string): ReadyResults {
  const results = known.get(name) ?? new ReadyResults(name)
  known.set(name, results)
  return results
}

export const near = (found: number, expected: number, within: number): void =>
  expect(Math.abs(found - expected)).toBeLessThan(within)

interface Named {
  id: string
}

/**
 * @param of each definition, what its sentences claim
 * @param shared sentences that several definitions say
 * @param must whether a sentence has to stand in the table
 */
export function holdSentences(
  definitions: readonly Named[],
  of: Readonly<Record<string, Claims>>,
  shared: Claims,
  must: (said: Said) => boolean = saysEffect
): void {
  it('is asked of definitions that there are', () =>
    expect(Object.keys(of).filter((id) => !definitions.some((one) => one.id === id))).toEqual([]))

  const all = definitions.map((one) => ({ id: one.id, said: sentencesOf(one), claims: of[one.id] ?? {} }))
  describe.each(all)('$id', ({ said, claims }) => {
    it('says nothing of effects that is not held here', () => {
      for (const { at, sentence } of said.filter(must)) {
        const beginnings = [claims, shared].flatMap((table) => Object.keys(table))
        expect(beginnings.filter((beginning) => sentence.startsWith(beginning)).length, `${at}: ${sentence}`).toBe(1)
      }
    })
    hold(claims, said)
  })
  describe('several', () => hold(shared, all.map(({ said }) => said).flat()))

  function hold(claims: Claims, said: readonly Said[]): void {
    const entries = Object.entries(claims)
    if (!entries.length) return
    it.each(entries)('%s ...', async (beginning, held) => {
      expect(said.some(({ sentence }) => sentence.startsWith(beginning))).toBe(true)
      if (held === definition) return
      if (typeof held === 'function') return held()
      const path = join(import.meta.dirname, '../..', held.file)
      expect(existsSync(path)).toBe(true)
      expect(readFileSync(path, 'utf8')).toContain(held.test)
    })
  }
}

import { describe, expect, it } from 'vitest'
import type { BlockId } from '../../../src-shared/cost/block.ts'
import { formulaValues, putIn } from '../../../src-shared/cost/formula.ts'
import { costDefaults, type CostInput } from '../../../src-shared/cost/symbols.ts'
import { blocks } from '../../../src-shared/cost/view.ts'

/** What a formula with numbers in it comes to. */
function value(tex: string): number {
  const terms = (text: string): number =>
    text.split('+').reduce((sum, plus) => {
      const [first, ...minus] = plus.split('-')
      return sum + minus.reduce((rest, part) => rest - product(part), product(first))
    }, 0)
  const product = (text: string): number => {
    const [top, ...under] = text.split('/')
    const factors = (part: string): number =>
      part.split('*').reduce((all, factor) => {
        const [base, power] = factor.split('^').map(Number)
        return all * base ** (power ?? 1)
      }, 1)
    return under.reduce((all, part) => all / factors(part), factors(top))
  }
  const plain = tex.replaceAll('{,}', '').replaceAll('\\cdot', '*').replaceAll(' ', '')
  return terms(plain.replace(/\(([^)]*)\)/g, (_, inner: string) => String(terms(inner))))
}

const at = (change: Partial<CostInput> = {}): CostInput => ({ ...costDefaults, ...change })

describe('formulas', () => {
  it('write multiplication only between numbers', () => {
    expect(putIn('4nd', { n: 128, d: 512 })).toBe('4 \\cdot 128 \\cdot 512')
    expect(putIn('8d^2', { d: 512 })).toBe('8 \\cdot 512^2')
    expect(putIn('(3+2\\rho)P+2P', { '\\rho': 0.1, P: 1_048_576 })).toBe(
      '(3+2 \\cdot 0.1) \\cdot 1{,}048{,}576+2 \\cdot 1{,}048{,}576'
    )
    expect(putIn('\\rho M d^2 / L', { M: 64, d: 512 })).toBe('\\rho \\cdot 64 \\cdot 512^2/L')
  })
  it('come to what the breakdown of the last token counts, for every memory and option', () => {
    for (const input of [
      at(),
      at({ K: 8 }),
      at({ rho: 1, D: 1 }),
      at({ buffer: 'empty', M: 500, s: 2 }),
      at({ D: 4, e: 3, gate: 'vector' })
    ])
      for (const id of Object.keys(blocks) as BlockId[]) {
        const parts = blocks[id].token(input, input.L)
        const formulas = blocks[id].formulas(input)
        expect(Object.keys(formulas).sort()).toEqual(Object.keys(parts).sort())
        for (const [name, tex] of Object.entries(formulas)) {
          // A write is spread over its segment.
          const counted = name === 'write' ? parts[name] / input.s : parts[name]
          expect(value(putIn(tex, formulaValues(id, input))), `${id} ${name}`).toBeCloseTo(counted, 3)
        }
      }
  })
  it('of the table come to what the asymptotic view says', () => {
    for (const [id, { asymptotic }] of Object.entries(blocks)) {
      const values = formulaValues(id as BlockId, at())
      for (const per of ['token', 'sequence', 'chunk'] as const)
        expect(value(putIn(asymptotic.tex[per], values)), `${id} ${per}`).toBeCloseTo(asymptotic[per](at()), 3)
      expect(value(putIn(asymptotic.tex.storage, values))).toBe(asymptotic.storage(at()) * 4)
    }
  })
})

/** Formulas with numbers put in. */
import type { BlockId } from './block.ts'
import { neuralFirstLayer, neuralWeights } from './neural.ts'
import type { CostInput } from './symbols.ts'
import { blocks } from './view.ts'

/** What each symbol of a formula stands for: the sizes, and what follows from them. */
export function formulaValues(id: BlockId, input: CostInput): Record<string, number> {
  const { d, L, H, M, B, C, s, rho } = input
  const n = blocks[id].seen?.(input)
  // Fewer entries than K are read while a buffer fills.
  const K = n === undefined ? input.K : Math.min(input.K, n)
  return {
    ...{ d, L, H, M, B, C, s, K, '\\rho': rho, P: neuralWeights(input), P_1: neuralFirstLayer(input) },
    ...(n !== undefined && { n })
  }
}

const token = /\\rho|P_1|[A-Za-z]|\d+|[+\-/()^]|\s+/g

/** `4nd` with n = 128 and d = 512 gives `4 \cdot 128 \cdot 512`; a symbol without a value stays. */
export function putIn(tex: string, values: Readonly<Record<string, number>>): string {
  const out: string[] = []
  // Two factors that stand side by side are multiplied; between numbers that must be written.
  let factor = false
  for (const [part] of tex.matchAll(token)) {
    if (/^\s/.test(part)) continue
    const operand = !/^[+\-/)^]$/.test(part)
    if (operand && factor) out.push(' \\cdot ')
    out.push(part in values ? texNumber(values[part]) : part)
    factor = part === ')' || (operand && part !== '(')
    if (part === '^') factor = false
  }
  return out.join('')
}

/** 1,048,576 as TeX, without the space that a comma brings. */
export const texNumber = (value: number): string =>
  (Number.isInteger(value) ? value.toLocaleString('en') : String(value)).replaceAll(',', '{,}')

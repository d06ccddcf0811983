import { scaleParts, type BlockCost, type Parts } from './block.ts'
import type { CostInput } from './symbols.ts'

type Sizes = Pick<CostInput, 'd' | 'D' | 'e'>

/** Weights of the memory's MLP: d^2 for depth 1, else 2 e d^2 + (D-2) e^2 d^2. */
export const neuralWeights = ({ d, D, e }: Sizes): number => (D === 1 ? d * d : 2 * e * d * d + (D - 2) * e * e * d * d)

/** Weights of its first layer, through whose input no gradient is needed. */
export const neuralFirstLayer = ({ d, D, e }: Sizes): number => (D === 1 ? d * d : e * d * d)

function token(input: CostInput): Parts {
  const { d, rho } = input
  const P = neuralWeights(input)
  return {
    projections: 6 * d * d,
    forward: 2 * P,
    gradient: 4 * P - 2 * neuralFirstLayer(input),
    // A sparse update also needs the norm of every row, and moves only the chosen rows by the gradient.
    update: rho < 1 ? (3 + 2 * rho) * P + 2 * P : 5 * P,
    read: 2 * P
  }
}

/**
 * Titans' neural memory, written at every token: projections 6 d^2; forward 2 P, gradient 4 P - 2 P_1, momentum and
 * forgetting 5 P (sparse: (3 + 2 rho) P and 2 P for the row norms); read 2 P. State: memory and momentum, 2 P.
 */
export const neural: BlockCost = {
  id: 'neural',
  title: 'Neural memory',
  formulas: ({ rho }) => ({
    projections: '6d^2',
    forward: '2P',
    gradient: '4P-2P_1',
    update: rho < 1 ? '(3+2\\rho)P+2P' : '5P',
    read: '2P'
  }),
  token: (input) => token(input),
  sequence: (input) => scaleParts(token(input), input.L),
  chunk: (input) => scaleParts(token(input), input.C),
  parameters: ({ d }) => 3 * d * d,
  state: (input) => 2 * neuralWeights(input),
  asymptotic: {
    token: ({ rho, M, d, L }) => (rho * M * d * d) / L,
    sequence: ({ rho, M, d }) => rho * M * d * d,
    chunk: ({ rho, M, d }) => rho * M * d * d,
    storage: ({ M, d }) => M * d,
    tex: { token: '\\rho M d^2 / L', sequence: '\\rho M d^2', chunk: '\\rho M d^2', storage: 'M d B' }
  }
}

import { boolean, choice, integer, number } from '../../../../src-shared/shapes/params.ts'

const rate = (label: string, value: number, symbol: string, help: string) =>
  number(label, value, { help, min: 0, max: 1, symbol })

/** Size of the neural memory. */
export const neuralShapeParams = {
  depth: integer('Depth', 2, { help: 'Layers of the memory; 1 is a matrix', min: 1, max: 8, symbol: 'D' }),
  expansion: integer('Expansion', 2, {
    help: 'Width of its hidden layers, in units of d',
    min: 1,
    max: 8,
    symbol: 'e'
  })
}

/** How the neural memory learns from a token. */
export const neuralRateParams = {
  learningRate: rate('Learning rate', 0.02, '\\theta', 'Step on the gradient of each token'),
  momentum: rate('Momentum', 0.6, '\\eta', 'How much of the last step is kept'),
  forgetting: rate('Forgetting', 0.01, '\\alpha', 'Share of the memory that each token erases'),
  updateFraction: rate('Update fraction', 1, '\\rho', 'Share of each layer’s rows that a token changes; 1 changes all'),
  normalizeKeys: boolean('Unit keys', true, { help: 'Bring keys and queries to unit length' }),
  rates: choice('Rates', 'constant', ['constant', 'token'], {
    help: 'constant: the three rates above; token: each a sigmoid of the token, learned, which begins near them'
  })
}

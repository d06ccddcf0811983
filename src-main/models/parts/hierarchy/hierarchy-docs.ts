import type { SymbolInfo } from '../../../../src-shared/shapes/catalog.ts'

/** What the three hierarchical memories say about themselves alike. */
export const hierarchyEquations: readonly string[] = [
  '\\text{leaf: } (k, v) + \\operatorname{enc}_0(s, t),\\qquad \\operatorname{enc}_l(s,t) = S_l\\,\\gamma_l(s) + T_l\\,\\gamma_l(t)',
  '\\text{parent: } \\operatorname{comp}_l\\bigl(\\bigl[\\overline{\\operatorname{MHA}_l(x_1..x_m)};\\ \\operatorname{enc}_l(\\bar s, \\bar t)\\bigr]\\bigr)',
  '\\operatorname{retrieve}(q, s, t) = \\sum_j \\operatorname{softmax}_j\\bigl(\\cos(q + \\operatorname{enc}_{l_j}(s,t),\\ x_j)\\,w_j\\bigr)\\, y_j'
]

export const hierarchySymbols: readonly SymbolInfo[] = [
  { symbol: 's, t', meaning: 'place and time' },
  { symbol: '\\gamma_l', meaning: 'sine and cosine code at level l', shape: '[spatialDim], [temporalDim]' },
  { symbol: 'S_l, T_l', meaning: 'place and time encoders of level l', shape: '[d, spatialDim], [d, temporalDim]' },
  {
    symbol: 'x_j, y_j, w_j',
    meaning: 'what node j is compared by, what it answers, its importance',
    shape: '[d], [d], 1'
  },
  { symbol: 'x_1..x_m', meaning: 'children of a parent', shape: '[d]' }
]

export const hierarchyNotes: readonly string[] = [
  'All roots of an episode are kept; one version of the source keeps only the first.',
  'A query asks the nodes whose extent contains its place and time. Without places, an item’s place and time are its index, and a query’s are its row.',
  'The encoders, the attention and the compositions are untrained, so a parent’s content is a random mixture of its children.',
  'Retrieves zeros where no node matches.'
]

export const hierarchySource = 'The hierarchical spatio-temporal memories of unpublished design notes (2025)'

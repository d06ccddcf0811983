/** Parameters that models of free recall share, and the decision that they describe. */
import { choice, number, type NumberParam, type ValuesOf } from '../../../../src-shared/shapes/params.ts'
import type { SymbolInfo } from '../../../../src-shared/shapes/catalog.ts'
import { rhoNames } from './drift.ts'
import { featureNames } from './features.ts'
import type { Decision } from './decision.ts'

/** A share of the new input in the new context. */
export const betaParam = (label: string, value: number, help: string, symbol: string): NumberParam =>
  number(label, value, { help, min: 0, max: 1, symbol })

export const distractorParam = (value: number): NumberParam =>
  betaParam('Drift by distractor', value, 'How far each distractor moves temporal context.', '\\beta_{d}')

export const gammaFCParam = (value: number): NumberParam =>
  number('Learned context', value, {
    help: 'Strength of learned against own context in what an item brings back.',
    min: 0,
    max: 1,
    symbol: '\\gamma_{FC}'
  })

export const semanticParam = (value: number): NumberParam =>
  number('Meaning', value, {
    help: 'Weight of the similarity of the words. With 0 the parameters of the full model recall far too little.',
    min: 0,
    max: 100,
    symbol: 's'
  })

export const rhoParam = choice('Drift', 'exact', rhoNames, {
  help: 'exact: one rho that keeps context at unit length. elementwise: a compatibility form of one published code base, with products in place of the dot product, renormalised; not the drift of TCM.'
})

export const primacyParams = (phiS: number, phiD: number) => ({
  phiS: number('Primacy', phiS, {
    help: 'How much stronger the first item is learned; 0 for none.',
    min: 0,
    max: 20,
    symbol: '\\phi_s'
  }),
  phiD: number('Primacy decay', phiD, {
    help: 'How fast that falls from item to item.',
    min: 0,
    max: 20,
    symbol: '\\phi_d'
  })
})

export const featuresParam = choice('Item features', 'localist', featureNames, {
  help: 'localist: a word brings a context unit of its own. distributed: it brings a pattern as alike to those of other words as the words are (the task’s similarities, or imported vectors), so that meaning enters the context.',
  later: true
})

export const itemCueParam = number('Cueing by meaning', 0, {
  help: 'How strongly the word that was just recalled cues words like it, besides context; 0 for none.',
  min: 0,
  max: 100,
  symbol: 'w',
  later: true
})

/** What is kept of earlier lists. */
export const priorListParams = {
  priorLists: number('Prior lists', 0, {
    help: 'Share of what was learned with earlier lists that is left at the next one: their words can intrude. 0: every list begins anew.',
    min: 0,
    max: 1,
    symbol: '\\pi',
    later: true
  }),
  betaList: number('Drift between lists', 0.8, {
    help: 'How far context moves away between two lists, where prior lists are kept.',
    min: 0,
    max: 1,
    symbol: '\\beta_{l}',
    later: true
  })
}

export const optionEquations: readonly string[] = [
  '\\text{distributed: } M^{FC}_{\\mathrm{pre}} \\propto V^\\top,\\quad M^{CF}_{\\mathrm{pre}} \\propto V,\\quad V V^\\top = S',
  '\\text{meaning: } a_i \\leftarrow a_i + w\\,S_{ij},\\quad j\\text{ just recalled}',
  '\\text{next list: } M \\leftarrow \\pi M,\\quad c\\text{ drifts by }\\beta_l\\text{ toward a fresh unit}'
]

const racing = { param: 'decision', in: ['accumulator'] }
const choosing = { param: 'decision', in: ['luce'] }

/** Accumulators. */
export const raceParams = (kappa: number, lambda: number, eta: number, tau: number) => ({
  kappa: number('Leak', kappa, {
    help: 'Leak of the accumulators.',
    needs: racing,
    min: 0,
    max: 10,
    symbol: '\\kappa'
  }),
  lambda: number('Inhibition', lambda, {
    help: 'Inhibition between accumulators.',
    needs: racing,
    min: 0,
    max: 10,
    symbol: '\\lambda'
  }),
  eta: number('Noise', eta, { help: 'Noise of the accumulators.', needs: racing, min: 0, max: 10, symbol: '\\eta' }),
  tau: number('Time constant', tau, {
    help: 'Time constant of the accumulators.',
    needs: racing,
    min: 1,
    max: 100_000,
    unit: 'ms',
    symbol: '\\tau'
  }),
  dt: number('Time step', 100, {
    help: 'Step of the simulation.',
    needs: racing,
    min: 1,
    max: 1000,
    unit: 'ms',
    symbol: '\\Delta t'
  })
})

/** Luce's rule with its stop. */
export const luceParams = {
  sensitivity: number('Choice noise', 0.2, {
    help: 'Temperature of Luce’s rule: small = the strongest item wins, large = chance.',
    needs: choosing,
    min: 0.001,
    max: 1000,
    scale: 'log',
    symbol: 'T'
  }),
  stopBase: number('Stop, at first', 0.02, {
    help: 'Probability of ending recall before the first item (Luce’s rule).',
    needs: choosing,
    min: 0,
    max: 1,
    symbol: 'X_1'
  }),
  stopGrowth: number('Stop, growth', 0.3, {
    help: 'How the stop probability grows with each recall: X1 exp(X2 k).',
    needs: choosing,
    min: 0,
    max: 10,
    symbol: 'X_2'
  })
}

export const decisionParam = choice('Decision', 'accumulator', ['accumulator', 'luce'], {
  help: 'accumulator: items race to a threshold within the recall time. luce: an item is drawn in proportion to exp(2a/T), with a stop probability before each.'
})

/** The decision that complete parameters describe. */
export function decisionOf(
  p: ValuesOf<ReturnType<typeof raceParams>> &
    Partial<ValuesOf<typeof luceParams>> & { decision?: 'accumulator' | 'luce' }
): Decision {
  const { kappa, lambda, eta, tau, dt } = p
  if (p.decision !== 'luce') return { kind: 'accumulator', kappa, lambda, eta, tau, dt }
  const { sensitivity = 1, stopBase = 0, stopGrowth = 0 } = p
  return { kind: 'luce', tau: sensitivity, stopBase, stopGrowth }
}

export const contextSymbols: readonly SymbolInfo[] = [
  { symbol: 'f', meaning: 'features of an item: one unit each', shape: '[n]' },
  { symbol: 'c', meaning: 'context, unit length', shape: '[n + 1 + distractors]' },
  { symbol: 'c_{\\mathrm{in}}', meaning: 'context that an item brings back, unit length' },
  { symbol: 'M^{FC}', meaning: 'associations from item to context', shape: '[units, n]' },
  { symbol: 'M^{CF}', meaning: 'associations from context to item', shape: '[n, units]' },
  { symbol: 'a', meaning: 'activation of the items', shape: '[n]' },
  { symbol: 'x', meaning: 'accumulators', shape: '[n]' }
]

export const raceEquation =
  'x \\leftarrow \\max\\bigl(0,\\; x + (a - \\kappa x - \\lambda \\textstyle\\sum_{j \\ne i} x_j)\\tfrac{\\Delta t}{\\tau} + \\eta\\sqrt{\\tfrac{\\Delta t}{\\tau}}\\,\\varepsilon\\bigr),\\quad x \\ge 1 \\text{ recalls}'
export const driftEquation =
  'c \\leftarrow \\rho c + \\beta c_{\\mathrm{in}},\\quad \\rho = \\sqrt{1 + \\beta^2((c \\cdot c_{\\mathrm{in}})^2 - 1)} - \\beta\\, c \\cdot c_{\\mathrm{in}}'

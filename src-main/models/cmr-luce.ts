import { number, type ValuesOf } from '../../src-shared/shapes/params.ts'
import {
  integrate,
  likelihoodEquations,
  likelihoodModel,
  likelihoodParams,
  poolWeights,
  studyList,
  type Learned,
  type LikelihoodName
} from '../../src-shared/recall/likelihood.ts'
import { startParams } from '../../src-shared/recall/fit.ts'
import { defineRecallModel } from './model.ts'
import { recallCost } from './parts/recall/cost.ts'
import { contextSymbols } from './parts/recall/params.ts'
import type { Recaller, RecallSetup } from './parts/recall/recaller.ts'

/** A parameter of the likelihood; its default is where a fit begins. */
const fitted = (name: LikelihoodName, help: string) => {
  const { label, min, max, tex } = likelihoodParams[name]
  return number(label, startParams[name], { help, min, max, symbol: tex })
}

const params = {
  B_enc: fitted('B_enc', 'How far a studied item moves context.'),
  B_start: fitted('B_start', 'How far context returns to the start of the list before recall.'),
  B_rec: fitted('B_rec', 'How far a recalled item moves context.'),
  Lfc: fitted('Lfc', 'How strongly an item learns the context it was studied in.'),
  Lcf: fitted('Lcf', 'How strongly context learns to cue the item.'),
  P1: fitted('P1', 'How much more strongly the first item is learned.'),
  P2: fitted('P2', 'How fast that fades over the list.'),
  D: fitted('D', 'How strongly an item brings back its own context from before the experiment.'),
  A: fitted('A', 'The same for the contexts of other items.'),
  T: fitted('T', 'Temperature of Luce’s rule: small = the strongest item wins, large = chance.'),
  X1: fitted('X1', 'Probability of ending recall before the first item.'),
  X2: fitted('X2', 'How it grows with each recall: X1 exp(X2 k).')
}

/**
 * Context maintenance and retrieval with Luce's rule: the model that the Free recall page fits to recall sequences by
 * maximum likelihood, to be run with fitted parameters. Equations and conventions are those of the likelihood
 * (src-shared/recall/likelihood.ts), whose functions study and integrate here.
 *
 *   study i (from 1):  c <- rho c + B_enc unit(pre_i);   M^FC_i += Lfc c,   M^CF_i += (Lcf + P1 exp(-P2 (i-1))) c
 *   before recall:     the start unit is integrated with B_start
 *   recall k (from 0): a_j = M^CF_j . c,   p_j ~ exp(2 max(a_j, 1e-6)/T);   unit(M^FC_j) is integrated with B_rec
 *   stop after k:      X1 exp(X2 k)
 *
 * c: [n + 2]: one unit an item of the pool, one for items outside it, the start unit. A distractor is integrated as a unit
 * that nothing else shares, which leaves sqrt(1 - beta^2) of c.
 */
export default defineRecallModel({
  id: 'cmr-luce',
  title: likelihoodModel.title,
  family: 'Human free recall',
  interfaces: ['recall'],
  summary: 'Context and item bring each other back; items are drawn by Luce’s rule, and recall may stop before each.',
  recall:
    'The model that is fitted to people’s recall sequences, with a stop of its own. Of lists of ten words it shows primacy, recency and contiguity with a forward asymmetry. It knows no sources and no meaning of words.',
  equations: likelihoodEquations,
  symbols: [
    ...contextSymbols.filter(({ symbol }) => symbol !== 'x' && symbol !== 'f'),
    { symbol: '\\mathrm{pre}_i', meaning: 'D I + A: context that item i brings from before the experiment' }
  ],
  source: likelihoodModel.source,
  notes: ['Without a clock: the recall time of the task does not matter; recall ends by its stop probability.'],
  params,
  revision: 1,
  simulate: cmrLuce,
  cost: (_, workload) => recallCost(workload, 1)
})

function cmrLuce(p: ValuesOf<typeof params>, { pool }: RecallSetup): Recaller {
  const units = pool + 2
  const pre = poolWeights(pool, pool, p)
  const start = new Float64Array(units)
  start[units - 1] = 1
  const a = new Float64Array(pool)
  let items: readonly number[] = []
  let learned: Learned
  let c: Float64Array
  let started: boolean
  const begin = (): void => {
    items = []
    learned = { units, context: start.slice(), pre: new Float64Array(), contexts: new Float64Array() }
    c = learned.context
    started = false
  }
  begin()
  const distract = (beta: number): void => {
    const left = Math.sqrt(1 - beta * beta)
    for (let j = 0; j < units; j++) c[j] *= left
  }
  return {
    decision: { kind: 'luce', tau: p.T, stopBase: p.X1, stopGrowth: p.X2 },
    reset: begin,
    study(studied, _, distractors = 0) {
      const own = new Float64Array(studied.length * units)
      for (const [i, item] of studied.entries()) own.set(pre.subarray(item * units, (item + 1) * units), i * units)
      items = studied
      const contexts = new Float64Array(own.length)
      for (let i = 0; i < studied.length; i++) {
        if (i > 0) for (let k = 0; k < distractors; k++) distract(p.B_enc)
        const one = studyList(own.subarray(i * units, (i + 1) * units), c, p)
        contexts.set(one.contexts, i * units)
        c = one.context
      }
      learned = { units, context: c, pre: own, contexts }
    },
    distract: (beta = p.B_enc) => distract(beta),
    recalled(item) {
      const i = items.indexOf(item)
      const input = pre.slice(item * units, (item + 1) * units)
      if (i >= 0) for (let j = 0; j < units; j++) input[j] += p.Lfc * learned.contexts[i * units + j]
      integrate(c, input, p.B_rec)
    },
    activation() {
      if (!started) integrate(c, start, p.B_start)
      started = true
      for (let item = 0; item < pool; item++) {
        let sum = 0
        for (let j = 0; j < units; j++) sum += pre[item * units + j] * c[j]
        a[item] = sum
      }
      for (const [i, item] of items.entries()) {
        let sum = 0
        for (let j = 0; j < units; j++) sum += learned.contexts[i * units + j] * c[j]
        a[item] += (p.Lcf + p.P1 * Math.exp(-p.P2 * i)) * sum
      }
      for (let item = 0; item < pool; item++) a[item] = Math.max(a[item], 1e-6)
      return a
    },
    state: () => ({ temporal: { shape: [units], data: c.slice() } })
  }
}

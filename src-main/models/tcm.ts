import { choice, number, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineRecallModel } from './model.ts'
import { recallCost } from './parts/recall/cost.ts'
import {
  betaParam,
  contextSymbols,
  decisionOf,
  decisionParam,
  distractorParam,
  driftEquation,
  featuresParam,
  itemCueParam,
  luceParams,
  optionEquations,
  primacyParams,
  priorListParams,
  raceEquation,
  raceParams,
  rhoParam
} from './parts/recall/params.ts'
import { itemContexts } from './parts/recall/features.ts'
import type { Recaller, RecallSetup } from './parts/recall/recaller.ts'
import { feature, primacy, temporalRegion } from './parts/recall/region.ts'
import { itemCue } from './parts/recall/semantic.ts'

const params = {
  betaEncoding: betaParam('Drift at study', 0.8, 'How far each studied item moves context.', '\\beta_{\\mathrm{enc}}'),
  betaRecall: betaParam('Drift at recall', 0.85, 'How far each recalled item moves context.', '\\beta_{\\mathrm{rec}}'),
  betaDistractor: distractorParam(0.8),
  gammaFC: number('Learned context', 0.6, {
    help: 'Share of the studied context in what an item brings back; the rest is its own context.',
    min: 0,
    max: 1,
    symbol: '\\gamma_{FC}'
  }),
  gammaCF: number('Learned cueing', 0.8, {
    help: 'Share of the studied associations in what context cues.',
    min: 0,
    max: 1,
    symbol: '\\gamma_{CF}'
  }),
  ...primacyParams(2.5, 1.3),
  associate: choice('Associate with', 'updated', ['updated', 'previous'], {
    help: 'updated: context drifts, then the item is bound to it. previous: the item is bound to the context before it.'
  }),
  rho: rhoParam,
  decision: decisionParam,
  ...raceParams(0.13, 0.35, 0.5, 900),
  ...luceParams,
  features: featuresParam,
  itemCue: itemCueParam,
  ...priorListParams
}

/**
 * Temporal context model.
 *
 *   study i (from 0):  c_in = unit((1-gFC) f + gFC M^FC f);   previous: bind, drift;  updated: drift, bind
 *     bind:   M^CF_i += (1 + phiS exp(-phiD i)) c^T,   M^FC f_i += c
 *     drift:  c <- rho c + beta c_in
 *   cue:      a = ((1-gCF) I + gCF M^CF) c
 *   recall:   the recalled item's c_in, as above, drifts c by betaRecall
 *   distractor: c drifts by betaDistractor toward a fresh unit
 *
 * Options, off by default:
 *   features distributed: v_i with v_i · v_j = S_ij in place of unit i, in c_in and in the cue: V^T f for f, V c for c
 *   itemCue:    a_i += w S_ij, j just recalled
 *   priorLists: at the next list M^FC, M^CF <- pi M^FC, pi M^CF, c drifts by betaList toward a fresh unit; all lists' items
 *     studied so far are cued and race, so that those of earlier lists intrude
 *
 * f: [n] one unit per item; c: [n + 1 + distractors], the start unit on at first; M^FC, M^CF from zero for each list.
 * Decision by Luce's rule or, as in TCM-A, by accumulators. Source: Howard & Kahana (2002), A distributed representation
 * of temporal context; Sederberg, Howard & Kahana (2008), A context-based theory of recency and contiguity. The options
 * after Morton & Polyn (2016), A predictive framework for evaluating models of semantic organization in free recall, and
 * Lohnas, Polyn & Kahana (2015), Expanding the scope of memory search, whose associations last over lists.
 */
export default defineRecallModel({
  id: 'tcm',
  title: 'Temporal context model',
  family: 'Human free recall',
  interfaces: ['recall'],
  summary: 'A slowly drifting context is bound to each item, cues recall, and is brought back by what is recalled.',
  recall:
    'Shows recency (the last items share the context at the end), contiguity with a forward asymmetry, and primacy through stronger learning of early items. Has no sources; word meaning enters only as an option, with distributed features.',
  equations: [
    'c_{\\mathrm{in}} \\propto (1-\\gamma_{FC})\\,f + \\gamma_{FC}\\,M^{FC} f',
    driftEquation,
    'M^{CF} \\leftarrow M^{CF} + (1 + \\phi_s e^{-\\phi_d i})\\,f_i c^\\top,\\quad M^{FC} \\leftarrow M^{FC} + c f_i^\\top',
    'a = ((1-\\gamma_{CF})\\,I + \\gamma_{CF}\\,M^{CF})\\,c',
    raceEquation,
    ...optionEquations
  ],
  symbols: contextSymbols,
  source:
    'M. W. Howard & M. J. Kahana (2002), A distributed representation of temporal context; P. B. Sederberg, M. W. Howard & M. J. Kahana (2008), A context-based theory of recency and contiguity in free recall',
  notes: [
    'Each accumulator has noise of its own; one script of the sources adds one number to all of them.',
    'Item-to-context associations are learned and retrieved context is made unit length; that script does neither.',
    'Luce’s rule has a stop probability, since it has no clock.'
  ],
  params,
  revision: 1,
  simulate: tcm,
  cost: (_, workload) => recallCost(workload, 1)
})

function tcm(p: ValuesOf<typeof params>, setup: RecallSetup): Recaller {
  const { pool } = setup
  const region = temporalRegion(setup, p.rho)
  const items = itemContexts(setup, p.features)
  const meaning = itemCue(setup, p.itemCue)
  const a = new Float64Array(pool)
  const input = (x: Float64Array): Float64Array => {
    const out = new Float64Array(region.units)
    items.bring(x, 1 - p.gammaFC, out)
    region.retrieve(x, p.gammaFC, out)
    return out
  }
  return {
    decision: decisionOf(p),
    reset() {
      region.reset()
      meaning.recalled(undefined)
    },
    study(list, _, distractors = 0) {
      meaning.recalled(undefined)
      for (const [i, item] of list.entries()) {
        if (i > 0) for (let k = 0; k < distractors; k++) region.distract(p.betaDistractor)
        const x = feature(item, pool)
        const context = input(x)
        if (p.associate === 'previous') region.learn(x, 1, primacy(i, p))
        region.drift(context, p.betaEncoding)
        if (p.associate === 'updated') region.learn(x, 1, primacy(i, p))
      }
    },
    distract: (beta = p.betaDistractor) => region.distract(beta),
    ...(p.priorLists > 0 && {
      nextList() {
        region.keep(p.priorLists)
        region.distract(p.betaList)
      }
    }),
    recalled(item) {
      region.drift(input(feature(item, pool)), p.betaRecall)
      meaning.recalled(item)
    },
    activation() {
      a.fill(0)
      items.cue(region.c, 1 - p.gammaCF, a)
      region.cue(p.gammaCF, a)
      meaning.cue(a)
      return a
    },
    state() {
      const { c, fc, cf } = region.arrays()
      return { temporal: c, fc, cf }
    }
  }
}

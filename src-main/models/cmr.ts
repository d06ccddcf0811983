import { choice, number, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineRecallModel } from './model.ts'
import { recallCost } from './parts/recall/cost.ts'
import {
  betaParam,
  contextSymbols,
  decisionOf,
  distractorParam,
  driftEquation,
  featuresParam,
  gammaFCParam,
  itemCueParam,
  optionEquations,
  primacyParams,
  priorListParams,
  raceEquation,
  raceParams,
  rhoParam,
  semanticParam
} from './parts/recall/params.ts'
import { itemContexts } from './parts/recall/features.ts'
import { cmrPresets, presetNames, withPreset } from './parts/recall/presets.ts'
import type { Recaller, RecallSetup } from './parts/recall/recaller.ts'
import { feature, primacy, Region, temporalRegion } from './parts/recall/region.ts'
import { itemCue, semanticCue } from './parts/recall/semantic.ts'

const { full } = cmrPresets

const params = {
  preset: choice('Parameters', 'own', presetNames, {
    help: 'own: the numbers below, which begin as those of the full model. The others are the sets that were fitted to the data of Polyn, Norman & Kahana (2009): full model, positive associations only, distractor but no source.'
  }),
  betaEncodingTemporal: betaParam(
    'Drift at study',
    full.betaEncodingTemporal,
    'How far a studied item moves temporal context.',
    '\\beta_{\\mathrm{enc}}^{T}'
  ),
  betaEncodingSource: betaParam(
    'Source drift at study',
    full.betaEncodingSource,
    'How far the source of a studied item moves source context.',
    '\\beta_{\\mathrm{enc}}^{S}'
  ),
  betaRecallTemporal: betaParam(
    'Drift at recall',
    full.betaRecallTemporal,
    'How far a recalled item moves temporal context.',
    '\\beta_{\\mathrm{rec}}^{T}'
  ),
  betaRecallSource: betaParam(
    'Source drift at recall',
    full.betaRecallSource,
    'How far a recalled item moves source context.',
    '\\beta_{\\mathrm{rec}}^{S}'
  ),
  betaDistractor: distractorParam(0.77),
  shift: betaParam('Shift', full.shift, 'Strength of the disruption when the source changes.', 'd'),
  ...primacyParams(full.phiS, full.phiD),
  gammaFC: gammaFCParam(full.gammaFC),
  sourceWeight: number('Source cueing', full.sourceWeight, {
    help: 'How strongly source context cues items, relative to temporal context.',
    min: 0,
    max: 10,
    symbol: 'L_{sw}'
  }),
  semantic: semanticParam(full.semantic),
  rho: rhoParam,
  ...raceParams(full.kappa, full.lambda, full.eta, full.tau),
  features: featuresParam,
  itemCue: itemCueParam,
  ...priorListParams
}

/**
 * Context maintenance and retrieval.
 *
 *   study i (from 0):  c_in = M^FC f, unit length within each region;  c <- rho c + beta c_in by region;  then
 *     M^FC += gammaFC c f^T,   M^CF += phi_i (f c^T o L),   phi_i = 1 + phiS exp(-phiD i),  L = 1 temporal, L_sw source
 *   M^FC begins as (1-gammaFC) I,  M^CF item x temporal as s times the similarity of the items, zero on the diagonal
 *   a change of source first drifts temporal context by d toward a fresh unit
 *   cue:    a = max(0, M^CF c)
 *   recall: the item alone is on; c drifts by betaRecall; nothing is learned
 *
 * Options, off by default:
 *   features distributed: v_i with v_i · v_j = S_ij in place of unit i: M^FC begins as (1-gammaFC) V^T, M^CF as s V
 *   itemCue:    a_i += w S_ij, j just recalled
 *   priorLists: at the next list M^FC, M^CF <- pi M^FC, pi M^CF, temporal context drifts by betaList toward a fresh unit;
 *     all lists' items studied so far are cued and race, so that those of earlier lists intrude
 *
 * Temporal context [n + 1 + distractors], source context [sources]; the first source starts it. Decision by accumulators.
 * Source: Polyn, Norman & Kahana (2009), A context maintenance and retrieval model of organizational processes in free recall.
 * The options after Morton & Polyn (2016), A predictive framework for evaluating models of semantic organization in free
 * recall, and Lohnas, Polyn & Kahana (2015), Expanding the scope of memory search, whose associations last over lists.
 */
export default defineRecallModel({
  id: 'cmr',
  title: 'CMR',
  family: 'Human free recall',
  interfaces: ['recall'],
  summary: 'Temporal and source context and word meaning together organise free recall.',
  recall:
    'Shows primacy, recency, contiguity with a forward asymmetry (smaller than in most people), and clustering by source and by meaning. Recalls about half a list of 24 with the full parameters and words of ordinary similarity; with unrelated words (s = 0) only about five.',
  equations: [
    'c_{\\mathrm{in}} \\propto M^{FC} f',
    driftEquation,
    '\\Delta M^{FC} = \\gamma_{FC}\\, c f^\\top,\\quad \\Delta M^{CF} = \\phi_i\\,(f c^\\top \\circ L),\\quad \\phi_i = 1 + \\phi_s e^{-\\phi_d i}',
    'M^{FC}_{\\mathrm{pre}} = (1-\\gamma_{FC})\\,I,\\quad M^{CF}_{\\mathrm{pre}} = s\\,S,\\quad S_{ii} = 0',
    'a = \\max(0,\\; M^{CF} c)',
    raceEquation,
    ...optionEquations
  ],
  symbols: [...contextSymbols, { symbol: 'S', meaning: 'similarity of the items', shape: '[n, n]' }],
  source:
    'S. M. Polyn, K. A. Norman & M. J. Kahana (2009), A context maintenance and retrieval model of organizational processes in free recall',
  notes: [
    'The noise of a step is eta sqrt(dt/tau), as in the authors’ code.',
    'Only items of the list race.',
    'Similarity between words comes from the task: it is drawn, or 0 between unrelated words.'
  ],
  params,
  revision: 1,
  simulate: cmr,
  cost: (_, workload) => recallCost(workload, 1)
})

function cmr(given: ValuesOf<typeof params>, setup: RecallSetup): Recaller {
  const p = withPreset(given, given.preset, full)
  const { pool, sources } = setup
  const temporal = temporalRegion(setup, p.rho)
  const source = new Region({ units: sources, pool, rho: p.rho })
  const brought = itemContexts(setup, p.features)
  const similar = p.features === 'localist' ? semanticCue(setup, p.semantic) : undefined
  const meaning = itemCue(setup, p.itemCue)
  const a = new Float64Array(pool)
  let current: number | undefined
  const temporalInput = (x: Float64Array): Float64Array => {
    const out = new Float64Array(temporal.units)
    brought.bring(x, 1 - p.gammaFC, out)
    temporal.retrieve(x, 1, out)
    return out
  }
  /** What item and source bring back together; the source itself through (1-gammaFC) I. */
  const sourceInput = (x: Float64Array, on?: number): Float64Array => {
    const out = new Float64Array(sources)
    if (on !== undefined) out[on] = 1 - p.gammaFC
    source.retrieve(x, 1, out)
    return out
  }
  return {
    decision: decisionOf(p),
    reset() {
      temporal.reset()
      source.reset()
      current = undefined
      meaning.recalled(undefined)
    },
    study(items, from, distractors = 0) {
      meaning.recalled(undefined)
      for (const [i, item] of items.entries()) {
        if (i > 0) for (let k = 0; k < distractors; k++) temporal.distract(p.betaDistractor)
        const x = feature(item, pool)
        const on = from?.[i]
        if (current !== undefined && on !== undefined && on !== current) temporal.distract(p.shift)
        current = on
        temporal.drift(temporalInput(x), p.betaEncodingTemporal)
        source.drift(sourceInput(x, on), p.betaEncodingSource)
        temporal.learn(x, p.gammaFC, primacy(i, p))
        source.learn(x, p.gammaFC, primacy(i, p) * p.sourceWeight)
      }
    },
    ...(p.priorLists > 0 && {
      nextList() {
        temporal.keep(p.priorLists)
        source.keep(p.priorLists)
        temporal.distract(p.betaList)
      }
    }),
    distract: (beta = p.betaDistractor) => temporal.distract(beta),
    recalled(item) {
      meaning.recalled(item)
      const x = feature(item, pool)
      temporal.drift(temporalInput(x), p.betaRecallTemporal)
      source.drift(sourceInput(x), p.betaRecallSource)
    },
    activation() {
      a.fill(0)
      temporal.cue(1, a)
      source.cue(1, a)
      if (similar) similar(temporal.c, a)
      else brought.cue(temporal.c, p.semantic, a)
      meaning.cue(a)
      for (let i = 0; i < pool; i++) a[i] = Math.max(0, a[i])
      return a
    },
    state() {
      const [t, s] = [temporal.arrays(), source.arrays()]
      return { temporal: t.c, source: s.c, fcTemporal: t.fc, fcSource: s.fc, cfTemporal: t.cf, cfSource: s.cf }
    }
  }
}

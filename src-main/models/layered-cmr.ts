import { choice, integer, number, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineRecallModel } from './model.ts'
import { recallCost } from './parts/recall/cost.ts'
import {
  betaParam,
  contextSymbols,
  decisionOf,
  distractorParam,
  driftEquation,
  gammaFCParam,
  primacyParams,
  raceEquation,
  raceParams,
  rhoParam,
  semanticParam
} from './parts/recall/params.ts'
import { cmrPresets } from './parts/recall/presets.ts'
import type { Recaller, RecallSetup } from './parts/recall/recaller.ts'
import { feature, primacy, temporalRegion } from './parts/recall/region.ts'
import { semanticCue } from './parts/recall/semantic.ts'

const { full } = cmrPresets

const params = {
  layers: integer('Layers', 2, {
    help: 'Temporal contexts, each fed by the one before.',
    min: 1,
    max: 16,
    symbol: 'L'
  }),
  betaEncoding: betaParam(
    'Drift at study',
    full.betaEncodingTemporal,
    'How far the input of a layer moves its context.',
    '\\beta_{\\mathrm{enc}}'
  ),
  betaRecall: betaParam(
    'Drift at recall',
    full.betaRecallTemporal,
    'How far a recalled item moves the context of every layer.',
    '\\beta_{\\mathrm{rec}}'
  ),
  betaDistractor: distractorParam(0.77),
  ...primacyParams(full.phiS, full.phiD),
  gammaFC: gammaFCParam(full.gammaFC),
  semantic: semanticParam(full.semantic),
  rho: rhoParam,
  norm: choice('Layer norm', 'none', ['none', 'layer'], {
    help: 'layer: the activations that go up are brought to mean 0 and variance 1 before the softmax, so that no layer fades or runs away',
    later: true
  }),
  gate: number('Gate', 0, {
    help: 'Share of its own input that a layer passes up beside what it recalls; 0 passes recall alone, 1 the items as they came',
    min: 0,
    max: 1,
    symbol: 'g',
    later: true
  }),
  ...raceParams(full.kappa, full.lambda, full.eta, full.tau)
}

/**
 * Layered CMR: temporal contexts in a stack.
 *
 *   x_1 = f,   x_{l+1} = g x_l + (1 - g) softmax(norm(a_l)),   a_l = max(0, M_l^CF c_l)
 *   each layer: c_l drifts by unit(M_l^FC x_l), then M_l^FC += gammaFC c_l x_l^T, M_l^CF += phi_i x_l c_l^T
 *   recall is decided by a_L; every layer drifts with the recalled item
 *
 * norm(a) = a, or with the layer norm (a - mean a) / sqrt(var a + 1e-5) over the items of the pool; g: gate, 0 at first, so
 * that without both the softmax alone goes up. The source names both "to stabilize recall and prevent runaway reinstatement".
 * Layer 1 is CMR without sources. c_l: [n + 1 + distractors]; x_l: [n]. M_l^FC begins as (1-gammaFC) I and M_l^CF as s S.
 * Source: a layered variant of Polyn, Norman & Kahana (2009) in the studio's source documents.
 */
export default defineRecallModel({
  id: 'layered-cmr',
  title: 'Layered CMR',
  family: 'Human free recall',
  interfaces: ['recall'],
  summary: 'CMR in layers: each context takes as its items the activations of the layer before.',
  recall:
    'With one layer it is CMR without sources. In deeper layers the input of every item is nearly the same soft blend of all items, so contexts drift apart slowly and recall is less bound to position. With a gate, a layer passes a share of its own input up beside what it recalls.',
  equations: [
    'x_1 = f,\\quad x_{l+1} = g\\,x_l + (1-g)\\operatorname{softmax}(\\operatorname{norm}(a_l)),\\quad a_l = \\max(0,\\; M^{CF}_l c_l)',
    driftEquation,
    '\\Delta M^{FC}_l = \\gamma_{FC}\\, c_l x_l^\\top,\\quad \\Delta M^{CF}_l = \\phi_i\\, x_l c_l^\\top',
    raceEquation
  ],
  symbols: [
    ...contextSymbols,
    { symbol: 'x_l', meaning: 'item input of layer l', shape: '[n]' },
    { symbol: 'L', meaning: 'number of layers' },
    { symbol: 'g', meaning: 'gate: share of the input that goes up unchanged' }
  ],
  source: 'The layered CMR of unpublished design notes, after S. M. Polyn, K. A. Norman & M. J. Kahana (2009)',
  notes: ['The softmax has temperature 1 and runs over all items of the pool.'],
  params,
  revision: 1,
  simulate: layeredCmr,
  cost: (p, workload) => recallCost(workload, p.layers)
})

function layeredCmr(p: ValuesOf<typeof params>, setup: RecallSetup): Recaller {
  const { pool } = setup
  const layers = Array.from({ length: p.layers }, () => temporalRegion(setup, p.rho))
  const meaning = semanticCue(setup, p.semantic)
  const a = new Float64Array(pool)
  const input = (region: (typeof layers)[number], x: Float64Array): Float64Array => {
    const out = new Float64Array(region.units)
    for (let i = 0; i < pool; i++) out[i] = (1 - p.gammaFC) * x[i]
    region.retrieve(x, 1, out)
    return out
  }
  const normed = (a: Float64Array): Float64Array => (p.norm === 'layer' ? layerNorm(a) : a)
  const activationOf = (region: (typeof layers)[number]): Float64Array => {
    a.fill(0)
    region.cue(1, a)
    meaning(region.c, a)
    for (let i = 0; i < pool; i++) a[i] = Math.max(0, a[i])
    return a
  }
  return {
    decision: decisionOf(p),
    reset: () => layers.forEach((region) => region.reset()),
    study(items, _, distractors = 0) {
      for (const [i, item] of items.entries()) {
        if (i > 0) for (const region of layers) for (let k = 0; k < distractors; k++) region.distract(p.betaDistractor)
        let x = feature(item, pool)
        for (const region of layers) {
          region.drift(input(region, x), p.betaEncoding)
          region.learn(x, p.gammaFC, primacy(i, p))
          const said = softmax(normed(activationOf(region)))
          const own = x
          x = p.gate > 0 ? own.map((value, i) => p.gate * value + (1 - p.gate) * said[i]) : said
        }
      }
    },
    distract: (beta = p.betaDistractor) => layers.forEach((region) => region.distract(beta)),
    recalled(item) {
      const x = feature(item, pool)
      for (const region of layers) region.drift(input(region, x), p.betaRecall)
    },
    activation: () => activationOf(layers[layers.length - 1]),
    state: () =>
      Object.fromEntries(
        layers.flatMap((region, l) => {
          const { c, fc, cf } = region.arrays()
          return [
            [`temporal.${l}`, c],
            [`fc.${l}`, fc],
            [`cf.${l}`, cf]
          ]
        })
      )
  }
}

/** (a - mean) / sqrt(var + 1e-5): Ba, Kiros & Hinton (2016), without gain and bias. */
function layerNorm(a: Float64Array): Float64Array {
  const mean = a.reduce((sum, x) => sum + x, 0) / a.length
  const variance = a.reduce((sum, x) => sum + (x - mean) ** 2, 0) / a.length
  return a.map((x) => (x - mean) / Math.sqrt(variance + 1e-5))
}

function softmax(a: Float64Array): Float64Array {
  const most = a.reduce((m, x) => Math.max(m, x), -Infinity)
  const out = a.map((x) => Math.exp(x - most))
  const sum = out.reduce((s, x) => s + x, 0)
  return out.map((x) => x / sum)
}

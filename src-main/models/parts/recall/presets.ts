/** Published parameter sets of CMR (Polyn, Norman & Kahana, 2009), from the authors' released parameters. */
import { StudioError } from '../../../../src-shared/shapes/errors.ts'

export interface CmrNumbers {
  betaEncodingTemporal: number
  betaEncodingSource: number
  betaRecallTemporal: number
  betaRecallSource: number
  shift: number
  phiS: number
  phiD: number
  gammaFC: number
  sourceWeight: number
  semantic: number
  kappa: number
  lambda: number
  eta: number
  tau: number
}

export const cmrPresets = {
  full: {
    betaEncodingTemporal: 0.77,
    betaEncodingSource: 0.59,
    betaRecallTemporal: 0.51,
    betaRecallSource: 0.59,
    shift: 0.77,
    phiS: 1.07,
    phiD: 0.98,
    gammaFC: 0.898,
    sourceWeight: 0.129,
    semantic: 2.78,
    kappa: 0.111,
    lambda: 0.338,
    eta: 0.38,
    tau: 574
  },
  'positive-association': {
    betaEncodingTemporal: 0.767,
    betaEncodingSource: 0.681,
    betaRecallTemporal: 0.468,
    betaRecallSource: 0.681,
    shift: 0,
    phiS: 0.881,
    phiD: 0.641,
    gammaFC: 0.799,
    sourceWeight: 0.171,
    semantic: 2.71,
    kappa: 0.053,
    lambda: 0.272,
    eta: 0.332,
    tau: 690
  },
  distractor: {
    betaEncodingTemporal: 0.772,
    betaEncodingSource: 0.743,
    betaRecallTemporal: 0.51,
    betaRecallSource: 0.743,
    shift: 0.88,
    phiS: 1.83,
    phiD: 0.942,
    gammaFC: 0.889,
    sourceWeight: 0,
    semantic: 2.8,
    kappa: 0.092,
    lambda: 0.349,
    eta: 0.408,
    tau: 497
  }
} satisfies Record<string, CmrNumbers>

export type PresetName = keyof typeof cmrPresets
export const presetNames = ['own', ...(Object.keys(cmrPresets) as PresetName[])] as const

/**
 * The numbers of a preset over a model's own. A number that a preset sets and the user changed too is refused: it would
 * be silently lost.
 * @throws StudioError bad-input that names the parameter
 */
export function withPreset<T extends CmrNumbers>(
  values: T,
  preset: (typeof presetNames)[number],
  defaults: CmrNumbers
): T {
  if (preset === 'own') return values
  const set = cmrPresets[preset]
  for (const name of Object.keys(set) as (keyof CmrNumbers)[])
    if (name in values && values[name] !== defaults[name] && values[name] !== set[name])
      throw new StudioError(
        'bad-input',
        `The preset "${preset}" sets ${name} to ${set[name]}; choose the preset "own" to set it yourself.`,
        { field: name }
      )
  return { ...values, ...set }
}

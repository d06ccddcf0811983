/** The closed forms of TCM on an orthonormal list, and the length of every context. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillParams, type ParamValues } from '../../../../src-shared/shapes/params.ts'
import cmr from '../../../../src-main/models/cmr.ts'
import layeredCmr from '../../../../src-main/models/layered-cmr.ts'
import type { AnyModel } from '../../../../src-main/models/model.ts'
import { drift, norm } from '../../../../src-main/models/parts/recall/drift.ts'
import type { Recaller } from '../../../../src-main/models/parts/recall/recaller.ts'
import tcm from '../../../../src-main/models/tcm.ts'

const n = 8
const [beta, gamma, phiS, phiD] = [0.6, 0.55, 1.3, 0.7]
const rho = Math.sqrt(1 - beta * beta)
const list = Array.from({ length: n }, (_, i) => i)

function subject(model: AnyModel, given: ParamValues = {}, sources = 0): Recaller {
  const { values, errors } = fillParams(model.params, given, 'params', undefined, () => undefined)
  if (errors.length) throw new Error(errors[0].message)
  return model.simulate!(values, { pool: n, distractors: 4, sources })
}

/** Context after each studied item of an orthonormal list. */
function contexts(associate: string): Float64Array[] {
  return list.map((last) => {
    const one = subject(tcm, { betaEncoding: beta, associate })
    one.study(list.slice(0, last + 1))
    return one.state().temporal.data
  })
}
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0)

describe('TCM on an orthonormal list', () => {
  it('contexts i and j overlap by rho^|i-j|', () => {
    const c = contexts('updated')
    for (const i of list) for (const j of list) expect(dot(c[i], c[j])).toBeCloseTo(rho ** Math.abs(i - j), 12)
  })

  it.each([
    ['updated', 0],
    ['previous', 1]
  ])('at the end of the list (%s context) position i is cued by L_i rho^(N-i)', (associate, more) => {
    const one = subject(tcm, { betaEncoding: beta, gammaCF: 1, phiS, phiD, associate })
    one.study(list)
    const a = one.activation()
    for (const i of list) expect(a[i]).toBeCloseTo((1 + phiS * Math.exp(-phiD * i)) * rho ** (n - 1 - i + more), 12)
  })

  it.each([
    ['updated', gamma],
    ['previous', gamma * rho]
  ])(
    'the context that an item brings back (%s) cues forward over backward by 1 + (1-gamma) beta / gamma',
    (associate, share) => {
      const one = subject(tcm, { betaEncoding: beta, betaRecall: 1, gammaFC: gamma, gammaCF: 1, phiS: 0, associate })
      one.study(list)
      // With beta 1 the retrieved context replaces the current one.
      one.recalled(3)
      const a = one.activation()
      expect(a[4] / a[2]).toBeCloseTo(1 + ((1 - gamma) * beta) / share, 10)
    }
  )
})

describe('context keeps unit length', () => {
  it('under any drift, whatever the input', () => {
    const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0, max: 1, noNaN: true }), (start, input, b) => {
        const [c, into] = [Float64Array.from(start), Float64Array.from(input)]
        fc.pre(norm(c) > 1e-3 && norm(into) > 1e-3)
        const length = norm(c)
        for (let j = 0; j < c.length; j++) c[j] /= length
        for (const form of ['exact', 'elementwise'] as const) {
          const moved = c.slice()
          drift(moved, into, b, form)
          expect(norm(moved)).toBeCloseTo(1, 6)
        }
      })
    )
  })

  it.each([
    ['tcm', tcm, 0],
    ['cmr', cmr, 2],
    ['layered-cmr', layeredCmr, 0]
  ] as const)('in %s through study, distractors and recall', (_, model, sources) => {
    const one = subject(model, {}, sources)
    const check = (): void => {
      for (const [name, { data }] of Object.entries(one.state()))
        if (/^(temporal|source)/.test(name) && data.length) expect(norm(data), name).toBeCloseTo(1, 6)
    }
    one.study(list, sources ? list.map((i) => (i < 4 ? 0 : 1)) : undefined)
    check()
    one.distract()
    check()
    for (const item of [7, 0, 3]) {
      one.recalled(item)
      check()
    }
  })

  it('without input nothing drifts, and an empty context takes its first input whole', () => {
    const c = Float64Array.of(1, 0)
    drift(c, Float64Array.of(0, 0), 0.5)
    expect([...c]).toEqual([1, 0])
    const empty = new Float64Array(2)
    drift(empty, Float64Array.of(0, 3), 0.5)
    expect([...empty]).toEqual([0, 1])
  })
})

describe('the drift called elementwise', () => {
  it('is the exact one for a fresh input, and differs from it where the input overlaps with context', () => {
    const both = (input: number[]): number[][] =>
      (['exact', 'elementwise'] as const).map((form) => {
        const c = Float64Array.of(0.6, 0.8, 0)
        drift(c, Float64Array.from(input), 0.5, form)
        return [...c]
      })
    const [exact, products] = both([0, 0, 1])
    exact.forEach((x, i) => expect(products[i]).toBeCloseTo(x, 12))
    const [a, b] = both([0, 1, 0])
    expect(Math.abs(a[1] - b[1])).toBeGreaterThan(0.01)
  })
})

describe('parameters', () => {
  it('a preset takes the place of the numbers, and a number of one’s own beside it is refused', () => {
    const distractor = subject(cmr, { preset: 'distractor' })
    expect(distractor.decision).toMatchObject({ kappa: 0.092, lambda: 0.349, eta: 0.408, tau: 497 })
    expect(() => subject(cmr, { preset: 'full', phiS: 3 })).toThrow('sets phiS to 1.07')
  })
  it('layered CMR of one layer is CMR without sources', () => {
    const [one, plain] = [subject(layeredCmr, { layers: 1 }), subject(cmr)]
    for (const s of [one, plain]) {
      s.study(list)
      s.recalled(2)
    }
    const expected = plain.activation().slice()
    one.activation().forEach((a, i) => expect(a).toBeCloseTo(expected[i], 12))
  })
  it('a list begins anew after a reset', () => {
    for (const model of [tcm, cmr, layeredCmr]) {
      const one = subject(model)
      one.study(list)
      const first = one.activation().slice()
      one.recalled(1)
      one.reset()
      one.study(list)
      expect([...one.activation()]).toEqual([...first])
    }
  })
})

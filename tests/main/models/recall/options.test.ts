/** Options of TCM and CMR that are off by default, against the equations written out with the vectors themselves. */
import { describe, expect, it } from 'vitest'
import { fillParams, type ParamValues } from '../../../../src-shared/shapes/params.ts'
import { seeded } from '../../../../src-shared/statistics/random.ts'
import cmrLuce from '../../../../src-main/models/cmr-luce.ts'
import cmr from '../../../../src-main/models/cmr.ts'
import layeredCmr from '../../../../src-main/models/layered-cmr.ts'
import type { AnyModel } from '../../../../src-main/models/model.ts'
import { patterns } from '../../../../src-main/models/parts/recall/features.ts'
import type { Recaller, RecallSetup } from '../../../../src-main/models/parts/recall/recaller.ts'
import tcm from '../../../../src-main/models/tcm.ts'

const [n, d] = [6, 4]
const uniform = seeded(11)
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, i) => s + x * b[i], 0)
const unit = (a: readonly number[]): number[] => a.map((x) => x / Math.sqrt(dot(a, a)))
/** Words as vectors: fewer columns than words, so that their similarity has no full rank. */
const words = Array.from({ length: n }, () => unit(Array.from({ length: d }, () => uniform() - 0.3)))
const similarity = Float64Array.from(words.flatMap((a) => words.map((b) => dot(a, b))))
const list = Array.from({ length: n }, (_, i) => i)

function subject(model: AnyModel, given: ParamValues, setup: Partial<RecallSetup> = {}): Recaller {
  const { values, errors } = fillParams(model.params, given, 'params', undefined, () => undefined)
  if (errors.length) throw new Error(errors[0].message)
  return model.simulate!(values, { pool: n, distractors: 20, sources: 1, similarity, ...setup })
}

/** c <- rho c + beta unit(input). */
function drifted(c: readonly number[], input: readonly number[], beta: number): number[] {
  const into = unit(input)
  const overlap = dot(c, into)
  const rho = Math.sqrt(1 + beta ** 2 * (overlap ** 2 - 1)) - beta * overlap
  return c.map((x, j) => rho * x + beta * into[j])
}
const close = (found: Float64Array, expected: readonly number[]): void =>
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 9))

/** A list studied and one item recalled with the words' own vectors in context, the start unit last. */
function written(
  { own, enc, rec, learned }: { own: number; enc: number; rec: number; learned: (i: number) => number },
  fcRate: number,
  recalled: number
): { c: number[]; cf: number[][] } {
  const v = words.map((word) => [...word, 0])
  const zero = (): number[][] => words.map(() => new Array<number>(d + 1).fill(0))
  const [fc, cf] = [zero(), zero()]
  let c = [...new Array<number>(d).fill(0), 1]
  const input = (i: number): number[] => v[i].map((x, j) => own * x + fc[i][j])
  for (const i of list) {
    c = drifted(c, input(i), enc)
    for (let j = 0; j <= d; j++) {
      fc[i][j] += fcRate * c[j]
      cf[i][j] += learned(i) * c[j]
    }
  }
  return { c: drifted(c, input(recalled), rec), cf }
}

describe('distributed item features', () => {
  it('are vectors of unit length with the similarities of the words as their products', () => {
    const V = patterns(n, similarity)
    for (const i of list)
      for (const j of list) {
        const rows = [i, j].map((k) => Array.from(V.subarray(k * n, (k + 1) * n)))
        expect(dot(rows[0], rows[1])).toBeCloseTo(similarity[i * n + j], 9)
      }
  })
  it('are of unit length where no vectors have these similarities, and those before them keep theirs', () => {
    // Three words of which two are opposite and both like the third.
    const impossible = [1, -0.9, 0.9, -0.9, 1, 0.9, 0.9, 0.9, 1]
    const V = patterns(3, impossible)
    for (const i of [0, 1, 2])
      expect(dot([...V.subarray(3 * i, 3 * i + 3)], [...V.subarray(3 * i, 3 * i + 3)])).toBeCloseTo(1, 12)
    expect(V[0] * V[3]).toBeCloseTo(-0.9, 12)
    // The same word twice adds no direction.
    expect([...patterns(2, [1, 1, 1, 1])]).toEqual([1, 0, 1, 0])
  })
  it('let TCM drift and be cued as with the words’ own vectors in context', () => {
    const [enc, rec, gammaFC, gammaCF, phiS, phiD] = [0.6, 0.7, 0.4, 0.7, 1.5, 0.8]
    const one = subject(tcm, {
      features: 'distributed',
      betaEncoding: enc,
      betaRecall: rec,
      gammaFC,
      gammaCF,
      phiS,
      phiD
    })
    one.study(list)
    one.recalled(2)
    const primacy = (i: number) => 1 + phiS * Math.exp(-phiD * i)
    const { c, cf } = written({ own: 1 - gammaFC, enc, rec, learned: primacy }, gammaFC, 2)
    close(
      one.activation(),
      words.map((word, i) => (1 - gammaCF) * dot([...word, 0], c) + gammaCF * dot(cf[i], c))
    )
  })
  it('give CMR both pre-experimental matrices', () => {
    const given = {
      features: 'distributed',
      betaEncodingTemporal: 0.5,
      betaRecallTemporal: 0.8,
      gammaFC: 0.6,
      semantic: 0.9
    }
    const one = subject(cmr, { ...given, sourceWeight: 0, phiS: 0 }, { sources: 0 })
    one.study(list)
    one.recalled(4)
    const { c, cf } = written({ own: 0.4, enc: 0.5, rec: 0.8, learned: () => 1 }, 0.6, 4)
    close(
      one.activation(),
      words.map((word, i) => Math.max(0, dot(cf[i], c) + 0.9 * dot([...word, 0], c)))
    )
  })
  it('without a similarity are localist', () => {
    const both = ['localist', 'distributed'].map((features) => {
      const one = subject(tcm, { features }, { similarity: undefined })
      one.study(list)
      one.recalled(1)
      return [...one.activation()]
    })
    expect(both[0]).toEqual(both[1])
  })
})

describe('cueing by meaning', () => {
  it.each([
    ['TCM', tcm],
    ['CMR', cmr]
  ])('adds to what is like the word just recalled, in %s, from the first recall on', (_, model) => {
    const [plain, cued] = [subject(model, {}), subject(model, { itemCue: 0.7 })]
    for (const one of [plain, cued]) one.study(list)
    expect([...cued.activation()]).toEqual([...plain.activation()])
    for (const item of [3, 0]) {
      for (const one of [plain, cued]) one.recalled(item)
      const [a, b] = [plain.activation(), cued.activation()]
      for (const i of list) {
        const more = i === item ? 0 : 0.7 * similarity[i * n + item]
        // CMR's activations are at least 0.
        if (a[i] > 0 && b[i] > 0) expect(b[i] - a[i]).toBeCloseTo(more, 12)
      }
    }
    cued.study(list)
    plain.study(list)
    expect([...cued.activation()]).toEqual([...plain.activation()])
  })
})

describe('prior lists', () => {
  it.each([
    ['TCM', tcm, {}],
    ['CMR', cmr, {}]
  ])('that are kept whole and near are one long list, but for primacy, in %s', (_, model, more) => {
    const given = { priorLists: 1, betaList: 0, phiS: 0, ...more }
    const [two, one] = [subject(model, given), subject(model, given)]
    two.study([0, 1, 2], [0, 0, 0])
    two.nextList!()
    two.study([3, 4, 5], [0, 0, 0])
    one.study(
      list,
      list.map(() => 0)
    )
    close(two.activation(), [...one.activation()])
  })
  it('fade by their share, and context moves on', () => {
    const shares = [1, 0.5, 0.1].map((priorLists) => {
      const one = subject(tcm, { priorLists, betaList: 0.6, gammaCF: 1, phiS: 0, gammaFC: 0 })
      one.study([0, 1, 2])
      one.nextList!()
      one.study([3, 4, 5])
      const a = one.activation()
      // What an item of the earlier list lost on the way: three items and a fresh unit, all at right angles.
      return [a[2], priorLists * 0.8 * 0.6 ** 3]
    })
    for (const [found, expected] of shares) expect(found).toBeCloseTo(expected, 12)
  })
  it('are not there by default: every list begins anew', () => {
    for (const model of [tcm, cmr, layeredCmr, cmrLuce]) expect(subject(model, {}).nextList).toBeUndefined()
  })
})

describe('distractors between words', () => {
  it.each([
    ['TCM', tcm, { phiS: 0 }],
    ['CMR', cmr, { phiS: 0 }],
    ['layered CMR', layeredCmr, { phiS: 0 }]
  ])('are those of a list that is studied word by word with distractors in between, in %s', (_, model, given) => {
    const [once, apart] = [subject(model, given), subject(model, given)]
    once.study(
      list,
      list.map(() => 0),
      2
    )
    for (const item of list) {
      if (item > 0) for (let k = 0; k < 2; k++) apart.distract()
      apart.study([item], [0])
    }
    close(once.activation(), [...apart.activation()])
  })
  it('leave less of the words before in the context of CMR with Luce’s rule, by sqrt(1 - B_enc²) each', () => {
    const [beta, between] = [0.6, 2]
    const one = subject(cmrLuce, { B_enc: beta, B_start: 0 })
    one.study(list, undefined, between)
    const c = one.state().temporal.data
    const rho = Math.sqrt(1 - beta * beta)
    for (const i of list) expect(c[i]).toBeCloseTo(beta * rho ** ((between + 1) * (n - 1 - i)), 12)
  })
})

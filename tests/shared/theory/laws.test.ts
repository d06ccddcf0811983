import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src-shared/statistics/random.ts'
import * as theory from '../../../src-shared/theory/laws.ts'

const random = seeded(11)
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const vector = (d: number): number[] => Array.from({ length: d }, normal)
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
const unit = (v: number[]): number[] => v.map((x) => x / Math.sqrt(dot(v, v)))
const cosine = (a: number[], b: number[]): number => dot(unit(a), unit(b))
const mean = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length

describe('the mean of e^(b cos) on the sphere', () => {
  it('is sinh(b)/b in three dimensions', () => {
    for (const b of [0.1, 1, 5, 30]) expect(theory.sphereMean(b, 3) / (Math.sinh(b) / b)).toBeCloseTo(1, 12)
  })
  it('is the Bessel function I0 in two, as tabulated', () => {
    expect(theory.sphereMean(1, 2)).toBeCloseTo(1.2660658777520084, 13)
    expect(theory.sphereMean(2, 2)).toBeCloseTo(2.2795853023360673, 13)
  })
  it('is what random unit vectors give', () => {
    const sample = Array.from({ length: 20_000 }, () => Math.exp(3 * unit(vector(8))[0]))
    expect(Math.abs(mean(sample) / theory.sphereMean(3, 8) - 1)).toBeLessThan(0.03)
  })
})

describe('the laws', () => {
  it('give the values named in the literature and in limits', () => {
    expect(theory.linearAssociator(2, 32)).toBeCloseTo(0.985, 3)
    expect(theory.associatorCapacity(64, 0.8) - 1).toBeCloseTo(0.5625 * 64, 10)
    expect(theory.correlatedAssociator(20, 64, 0)).toBe(theory.linearAssociator(20, 64))
    expect(theory.deltaRule(1, 16)).toBe(1)
    expect(theory.ringBuffer(200, 100)).toBe(0.5)
    expect(theory.overwritten.hebb).toBeCloseTo(0.707, 3)
    // E|n| of one dimension is sqrt(2/pi), of three 2 sqrt(2/pi).
    expect(theory.normalLength(1)).toBeCloseTo(Math.sqrt(2 / Math.PI), 12)
    expect(theory.normalLength(3)).toBeCloseTo(2 * Math.sqrt(2 / Math.PI), 12)
  })
  it('let the delta rule beat Hebb only below N of about .72 d', () => {
    const crossing = Array.from({ length: 200 }, (_, i) => i + 2).find(
      (n) => theory.deltaRule(n, 100) < theory.linearAssociator(n, 100)
    )!
    expect(Math.abs(crossing / 100 - 0.72)).toBeLessThan(0.04)
  })
  it('agree with a simulated delta rule', () => {
    const [d, n] = [16, 20]
    const runs = Array.from({ length: 80 }, () => {
      const keys = Array.from({ length: n }, () => unit(vector(d)))
      const values = Array.from({ length: n }, () => vector(d))
      const w = Array.from({ length: d }, () => new Array<number>(d).fill(0))
      keys.forEach((k, i) => {
        const error = w.map((row, r) => values[i][r] - dot(row, k))
        w.forEach((row, r) => row.forEach((_, c) => (row[c] += error[r] * k[c])))
      })
      return mean(
        keys.map((k, i) =>
          cosine(
            w.map((row) => dot(row, k)),
            values[i]
          )
        )
      )
    })
    expect(Math.abs(mean(runs) - theory.deltaRule(n, d))).toBeLessThan(0.02)
  })
  it('agree with a simulated Hopfield network', () => {
    for (const [d, n, beta] of [
      [16, 40, 3],
      [16, 40, 8]
    ]) {
      const [cosines, shares]: [number[], number[]] = [[], []]
      for (let run = 0; run < 60; run++) {
        const keys = Array.from({ length: n }, () => unit(vector(d)))
        const values = Array.from({ length: n }, () => vector(d))
        for (let i = 0; i < 4; i++) {
          const weights = keys.map((k) => Math.exp(beta * dot(k, keys[i])))
          const read = values[0].map((_, c) => weights.reduce((sum, w, j) => sum + w * values[j][c], 0))
          cosines.push(cosine(read, values[i]))
          shares.push(weights[i] / weights.reduce((a, b) => a + b, 0))
        }
      }
      expect(Math.abs(mean(cosines) - theory.hopfield(n, d, beta))).toBeLessThan(0.03)
      expect(Math.abs(mean(shares) - theory.hopfieldShare(n, d, beta))).toBeLessThan(0.03)
    }
  })
})

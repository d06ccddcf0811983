import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  fCdf,
  incompleteBeta,
  incompleteGamma,
  lgamma,
  normalCdf,
  normalQuantile,
  tCdf,
  tQuantile
} from '../../../src-shared/statistics/special.ts'

function near(got: number, expected: number, relative = 1e-12): void {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(relative * Math.abs(expected))
}

describe('the gamma function', () => {
  it('is the factorial at whole numbers', () => {
    let factorial = 1
    for (let n = 3; n < 60; n++) {
      factorial *= n - 1
      near(lgamma(n), Math.log(factorial), 1e-13)
    }
  })
  it('is sqrt(pi) at one half, and refuses zero', () => {
    near(lgamma(0.5), Math.log(Math.PI) / 2, 1e-13)
    expect(lgamma(0)).toBeNaN()
  })
})

describe('the incomplete gamma function', () => {
  it('is the Poisson sum at whole a', () => {
    for (const x of [0.1, 1, 3, 10, 40]) {
      let [term, sum] = [Math.exp(-x), Math.exp(-x)]
      for (let k = 1; k < 7; k++) sum += term *= x / k
      near(incompleteGamma(7, x).upper, sum, 1e-12)
    }
  })
})

describe('the incomplete beta function', () => {
  it('is a binomial tail at whole a and b', () => {
    // I_x(a, n - a + 1) = sum over j >= a of C(n, j) x^j (1-x)^(n-j)
    const [n, a, x] = [12, 5, 0.37]
    let [sum, choose] = [0, 1]
    for (let j = 0; j <= n; j++) {
      if (j >= a) sum += choose * x ** j * (1 - x) ** (n - j)
      choose = (choose * (n - j)) / (j + 1)
    }
    near(incompleteBeta(x, a, n - a + 1), sum)
  })
  it('is symmetric and rising', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.2, max: 50, noNaN: true }),
        fc.double({ min: 0.2, max: 50, noNaN: true }),
        (x, a, b) => {
          expect(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a)).toBeCloseTo(1, 11)
          expect(incompleteBeta(x, a, b)).toBeLessThanOrEqual(incompleteBeta(x + 0.01, a, b) + 1e-13)
        }
      )
    )
  })
})

describe('the normal distribution', () => {
  it('has the published quantiles', () => {
    near(normalQuantile(0.975), 1.959963984540054, 1e-13)
    near(normalQuantile(0.995), 2.5758293035489004, 1e-13)
    near(normalQuantile(0.9), 1.2815515655446004, 1e-13)
    expect(normalQuantile(0.5)).toBeCloseTo(0, 14)
  })
  it('keeps its precision far out in the tail', () => near(normalCdf(-10), 7.61985302416052e-24, 1e-12))
  it('refuses a probability outside 0 to 1', () => expect(normalQuantile(1.1)).toBeNaN())
})

describe("Student's t", () => {
  it('has its closed forms at 1 and 2 degrees of freedom', () => {
    for (const t of [-40, -3, -0.4, 0, 0.7, 2, 12]) {
      near(tCdf(t, 1), 0.5 + Math.atan(t) / Math.PI, 1e-11)
      near(tCdf(t, 2), 0.5 + t / (2 * Math.sqrt(2 + t * t)), 1e-11)
    }
  })
  it('has the quantiles of the printed table', () => {
    // Two-sided 95 % and 99 %: any statistics textbook.
    const table: [number, number, number][] = [
      [1, 12.706, 63.657],
      [4, 2.776, 4.604],
      [9, 2.262, 3.25],
      [19, 2.093, 2.861],
      [30, 2.042, 2.75],
      [120, 1.98, 2.617]
    ]
    for (const [v, p95, p99] of table) {
      expect(Math.abs(tQuantile(0.975, v) - p95)).toBeLessThan(0.0006)
      expect(Math.abs(tQuantile(0.995, v) - p99)).toBeLessThan(0.0006)
    }
  })
  it('inverts itself', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 300 }), (p, v) => {
        near(tCdf(tQuantile(p, v), v), p, 1e-11)
      }),
      { numRuns: 40 }
    )
  })
})

describe("Fisher's F", () => {
  it('is the square of t with one degree above', () => near(fCdf(2.5 ** 2, 1, 9), 2 * tCdf(2.5, 9) - 1, 1e-12))
  it('has the quantiles of the printed table', () => {
    near(fCdf(3.7083, 3, 10), 0.95, 1e-5)
    near(fCdf(2.7109, 5, 20), 0.95, 1e-5)
  })
})

/** Bootstrap intervals. Sources: Efron & Tibshirani (1993); Davison & Hinkley (1997) for strata. */
import { StudioError } from '../shapes/errors.ts'
import { checkSample } from './interval.ts'
import { compare, tolerance } from './numbers.ts'
import { quantile } from './quantile.ts'
import type { Uniform } from './random.ts'
import { normalCdf, normalQuantile } from './special.ts'

export interface BootstrapOptions {
  random: Uniform
  draws?: number
  level?: number
  method?: 'percentile' | 'BCa'
}

export interface BootstrapInterval {
  estimate: number
  low: number
  high: number
  method: string
}

/**
 * The interval of any statistic of one or more samples. Each sample is a stratum: it is resampled within itself, so a
 * curve over grid points or a mean over tasks keeps its design. With BCa the interval is corrected for bias and
 * acceleration (jackknife within strata); percentile also serves statistics that can be infinite.
 * @throws StudioError bad-input for an empty or non-finite sample
 */
export function bootstrap(
  samples: readonly (readonly number[])[],
  statistic: (samples: readonly (readonly number[])[]) => number,
  { random, draws = 4000, level = 0.95, method = 'BCa' }: BootstrapOptions
): BootstrapInterval {
  if (samples.length === 0) throw new StudioError('bad-input', 'A bootstrap needs at least one sample.')
  for (const sample of samples) checkSample(sample)
  // Sorted: the draws do not depend on the order of the trials.
  const strata = samples.map((sample) => [...sample].sort((a, b) => a - b))
  const estimate = statistic(strata)
  const copies = strata.map((sample) => [...sample])
  const values = Float64Array.from({ length: draws }, () => {
    strata.forEach((sample, s) => {
      for (let i = 0; i < sample.length; i++) copies[s][i] = sample[Math.floor(random() * sample.length)]
    })
    return statistic(copies)
  }).sort()
  const tails: [number, number] = [(1 - level) / 2, (1 + level) / 2]
  const [from, to] = method === 'BCa' ? corrected(tails, values, estimate, strata, statistic) : tails
  return {
    estimate,
    low: quantile(values, from),
    high: quantile(values, to),
    method: `${Number((level * 100).toPrecision(10))} % ${samples.length > 1 ? 'stratified ' : ''}${method} bootstrap, ${draws} draws`
  }
}

/** The tails moved for bias z0 and acceleration a. */
function corrected(
  tails: [number, number],
  values: Float64Array,
  estimate: number,
  samples: readonly (readonly number[])[],
  statistic: (samples: readonly (readonly number[])[]) => number
): [number, number] {
  let below = 0
  const within = tolerance(...samples, [estimate])
  for (const value of values) below += (1 - compare(value, estimate, within)) / 2
  if (below === 0 || below === values.length) return tails
  const z0 = normalQuantile(below / values.length)
  let [cubes, squares] = [0, 0]
  samples.forEach((sample, s) => {
    const n = sample.length
    if (n < 2) return
    const left = sample.map((_, i) => statistic(samples.map((x, j) => (j === s ? x.filter((_, k) => k !== i) : x))))
    const centre = left.reduce((sum, x) => sum + x, 0) / n
    for (const x of left) {
      const influence = (n - 1) * (centre - x)
      cubes += influence ** 3 / n ** 3
      squares += influence ** 2 / n ** 2
    }
  })
  const a = squares > 0 ? cubes / (6 * squares ** 1.5) : 0
  return tails.map((tail) => {
    const z = z0 + normalQuantile(tail)
    return normalCdf(z0 + z / (1 - a * z))
  }) as [number, number]
}

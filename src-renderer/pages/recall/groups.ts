/** Tests between groups of people and models, and the place of models among people. */
import { intervalOf, measuresOf, type Group } from '../../../src-shared/figures/recall.ts'
import type { Measure } from '../../../src-shared/recall/measures/measure.ts'
import { recallMeasures } from '../../../src-shared/recall/measures/registry.ts'
import type { SubjectValue } from '../../../src-shared/recall/statistics.ts'
import { quantile } from '../../../src-shared/statistics/quantile.ts'
import { holm, welch } from '../../../src-shared/statistics/significance.ts'

const present = (values: readonly SubjectValue[] | undefined): number[] =>
  values?.filter((value): value is number => value !== null && Number.isFinite(value)) ?? []

/** How a measure of one group differs from that of another. */
export interface GroupDifference {
  measure: Measure
  first: string
  second: string
  /** Second minus first. */
  difference: number
  p: number
  /** p after Holm over all tests of the table. */
  adjusted: number
}

/** Welch's test of every measure between the first group and each other one, p values adjusted by Holm. */
export function groupDifferences(groups: readonly Group[]): GroupDifference[] {
  const [first, ...others] = groups
  const tests = others.flatMap((other) =>
    measuresOf(groups).flatMap((measure) => {
      const [a, b] = [first, other].map(({ numbers }) => present(numbers[measure.name]))
      if (a.length < 2 || b.length < 2) return []
      const { p } = welch(a, b)
      if (p === null || Number.isNaN(p)) return []
      const mean = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length
      return [{ measure, first: first.label, second: other.label, difference: mean(b) - mean(a), p }]
    })
  )
  const adjusted = holm(tests.map(({ p }) => p))
  return tests.map((test, i) => ({ ...test, adjusted: adjusted[i] }))
}

/** Fewer people than this have no range worth the name. */
const fewestPeople = 5

/** Where models lie among people in one measure. */
export interface PlaceAmongPeople {
  measure: Measure
  /** The middle nine tenths of people. */
  low: number
  high: number
  people: number
  /** For each model: its mean over seeds, and the share of people below it (equal ones count half); null without a value. */
  models: readonly ({ mean: number; below: number; within: boolean } | null)[]
}

/** Every measure that people and at least one model have. */
export function placesAmongPeople(people: Group, models: readonly Group[]): PlaceAmongPeople[] {
  return recallMeasures.flatMap((measure) => {
    const values = present(people.numbers[measure.name]).sort((a, b) => a - b)
    if (values.length < fewestPeople) return []
    const [low, high] = [quantile(values, 0.05), quantile(values, 0.95)]
    const places = models.map(({ numbers }) => {
      const own = intervalOf(numbers[measure.name])
      if (!own) return null
      const below = values.reduce((sum, v) => sum + (v < own.mean ? 1 : v === own.mean ? 0.5 : 0), 0) / values.length
      return { mean: own.mean, below, within: own.mean >= low && own.mean <= high }
    })
    return places.some((place) => place !== null) ? [{ measure, low, high, people: values.length, models: places }] : []
  })
}

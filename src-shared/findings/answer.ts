/** What a comparison says, in a sentence: which model is best, by how much, how sure that is, and what is not known. */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import { liesAt } from '../shapes/point.ts'
import type { CellResult } from '../shapes/run.ts'
import { pairedT } from '../statistics/significance.ts'
import { seedsToTell } from '../statistics/power.ts'
import { intervalText } from '../text/interval-text.ts'
import { numberText, plural, pValue, valueText, withEnds } from '../text/numbers.ts'
import type { Labelled } from './compare.ts'
import { listText } from './naming.ts'
import { pairBySeed } from './pairs.ts'
import { rank, type Ranked } from './ranking.ts'
import { pooled } from './rank-table.ts'
import { cellInterval, sizeOf, timedCell, type SweptAxis } from './results.ts'

/** Where models are compared: at one value of the drawn axis, or over all the points that they share. */
export interface Place {
  /** How many points are pooled; 1 for a single one. */
  points: number
  models: Labelled[]
}

/**
 * The models at a value of an axis; without a value over all of its values, each model one cell of its means by seed.
 * @param at a value for every axis that is not drawn
 */
export function modelsAt(
  cells: readonly CellResult[],
  { axis, value, at }: { axis: SweptAxis | undefined; value?: AxisValue | undefined; at: Point },
  metric: MetricInfo,
  labelOf: (cell: CellResult) => string
): Place {
  const here = cells.filter((cell) => liesAt(cell.point, at))
  if (axis && value === undefined) {
    const over = pooled(here, metric, labelOf)
    return { points: over?.points ?? 0, models: over?.models ?? [] }
  }
  const own = axis ? here.filter((cell) => liesAt(cell.point, { [axis.name]: value! })) : here
  return { points: 1, models: own.map((cell) => ({ label: labelOf(cell), cell: timedCell(cell, metric.name) })) }
}

export interface Answer {
  /** Which model is best, by how much, and against whom that is significant. */
  verdict: string
  /** With whom it ties, and how many seeds would tell; undefined where nothing is open. */
  unknown?: string
}

/**
 * The answer for models at one place: the best mean, tested against every other one by a paired t test over common
 * seeds, Holm-corrected, as tables mark it.
 * @param where `at items = 16`, `over 3 values of items`; empty where there is but one point
 * @returns undefined where there is nothing to compare
 */
export function answer(models: readonly Labelled[], metric: MetricInfo, where: string): Answer | undefined {
  const [first] = models
  if (!first) return undefined
  const name = inText(metric.label)
  const placed = where && ` ${where}`
  if (models.length === 1) {
    const said = estimateOf(first.cell, metric)
    if (said === undefined) return { verdict: `${first.label} has no finished trial${placed}.` }
    return { verdict: `${first.label}${placed}: ${name} ${said}; there is no other model to compare it with.` }
  }
  if (metric.direction === 'none')
    return { verdict: `${metric.label} has no better direction: no model is best${placed}.` }
  const labels = new Map(models.map(({ label, cell }) => [cell, label]))
  const labelOf = ({ cell }: Ranked): string => labels.get(cell)!
  const ranked = rank(
    models.map(({ cell }) => cell),
    metric
  )
  const of = (verdict: Ranked['verdict']): Ranked[] => ranked.filter((r) => r.verdict === verdict)
  const [best, tied, worse, untested] = [of('best'), of('not different'), of('different'), of('untested')]
  if (!best.length) return { verdict: `No model has a finished trial${placed}.` }
  const top = best[0]
  const value = estimateOf(top.cell, metric)
  const silent = untested.filter(({ cell }) => !cellInterval(cell, metric.name))
  const lone = untested.filter((r) => !silent.includes(r))
  const sign = metric.direction === 'higher' ? 1 : -1
  const nearest = [...tied, ...worse, ...lone].sort(
    (a, b) => sign * (cellInterval(b.cell, metric.name)!.mean - cellInterval(a.cell, metric.name)!.mean)
  )
  const next = nearest.at(0)
  const lead = next && leadOver(top, next, metric)
  const ahead = next && lead ? `, ${lead} ${metric.direction === 'higher' ? 'above' : 'below'} ${labelOf(next)}` : ''
  const names = (list: readonly Ranked[]): string => listText(list.map(labelOf))
  const size = plural(worse.length + tied.length, 'test')
  const sure = worse.length
    ? `significantly better than ${names(worse)} (${worse.length > 1 ? 'all ' : ''}p ${atMost(Math.max(...worse.map(({ p }) => p!)))} after Holm over ${size})`
    : ''
  const verdict =
    best.length > 1
      ? `${names(best)} are equally good${placed}: ${name} ${value}${sure && `; ${sure}`}.`
      : tied.length
        ? `${labelOf(top)} has the best ${name}${placed}, ${value}${ahead}, but cannot be told from ${names(tied)}${sure && `; it is ${sure}`}.`
        : worse.length
          ? `${labelOf(top)} is best${placed}: ${name} ${value}${ahead}; ${sure}.`
          : `${labelOf(top)} has the best ${name}${placed}, ${value}${ahead}; nothing could be tested.`
  const unknown = [
    ...tied.map((r) => openAgainst(labelOf(top), labelOf(r), top, r, metric, tied.length + worse.length)),
    lone.length > 0 && `Too few common seeds to test ${names(lone)}: two are needed.`,
    silent.length > 0 && `No finished trial of ${names(silent)}.`
  ].filter(Boolean)
  return { verdict, ...(unknown.length > 0 && { unknown: unknown.join(' ') }) }
}

/** What stands for a pair of models that could not be told apart. */
function openAgainst(a: string, b: string, one: Ranked, other: Ranked, metric: MetricInfo, tests: number): string {
  const pairs = pairBySeed(timedCell(one.cell, metric.name), timedCell(other.cell, metric.name), metric.name)
  const now = pairs.a.length
  const needed = seedsToTell(
    pairs.a.map((value, i) => value - pairs.b[i]),
    { level: 0.05 / tests }
  )
  const said = `n = ${now}, p = ${pValue(other.p!)}`
  if (needed === null) return `${said}: no number of seeds would tell ${a} from ${b} at the difference seen.`
  // Few seeds that happened to scatter little need no more by this rule, and are not sure for all that.
  const more = Math.max(1, needed - now)
  return `${said}: ${plural(more, 'more seed')} would tell ${a} from ${b}, if difference and spread stay as seen (power 80 %).`
}

/** `0.12 (0.08 to 0.16)`, without its sign; the difference alone where there are too few common seeds for an interval. */
function leadOver(best: Ranked, next: Ranked, { name }: MetricInfo): string | undefined {
  const { a, b } = pairBySeed(timedCell(best.cell, name), timedCell(next.cell, name), name)
  const scale = Math.max(0, ...a.map(Math.abs), ...b.map(Math.abs))
  const [one, two] = [cellInterval(best.cell, name)!.mean, cellInterval(next.cell, name)!.mean]
  if (a.length < 2) return numberText(Math.abs(one - two))
  // The larger one first, so that the number needs no sign.
  const { difference, low, high } = one > two ? pairedT(a, b) : pairedT(b, a)
  return withEnds(difference, low, high, scale)
}

function estimateOf(cell: CellResult, metric: MetricInfo): string | undefined {
  const interval = cellInterval(cell, metric.name)
  if (!interval) return undefined
  const unit = metric.unit ? ` ${metric.unit}` : ''
  return `${intervalText(interval, sizeOf(metric))}${unit} (n = ${interval.n})`
}

const atMost = (p: number): string => (p < 0.001 ? pValue(p) : `≤ ${pValue(p)}`)

/** In a sentence a name begins small, unless it is an abbreviation. */
const inText = (label: string): string =>
  /^\p{Lu}\p{Ll}/u.test(label) ? label[0].toLowerCase() + label.slice(1) : label

/** `at items = 16`, `over 3 values of items`, `at dimension = 8, over 3 values of items`; empty for a single point. */
export function placeText(
  axis: { label: string; values: readonly AxisValue[] } | undefined,
  value: AxisValue | undefined,
  others: readonly { label: string; value: AxisValue }[]
): string {
  const fixed = [...(axis && value !== undefined ? [{ label: axis.label, value }] : []), ...others]
  const at = fixed.length ? `at ${fixed.map((one) => `${inText(one.label)} = ${valueText(one.value)}`).join(', ')}` : ''
  const over = axis && value === undefined ? `over ${plural(axis.values.length, 'value')} of ${inText(axis.label)}` : ''
  return [at, over].filter(Boolean).join(', ')
}
